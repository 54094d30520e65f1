//! `cargo xtask workflows`: what GitHub runs, against its schema and for what is unsafe.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::{root, run};
use crate::tools;

const WORKFLOWS: &str = ".github/workflows";

/// Checks each workflow's form; and that none has rights that it does not need, an action that is not pinned, or text of a stranger
/// in a script.
pub(crate) fn workflows() -> Result<()> {
    let root = root();
    let entries = std::fs::read_dir(root.join(WORKFLOWS)).with_context(|| format!("reading {WORKFLOWS}"))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    files.sort();
    ensure!(!files.is_empty(), "{WORKFLOWS} has no workflow");
    let [schema, audit] = ["check-jsonschema", "zizmor"].map(|tool| tools::install_python(&root, tool));
    run(Command::new(schema?).args(["--builtin-schema", "vendor.github-workflows"]).args(&files))?;
    // Offline: what it would look up is whether a pinned commit has the version in the comment beside it.
    run(Command::new(audit?).args(["--offline", "--no-progress", "--quiet", "--pedantic"]).args(&files))
}
