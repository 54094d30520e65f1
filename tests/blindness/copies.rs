//! A fork of diesel beside the diesel that perfassert listens to, in a project of its own: two copies in one program.

use std::fs;
use std::path::Path;
use std::process::Command;

use perfassert_test_support::scrub;

const TESTS: &str = include_str!("forked.rs");

/// A project with a fork of the diesel in our lock file, at `dir`. Cargo is to ask no registry: so the fork's manifest has only what it
/// needs for SQLite.
fn make(dir: &Path) {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(ours).exec().unwrap();
    let diesel = metadata.packages.iter().find(|package| package.name == "diesel").unwrap();
    copy(diesel.manifest_path.parent().unwrap().join("src").as_std_path(), &dir.join("fork/src"));
    let write = |path: &str, text: &str| fs::write(dir.join(path), text).unwrap();
    let version = &diesel.version;
    write(
        "fork/Cargo.toml",
        &format!(
            "[package]\nname = 'diesel'\nversion = '{version}'\nedition = '2021'\n\n\
             [features]\nsqlite = ['diesel_derives/sqlite']\n\n\
             [dependencies]\ndiesel_derives = '2.3'\ndowncast-rs = '2'\n\
             libsqlite3-sys = {{ version = '*', features = ['bundled_bindings'] }}\n"
        ),
    );
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = 'forked'\nedition = '2024'\n\n[workspace]\n\n[lib]\npath = 'lib.rs'\ntest = false\n\n\
             [[test]]\nname = 'forked'\npath = 'forked.rs'\n\n[[test]]\nname = 'apart'\npath = 'apart.rs'\n\n\
             [dependencies]\nperfassert = {{ path = {:?}, features = ['diesel'] }}\n\
             diesel = {{ version = '={version}', default-features = false, features = ['sqlite'] }}\n\
             diesel-fork = {{ path = 'fork', package = 'diesel', features = ['sqlite'] }}\n\
             libsqlite3-sys = {{ version = '*', features = ['bundled'] }}\n",
            ours.join("perfassert")
        ),
    );
    fs::copy(ours.join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
    write("lib.rs", "");
    write("forked.rs", TESTS);
    write("apart.rs", include_str!("apart.rs"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Runs one of the project's test programs, and says whether it passed and what it printed.
fn run(dir: &Path, test: &str) -> (bool, String) {
    let mut command = Command::new(env!("CARGO"));
    scrub(&mut command);
    command.args(["test", "--quiet", "--offline", "--test", test]).current_dir(dir);
    command.arg("--target-dir").arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("forked"));
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), text)
}

#[test]
fn what_a_second_diesel_executes_is_not_seen_and_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path());
    let (passed, text) = run(dir.path(), "forked");
    assert!(!passed, "{text}");
    for test in ["sends_none", "repeats_none"] {
        assert!(text.contains(&format!("{test} could not be measured")), "{text}");
    }
    for expected in ["a second copy of diesel", "cargo tree -d", "[patch.crates-io]"] {
        assert!(text.contains(expected), "no `{expected}` in:\n{text}");
    }
    assert!(!text.contains("max_queries(0)"), "{text}");
    // What cannot connect is in nobody's way.
    let (passed, text) = run(dir.path(), "apart");
    assert!(passed, "{text}");
}
