//! Programs that cargo and pip install: below the target directory, each in its one version.

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
    let version = version(entry, tool)?;
    let program = dir.join("bin").join(tool);
    if is_there(program.as_std_path(), version) {
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
    ensure!(
        is_there(program.as_std_path(), version),
        "{tool} was installed, and {program} is not version {version}"
    );
    Ok(program.into())
}

/// Installs `tool`, as `[workspace.metadata.python-tools]` names it, in an environment of its own, unless it is there; and says where.
pub(crate) fn install_python(root: &Path, tool: &str) -> Result<PathBuf> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let dir = metadata.target_directory.join("tools/python").join(tool);
    let version = version(&metadata.workspace_metadata["python-tools"][tool], tool)?;
    let bin = dir.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = bin.join(tool);
    if is_there(program.as_std_path(), version) {
        return Ok(program.into());
    }
    say(&format!("{tool} {version} is needed"));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&dir))
        .context("Python with its module `venv` is needed: on Debian, apt-get install python3-venv")?;
    let mut install = Command::new(bin.join("python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    run(install.arg(format!("{tool}=={version}")))?;
    ensure!(
        is_there(program.as_std_path(), version),
        "{tool} was installed, and {program} is not version {version}"
    );
    Ok(program.into())
}

fn version<'a>(entry: &'a serde_json::Value, tool: &str) -> Result<&'a str> {
    entry["version"].as_str().with_context(|| format!("Cargo.toml has no version of {tool}"))
}

/// Whether the program says this version: `cargo-insta 1.49.0`, `mdbook v0.5.4`.
fn is_there(program: &Path, version: &str) -> bool {
    let told = output(Command::new(program).arg("--version"));
    told.is_ok_and(|told| {
        told.split(' ').next_back().map(|word| word.trim_start_matches('v')) == Some(version)
    })
}
