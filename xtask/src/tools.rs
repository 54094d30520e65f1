//! Programs that cargo installs: below the target directory, each in its one version.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::MetadataCommand;

use crate::run::{command, output, run, say};

/// Installs `tool`, as `[workspace.metadata.tools]` names it, unless it is there, and says where. What is installed besides, for the user,
/// is left alone.
pub(crate) fn install(root: &Path, tool: &str) -> Result<PathBuf> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let dir = metadata.target_directory.join("tools");
    let entry = &metadata.workspace_metadata["tools"][tool];
    let version =
        entry["version"].as_str().with_context(|| format!("Cargo.toml has no version of {tool}"))?;
    let program = dir.join("bin").join(tool);
    // `cargo-insta 1.49.0`, `mdbook v0.5.4`
    let is_there = || {
        let told = output(Command::new(&program).arg("--version"));
        told.is_ok_and(|told| {
            told.split(' ').next_back().map(|word| word.trim_start_matches('v')) == Some(version)
        })
    };
    if is_there() {
        return Ok(program.into());
    }
    say(&format!("{tool} {version} is needed"));
    let mut install = command(root, "cargo install --quiet --locked --debug --force");
    install.args(["--version", version, "--root", dir.as_str(), tool]);
    if entry["default-features"].as_bool() == Some(false) {
        install.arg("--no-default-features");
    }
    // Built in a directory of its own, which goes.
    run(install.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    ensure!(is_there(), "{tool} was installed, and {program} is not version {version}");
    Ok(program.into())
}
