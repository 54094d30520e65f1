//! The committed snapshots of the examples, run again and again: each run counts what is committed.
//!
//! In release when `PERFASSERT_STEADY_PROFILE=release` says so, which compiles the examples anew: queries are as committed, and
//! allocations are those of another profile, and not compared.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::Message;
use perfassert_test_support::{runs, scrub};

const EXAMPLES: [&str; 3] = ["access-log", "lending", "storefront"];

/// A test program of the examples, and its package's directory.
struct Program {
    executable: PathBuf,
    dir: PathBuf,
}

impl Program {
    /// Runs it so that nothing is written, and anything that is not as committed fails.
    #[track_caller]
    fn run(&self, arguments: &[&str], on_one_core: bool) {
        let mut command = if on_one_core { Command::new("taskset") } else { Command::new(&self.executable) };
        scrub(&mut command);
        if on_one_core {
            command.args(["--cpu-list", "0"]).arg(&self.executable);
        }
        let output = command
            .args(arguments)
            .current_dir(&self.dir)
            .env("INSTA_UPDATE", "no")
            .env("CARGO", env!("CARGO"))
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}\n{printed}", self.executable.display());
    }

    fn tests(&self) -> Vec<String> {
        let output = Command::new(&self.executable).args(["--list", "--format", "terse"]).output().unwrap();
        let listed = String::from_utf8(output.stdout).unwrap();
        listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
    }
}

/// The test programs of the examples that have snapshots.
fn programs() -> Vec<Program> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["test", "--no-run", "--message-format", "json-render-diagnostics"]);
    match std::env::var("PERFASSERT_STEADY_PROFILE") {
        Ok(profile) => build.args(["--profile", &profile]).args(EXAMPLES.map(|it| format!("--package={it}"))),
        // They are built already, as whatever runs this one builds all.
        Err(_) => build.arg("--workspace"),
    };
    let output = build.current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = Message::parse_stream(output.stdout.as_slice()).map(Result::unwrap);
    let programs: Vec<_> = messages
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.profile.test => {
                let source = artifact.target.src_path.parent()?.as_std_path().to_owned();
                Some((artifact.executable?, source))
            }
            _ => None,
        })
        .filter(|(_, source)| source.starts_with(root.join("examples")) && source.join("snapshots").is_dir())
        .map(|(executable, source)| Program {
            executable: executable.into_std_path_buf(),
            dir: source.parent().unwrap().to_owned(),
        })
        .collect();
    assert!(programs.len() >= EXAMPLES.len(), "the examples have snapshots");
    programs
}

#[test]
fn all_at_once_they_count_what_is_committed() {
    for program in programs() {
        for run in 0..runs(10, 50) {
            program.run(&["--test-threads=8"], run % 5 == 0 && cfg!(target_os = "linux"));
        }
    }
}

#[test]
fn alone_they_count_what_is_committed() {
    for program in programs() {
        for test in program.tests() {
            for run in 0..runs(2, 5) {
                program.run(&[&test, "--exact"], run == 0 && cfg!(target_os = "linux"));
            }
        }
    }
}
