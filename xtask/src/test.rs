//! `cargo xtask test`: every test there is.

use anyhow::Result;

use crate::run::{command, output, root, run};
use crate::{databases, tools};

/// Runs the tests of all crates, with the databases and programs that they need, then the examples in the documentation.
pub(crate) fn test() -> Result<()> {
    let root = root();
    databases::install(&root)?;
    tools::install(&root, "cargo-insta")?;
    let has_nextest = output(&mut command(&root, "cargo nextest --version")).is_ok();
    let runner = if has_nextest { "cargo nextest run" } else { "cargo test --lib --bins --tests" };
    run(&mut command(&root, &format!("{runner} --workspace --no-fail-fast")))?;
    run(&mut command(&root, "cargo test --workspace --doc --quiet"))
}
