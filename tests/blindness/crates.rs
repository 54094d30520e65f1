//! Obstacles that are compiled in: the features of `fixtures/blind`, a crate of its own.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

static BUILD: Mutex<()> = Mutex::new(());

/// Runs one test of the crate with one of its features, built for a sanitizer or for none: whether it passed, and what it printed.
fn run(feature: &str, test: &str, sanitizer: Option<&str>) -> (bool, String) {
    let _build = BUILD.lock().unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/blind/Cargo.toml");
    let target = if sanitizer.is_some() { "blind-sanitized" } else { "blind" };
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--locked", "--features", feature, "--manifest-path"]).arg(manifest);
    command.arg("--target-dir").arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(target));
    // As cargo tells a build script of it.
    command.envs(sanitizer.map(|name| ("CARGO_CFG_SANITIZE", name)));
    let output = command.args(["--", "--exact", test]).output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), text)
}

/// The same of a test that is to fail for a cause and to end with advice.
#[track_caller]
fn check_with(feature: &str, test: &str, sanitizer: Option<&str>, texts: &[&str]) {
    let (passed, text) = run(feature, test, sanitizer);
    assert!(!passed, "{text}");
    for expected in texts.iter().chain(&["could not be measured", "help: "]) {
        assert!(text.contains(expected), "no `{expected}` in:\n{text}");
    }
}

#[track_caller]
fn check(feature: &str, test: &str, texts: &[&str]) {
    check_with(feature, test, None, texts);
}

#[test]
fn threads_that_are_not_inherited() {
    check("threads", "several_threads", &["the test runs on several threads", "#[tokio::test]"]);
}

#[test]
fn a_maximum_level_that_is_compiled_in() {
    check("max-level", "maximum_level", &["compiled with a maximum level of info", "`max_level_*`"]);
}

#[test]
fn no_driver() {
    check("no-driver", "no_driver", &["listens to no driver", "features = [\"sqlx\"]"]);
}

/// A7
#[test]
fn no_allocator() {
    check("no-allocator", "no_allocator", &["the counting allocator is not the one", "#[global_allocator]"]);
}

/// Without the sanitizer itself, which takes another compiler: the library is built as for one.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn something_in_front_of_what_starts_threads() {
    let sanitizer = Some("address");
    let texts = ["threads were started meanwhile", "in front of `pthread_create`"];
    check_with("sanitized", "starts_a_thread", sanitizer, &texts);
    check_with("sanitized", "starts_a_thread_in_tokio", sanitizer, &texts);
    let (passed, text) = run("sanitized", "starts_none", sanitizer);
    assert!(passed && text.contains("1 passed"), "{text}");
}
