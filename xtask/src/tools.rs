//! The programs that the tests run and cargo installs: below the target directory, each in its one version.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::MetadataCommand;

use crate::run::{command, output, run, say};

/// Installs what `[workspace.metadata.tools]` names and is not there. What is installed besides, for the user, is left alone.
pub(crate) fn install(root: &Path) -> Result<()> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let dir = metadata.target_directory.join("tools");
    let tools = metadata.workspace_metadata["tools"].as_object().context("no tools in Cargo.toml")?;
    for (tool, version) in tools {
        let version = version.as_str().context("the version of a tool is a text")?;
        let program = dir.join("bin").join(tool);
        let is_there = || {
            let told = output(Command::new(&program).arg("--version"));
            told.is_ok_and(|told| told == format!("{tool} {version}"))
        };
        if is_there() {
            continue;
        }
        say(&format!("the tests need {tool} {version}"));
        let mut install = command(root, "cargo install --quiet --locked --debug --force");
        install.args(["--version", version, "--root", dir.as_str(), tool]);
        // Built in a directory of its own, which goes.
        run(install.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
        ensure!(is_there(), "{tool} was installed, and {program} is not version {version}");
    }
    Ok(())
}
