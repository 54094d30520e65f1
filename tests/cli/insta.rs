//! Snapshots as a team reviews them: with the real `cargo insta`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cargo_metadata::MetadataCommand;

use crate::project::{Project, Ran};

const LIST: &str = "tests/snapshots/api__lists_entries.snap";
const ENTRY: &str = "tests/snapshots/api__shows_an_entry.snap";

/// What `cargo xtask test` installs.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workspace = MetadataCommand::new().current_dir(root).no_deps().exec().unwrap();
        let version = workspace.workspace_metadata["tools"]["cargo-insta"]["version"].as_str().unwrap().to_owned();
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
        let program = tools.join("bin").join("cargo-insta").with_extension(std::env::consts::EXE_EXTENSION);
        let told = Command::new(&program).arg("--version").output().map(|output| output.stdout);
        assert!(
            told.is_ok_and(|told| told.trim_ascii() == format!("cargo-insta {version}").as_bytes()),
            "no cargo-insta {version} at {}\n\n  help: cargo install --locked --debug --force --version {version} \
             --root {tools:?} cargo-insta",
            program.display()
        );
        program
    })
}

pub(crate) fn insta(project: &Project, words: &str) -> Ran {
    insta_with(project, &[], words)
}

/// `cargo insta` with these variables.
fn insta_with(project: &Project, variables: &[(&str, &str)], words: &str) -> Ran {
    let mut command = project.command(program());
    Ran::of(command.args(words.split(' ')).envs(variables.iter().copied()))
}

/// `cargo test` with these variables.
fn test(project: &Project, variables: &[(&str, &str)]) -> Ran {
    let mut command = project.command("cargo");
    Ran::of(command.args(["test", "--quiet", "--test", "api"]).envs(variables.iter().copied()))
}

/// The files that are new or changed since the last commit.
#[track_caller]
fn changed(project: &Project, expected: &[&str]) {
    let status = project.git(&["status", "--porcelain", "--untracked-files=all"]);
    let files: Vec<&str> = status.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert_eq!(files, expected, "{status}");
}

/// What waits for review.
fn pending(snapshot: &str) -> String {
    format!("{snapshot}.new")
}

fn read(project: &Project, path: &str) -> String {
    fs::read_to_string(project.root.join(path)).unwrap()
}

/// The ledger with its snapshots on `main`.
fn committed() -> Project {
    let ledger = Project::ledger();
    insta(&ledger, "test --accept").exits(0);
    ledger.commit("snapshots");
    ledger
}

/// One statement is another.
fn with_another_statement() -> Project {
    let ledger = committed();
    ledger.edit("src/lib.rs", "account = 7", "payer = 7");
    ledger
}

#[test]
fn d42_what_is_pending_is_accepted() {
    let ledger = Project::ledger();
    for variables in [&[][..], &[("INSTA_UPDATE", "new")]] {
        test(&ledger, variables).exits(101).shows(&["cargo insta review"]);
        changed(&ledger, &[&pending(LIST), &pending(ENTRY)]);
    }
    insta(&ledger, "pending-snapshots").exits(0).says(&[LIST, ENTRY]);
    insta(&ledger, "accept").exits(0);
    changed(&ledger, &[LIST, ENTRY]);
    // They are what the tests are compared with from now on, and the baseline of a branch.
    test(&ledger, &[("CI", "true")]).exits(0);
    ledger.commit("snapshots");
    ledger.perfassert(&["diff", "main"]).exits(0).says(&["its committed snapshots): 2 tests compared"]);
    insta(&ledger, "test --check").exits(0);
    changed(&ledger, &[]);
}

#[test]
fn d42_one_of_several_is_accepted_or_rejected() {
    let ledger = with_another_statement();
    ledger.edit("src/lib.rs", "\\\"Entries\\\"", "audits");
    test(&ledger, &[]).exits(101).shows(&["payer = ?", "FROM audits"]);
    insta(&ledger, &format!("accept --snapshot {LIST}")).exits(0);
    insta(&ledger, "reject").exits(0);
    changed(&ledger, &["src/lib.rs", LIST]);
    assert!(read(&ledger, LIST).contains("payer = ?"));
    insta(&ledger, "test --check").exits(1).shows(&["FROM audits"]).shows_nothing_of(&["payer"]);
}

