//! What a team sets for all tests: `fixtures/configured`, a workspace with a `perfassert.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use perfassert_test_support::{fixture, scrub};

static BUILD: Mutex<()> = Mutex::new(());

/// Runs one test of the fixture, which passes where nothing is to be said.
#[track_caller]
fn check(test: &str, variable: Option<&str>, said: &[&str]) {
    let _build = BUILD.lock().unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configured/Cargo.toml");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("configured");
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--locked", "--manifest-path"]).arg(manifest);
    command.arg("--target-dir").arg(target).args(["--test", "configured", "--", "--exact", test]);
    scrub(&mut command);
    command.envs(variable.map(|value| ("PERFASSERT_NO_N_PLUS_ONE", value)));
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(text.contains("1 passed") || text.contains("1 failed"), "{text}");
    assert_eq!(output.status.success(), said.is_empty(), "{text}");
    for said in said {
        assert!(text.contains(said), "no `{said}` in:\n{text}");
    }
}

const ACCUSED: &str =
    "3x  SELECT name FROM customers WHERE id = ?    <- repeated from one line; 3 different values";
const ALLOWED: &str = "3x  SELECT rate FROM currencies WHERE code = ?\n";

#[test]
fn a_statement_that_is_allowed_may_repeat() {
    check("allowed", None, &[]);
}

#[test]
fn every_other_one_is_accused_in_every_test() {
    let help = "help: if this is meant, allow the statement, with a reason: [[allow]] in perfassert.toml";
    check("accused", None, &["accused repeats a statement (N+1)", ACCUSED, ALLOWED, help]);
}

#[test]
fn a_test_without_queries_passes() {
    check("without_queries", None, &[]);
}

/// Whoever calls the wrapper in the set-up is heard.
#[test]
fn a_build_without_a_driver() {
    check("its_set_up_queries", None, &[]);
    check("nobody_queries", None, &["listens to no driver, and `perfassert::query` was not called"]);
}

#[test]
fn the_attribute_comes_before_the_configuration() {
    check("with_an_attribute", None, &[]);
}

#[test]
fn the_variable_comes_before_the_file() {
    check("accused", Some("false"), &[]);
    check("accused", Some("4"), &[]);
    check("accused", Some("true"), &[ACCUSED]);
    // The statement that is allowed stays so.
    check("allowed", Some("2"), &[]);
    check("accused", Some("often"), &["PERFASSERT_NO_N_PLUS_ONE cannot be read"]);
}

/// The fixture in a directory of its own, compiled there with one feature of perfassert's besides the attributes; and its test program.
fn compiled_elsewhere(feature: &str) -> (tempfile::TempDir, PathBuf) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configured");
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("configured");
    for file in ["Cargo.toml", "Cargo.lock", "perfassert.toml", "src/lib.rs", "tests/configured.rs"] {
        std::fs::create_dir_all(made.join(file).parent().unwrap()).unwrap();
        std::fs::copy(fixture.join(file), made.join(file)).unwrap();
    }
    let manifest = std::fs::read_to_string(made.join("Cargo.toml")).unwrap();
    let perfassert = fixture.join("../../../perfassert").canonicalize().unwrap();
    let manifest = manifest.replace("../../../perfassert", &perfassert.display().to_string());
    std::fs::write(made.join("Cargo.toml"), manifest.replace("\"call-sites\"", feature)).unwrap();
    // With another feature the lock file has other packages.
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["metadata", "--offline", "--format-version=1", "--manifest-path"])
        .arg(made.join("Cargo.toml"));
    assert!(command.output().unwrap().status.success());
    let _build = BUILD.lock().unwrap();
    let program = fixture::build(&made, env!("CARGO_TARGET_TMPDIR"), "configured", &["--offline"]);
    (dir, program)
}

/// Runs a test of it in `dir`, which is to fail and to say so.
#[track_caller]
fn check_elsewhere(program: &Path, dir: &Path, variables: &[(&str, &Path)], said: &str) {
    let mut command = Command::new(program);
    scrub(&mut command);
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
        command.env_remove(name);
    }
    command.args(["--exact", "accused"]).current_dir(dir).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!output.status.success() && text.contains(said), "no `{said}` in:\n{text}");
}

/// Q62
#[test]
fn the_file_is_heeded_where_the_program_runs() {
    const ACCUSED: &str = "accused repeats a statement (N+1)";
    let (dir, program) = compiled_elsewhere("\"call-sites\"");
    let (compiled, moved) = (dir.path().join("configured"), dir.path().join("moved"));
    let target = dir.path().join("target");
    std::fs::create_dir(&moved).unwrap();
    std::fs::create_dir(&target).unwrap();
    let kept = target.join("configured-0123456789abcdef");
    std::fs::copy(program, &kept).unwrap();
    for file in ["Cargo.toml", "perfassert.toml", "tests"] {
        std::fs::rename(compiled.join(file), moved.join(file)).unwrap();
    }
    let runner = [("CARGO_MANIFEST_DIR", moved.as_path()), ("CARGO_PKG_NAME", Path::new("configured"))];
    check_elsewhere(&kept, &target, &runner, ACCUSED);
    check_elsewhere(&kept, &moved, &[], ACCUSED);
    check_elsewhere(&kept, &target, &[("PERFASSERT_WORKSPACE", &moved)], ACCUSED);
    check_elsewhere(&kept, &target, &[], "sets for all tests is not known");
}

/// Q62
#[test]
fn a_file_that_this_build_cannot_read_is_no_absent_one() {
    let (dir, program) = compiled_elsewhere("");
    check_elsewhere(&program, dir.path(), &[], "features = [\"toml-files\"]");
}
