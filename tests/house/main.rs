//! The rules of the house, as far as a program can see them.

mod flow;
mod links;
mod messages;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The packages that users get.
const PUBLISHED: [&str; 4] = ["perfassert", "perfassert-macros", "perfassert-record", "cargo-perfassert"];

/// The sources of the crates that users get.
fn published_sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for package in PUBLISHED {
        collect(&root().join(package).join("src"), &mut sources);
    }
    assert!(sources.len() > 30, "the sources have moved: {}", sources.len());
    sources
}

fn collect(dir: &Path, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            sources.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The files in which a line does what is not allowed there.
fn offenders(mut offends: impl FnMut(&str, &str) -> bool) -> Vec<String> {
    let mut offenders = Vec::new();
    for (file, text) in published_sources() {
        for (index, line) in text.lines().enumerate() {
            if offends(&file, line) {
                offenders.push(format!("{file}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    offenders
}

#[test]
fn unsafe_code_stays_in_the_allocator_and_the_hooks() {
    let allowed = [
        "perfassert/src/alloc/",
        "perfassert/src/enter/inherit.rs",
        "perfassert/src/enter/processes.rs",
        "perfassert/src/callers/symbols.rs",
        "perfassert/src/site/known.rs",
        "perfassert/src/source/rusqlite/hook.rs",
        "perfassert/src/source/tee/subscriber.rs",
        "perfassert/src/source/tee/wrapped.rs",
        "perfassert/src/unmarked.rs",
    ];
    let elsewhere = offenders(|file, line| {
        line.contains("allow(unsafe_code)") && !allowed.iter().any(|allowed| file.starts_with(allowed))
    });
    assert_eq!(elsewhere, [""; 0]);
}

#[test]
fn nothing_is_left_unfinished() {
    let words = ["todo!(", "unimplemented!(", "FIXME", "XXX", "dbg!("];
    let unfinished = offenders(|_, line| words.iter().any(|word| line.contains(word)));
    assert_eq!(unfinished, [""; 0]);
}

#[test]
fn files_can_be_held_in_the_head() {
    let long: Vec<String> = published_sources()
        .into_iter()
        .filter(|(file, text)| text.lines().count() > 450 && !file.ends_with("tests.rs"))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(long, [""; 0]);
}

/// The crates that come with the library, by the names that code has for them.
fn comes_with_the_library(features: &[&str]) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "perfassert", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{lib}", "--no-dedupe", "--offline"])
        .args(features)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap()
}

fn comes_in(name: &str, tree: &str) -> bool {
    tree.lines().any(|line| line == name)
}

#[test]
fn the_library_without_features_depends_on_next_to_nothing() {
    let tree = comes_with_the_library(&["--no-default-features"]);
    for heavy in [
        "actix_web",
        "tokio",
        "sqlx",
        "diesel",
        "criterion",
        "ctor",
        "tracing",
        "axum",
        "backtrace",
        "http",
        "libc",
        "libsqlite3_sys",
        "log",
    ] {
        assert!(!comes_in(heavy, &tree), "{heavy} came in:\n{tree}");
    }
}

/// What somebody finds who gets a crate and not the repository.
#[test]
fn a_package_has_the_readme_and_the_licences() {
    for package in PUBLISHED {
        let mut command = Command::new(env!("CARGO"));
        command.args(["package", "--list", "--allow-dirty", "--package", package]).current_dir(root());
        let output = command.output().unwrap();
        let list = String::from_utf8_lossy(&output.stdout);
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "Cargo.toml"] {
            let is_there = list.lines().any(|line| line == file);
            assert!(is_there, "{package} has no {file}:\n{list}{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// Where `serde_json` is linked, in whatever way, its values can be compared with numbers and texts. Then `assert_eq!(&*bytes, &[])`
/// does not compile any more, as it is not known of what the right side is empty: a dev-dependency must not break a suite by that.
#[test]
fn the_library_makes_no_comparison_of_the_users_ambiguous() {
    // actix-web has it anyway: whoever turns that feature on has both.
    let others = "sqlx,rusqlite,tokio-postgres,diesel,snapshot,tower,axum,axum-07";
    for features in [&[][..], &["--features", others]] {
        let tree = comes_with_the_library(features);
        assert!(comes_in("serde", &tree), "no tree:\n{tree}");
        assert!(!comes_in("serde_json", &tree), "with {features:?} serde_json came in:\n{tree}");
    }
}
