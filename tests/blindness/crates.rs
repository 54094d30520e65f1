//! Obstacles that are compiled in: the features of `fixtures/blind`, a crate of its own.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

static BUILD: Mutex<()> = Mutex::new(());

/// Runs one test of the crate with one of its features, which is to fail for `cause` and to end with advice.
#[track_caller]
fn check(feature: &str, test: &str, texts: &[&str]) {
    let _build = BUILD.lock().unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/blind/Cargo.toml");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("blind");
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--locked", "--features", feature, "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(target)
        .args(["--", "--exact", test])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!output.status.success(), "{text}");
    for expected in texts.iter().chain(&["could not be measured", "help: "]) {
        assert!(text.contains(expected), "no `{expected}` in:\n{text}");
    }
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
