//! `cargo xtask deny`: what the dependencies are, against `deny.toml`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{output, root, run, say};
use crate::tools;

/// Holds the licences, sources and duplicates of all dependencies against `deny.toml`; and known vulnerabilities, where the database of
/// them can be fetched, which `needs_advisories` makes a condition.
pub(crate) fn deny(needs_advisories: bool) -> Result<()> {
    let root = root();
    let program = tools::install(&root, "cargo-deny")?;
    run(deny_command(&root, &program).args(["check", "--deny", "warnings", "bans", "licenses", "sources"]))?;
    match output(deny_command(&root, &program).args(["fetch", "db"])) {
        Ok(_) => run(deny_command(&root, &program).args(["check", "--deny", "warnings", "advisories"])),
        Err(error) if needs_advisories => Err(error).context("fetching the advisories"),
        Err(error) => {
            say(&format!("advisories were NOT checked: their database cannot be fetched here: {error:#}"));
            Ok(())
        }
    }
}

fn deny_command(root: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--locked"]).current_dir(root);
    command
}
