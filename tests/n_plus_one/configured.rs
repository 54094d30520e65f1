//! What a team sets for all tests: `fixtures/configured`, a workspace with a `perfassert.toml`.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use perfassert_test_support::scrub;

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