/// On a terminal, as `cargo insta review` asks for one.
#[cfg(target_os = "linux")]
#[test]
fn d42_a_reviewer_accepts() {
    use std::io::Write;
    use std::process::Stdio;

    let ledger = with_another_statement();
    test(&ledger, &[]).exits(101);
    let mut terminal = ledger.command("script");
    terminal.args(["--quiet", "--return", "--command"]);
    terminal.arg(format!("'{}' review", program().display())).arg("/dev/null");
    terminal.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut review = terminal.spawn().unwrap();
    review.stdin.as_mut().unwrap().write_all(b"a").unwrap();
    let reviewed = review.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&reviewed.stdout);
    assert!(reviewed.status.success() && shown.contains("payer"), "{shown}");
    changed(&ledger, &["src/lib.rs", LIST]);
    test(&ledger, &[("CI", "true")]).exits(0);
}

#[test]
fn d42_what_is_in_use_is_kept() {
    // A test alone in its process has allocations in its snapshot.
    const ALONE: &str = "-- --exact lists_entries";
    let ledger = Project::ledger();
    insta(&ledger, &format!("test --accept {ALONE}")).exits(0);
    insta(&ledger, "test --accept").exits(0);
    ledger.commit("snapshots");
    ledger.edit("tests/api.rs", "shows_an_entry", "shows_one");
    insta(&ledger, "test --accept --unreferenced=delete").exits(0).shows(&[ENTRY]).shows_nothing_of(&[LIST]);
    changed(&ledger, &["tests/api.rs", ENTRY, "tests/snapshots/api__shows_one.snap"]);
    // What is as good as equal is in use, too, and stays as it is.
    ledger.commit("one without another");
    ledger.edit("src/lib.rs", "usize = 100", "usize = 95");
    insta(&ledger, &format!("test --accept --unreferenced=delete {ALONE}")).exits(0);
    changed(&ledger, &["src/lib.rs", "tests/snapshots/api__shows_one.snap"]);
    assert!(read(&ledger, LIST).contains("allocs = 100"), "{}", read(&ledger, LIST));
}

#[test]
fn d42_what_is_pending_in_another_directory() {
    let ledger = with_another_statement();
    let dir = ledger.beside().join("pending");
    let elsewhere = &[("INSTA_PENDING_DIR", dir.to_str().unwrap())];
    test(&ledger, &[elsewhere[0], ("INSTA_UPDATE", "new"), ("CI", "true")]).exits(101);
    changed(&ledger, &["src/lib.rs"]);
    assert!(dir.join(pending(LIST)).is_file());
    insta_with(&ledger, elsewhere, "accept").exits(0);
    changed(&ledger, &["src/lib.rs", LIST]);
    assert!(!dir.join(pending(LIST)).exists());
    test(&ledger, &[("CI", "true")]).exits(0);
}

/// insta asks cargo for the workspace, in each process: a suite whose snapshots pass does not.
#[cfg(unix)]
#[test]
fn one_that_passes_asks_nothing_of_cargo() {
    use std::os::unix::fs::PermissionsExt;

    let ledger = committed();
    let mut build = ledger.command("cargo");
    let built =
        build.args(["test", "--no-run", "--test", "api", "--message-format", "json"]).output().unwrap();
    let messages = cargo_metadata::Message::parse_stream(&built.stdout[..]).filter_map(Result::ok);
    let executable = |message| match message {
        cargo_metadata::Message::CompilerArtifact(artifact) => artifact.executable,
        _ => None,
    };
    let program = messages.filter_map(executable).last().unwrap();
    let (cargo, asked) = (ledger.beside().join("cargo"), ledger.beside().join("asked"));
    fs::write(&cargo, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", asked.display())).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let test = || Ran::of(ledger.command(&program).env("CARGO", &cargo));
    test().exits(0);
    assert!(!asked.exists());
    ledger.edit(LIST, "account", "payer");
    test().exits(101).shows(&["payer"]);
    assert!(asked.exists());
}
