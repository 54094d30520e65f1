//! Test binaries of the crates outside of the workspace, each with a lock file of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scrub;

/// Builds the test `test` of the crate in `dir`, with these arguments of cargo's, and says where it is.
///
/// What is compiled stays below `target`, which is to be the caller's `CARGO_TARGET_TMPDIR`.
pub fn build(dir: &Path, target: &str, test: &str, arguments: &[&str]) -> PathBuf {
    let name = dir.file_name().expect("the directory has a name");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    scrub(&mut command);
    command.args(["test", "--quiet", "--no-run", "--locked", "--message-format=json", "--test", test]);
    command.args(arguments).arg("--manifest-path").arg(dir.join("Cargo.toml"));
    let output = command.arg("--target-dir").arg(Path::new(target).join(name)).output().expect("cargo runs");
    let messages = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{messages}{}", String::from_utf8_lossy(&output.stderr));
    let program = messages.lines().find_map(|line| executable(line, test));
    program.unwrap_or_else(|| panic!("cargo names no program of {test}:\n{messages}"))
}

/// The program that a message of cargo's is about, if it is that of the test.
fn executable(message: &str, test: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    if message["target"]["name"] != test {
        return None;
    }
    message["executable"].as_str().map(PathBuf::from)
}
