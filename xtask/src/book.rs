//! `cargo xtask book`: the book in `docs/book`, as HTML.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{root, say};
use crate::tools;

/// Builds the book below the target directory. What mdBook warns of is an error.
pub(crate) fn book() -> Result<()> {
    let root = root();
    let mdbook = tools::install(&root, "mdbook")?;
    let html = mdbook.ancestors().nth(3).context("tools lie in the target directory")?.join("book");
    let mut build = Command::new(mdbook);
    build.arg("build").arg(root.join("docs/book")).arg("--dest-dir").arg(&html);
    let built = build.env_remove("RUST_LOG").output().context("running mdbook")?;
    let told = String::from_utf8_lossy(&built.stderr);
    say(told.trim_end());
    ensure!(built.status.success(), "mdbook failed: {}", built.status);
    if told.lines().any(|line| ["WARN", "ERROR"].iter().any(|level| line.contains(level))) {
        bail!("mdbook warns: see above");
    }
    say(&format!("the book is {}", html.join("index.html").display()));
    Ok(())
}
