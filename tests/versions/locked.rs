//! A suite with an old lock file, to which perfassert is added: none of what it has moves, and the attributes are found by the name
//! that the manifest gives the library, or through the crate that re-exports it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use perfassert::record::Outcome;
use perfassert_test_support::child::Child;
use perfassert_test_support::fixture;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/locked")
}

/// The packages of a lock file, each by name and version.
fn packages(lock: &Path) -> BTreeSet<(String, String)> {
    let text = std::fs::read_to_string(lock).unwrap();
    let packages = text.split("[[package]]").skip(1).map(|package| {
        let value = |key: &str| {
            let value = package.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            value.trim_matches('"').to_owned()
        };
        (value("name = "), value("version = "))
    });
    packages.collect()
}

/// Outcomes of the tests in one file, by name. It is compiled from the lock file as it is, so that this fits the manifests.
#[track_caller]
fn check(file: &str, expected: &[(&str, &str)]) {
    let program = fixture::build(&dir(), env!("CARGO_TARGET_TMPDIR"), file, &[]);
    let ran = Child::matching_in(&program, "", 2).run();
    let outcomes: Vec<_> =
        ran.records.iter().map(|record| (record.test.name.as_str(), word(&record.outcome))).collect();
    assert_eq!(outcomes, expected, "{}", ran.output);
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::OverBudget(_) => "over budget",
        Outcome::Inconclusive(_) => "inconclusive",
        _ => "another",
    }
}

#[test]
fn nothing_moves_in_a_lock_file_of_2023() {
    let (before, now) = (packages(&dir().join("before.lock")), packages(&dir().join("Cargo.lock")));
    assert!(before.len() > 30, "{before:?}");
    assert_eq!(before.difference(&now).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
}

/// Requirements as they are in the manifests, against what suites of some ages have. A requirement may name another series, which cargo
/// adds beside the one that is there; within a series it takes what is there.
#[test]
fn no_requirement_is_above_what_suites_have() {
    const AGES: &[(&str, &[(&str, &str)])] = &[
        (
            "2022",
            &[
                ("backtrace", "0.3.66"),
                ("libc", "0.2.134"),
                ("log", "0.4.17"),
                ("pin-project-lite", "0.2.9"),
                ("rustc-demangle", "0.1.21"),
                ("serde", "1.0.145"),
                ("tower-layer", "0.3.1"),
                ("tower-service", "0.3.2"),
                ("tracing", "0.1.37"),
                ("tracing-core", "0.1.30"),
                ("actix-web", "4.2.1"),
            ],
        ),
        (
            "2023",
            &[
                ("actix-web", "4.4.0"),
                ("backtrace", "0.3.69"),
                ("http", "1.0.0"),
                ("http-body", "1.0.0"),
                ("libc", "0.2.149"),
                ("libsqlite3-sys", "0.26.0"),
                ("proc-macro2", "1.0.69"),
                ("quote", "1.0.33"),
                ("serde", "1.0.171"),
                ("syn", "2.0.38"),
                ("toml", "0.8.2"),
                ("toml", "0.7.8"),
            ],
        ),
        ("2024", &[("axum", "0.7.4"), ("diesel", "2.2.0"), ("object", "0.32.2"), ("serde", "1.0.197")]),
        (
            "2025",
            &[
                ("axum", "0.8.1"),
                ("ctor", "0.2.9"),
                ("insta", "1.47.0"),
                ("toml", "0.9.5"),
                ("toml", "1.0.0"),
            ],
        ),
    ];
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().unwrap();
    let ours = ["perfassert", "perfassert-macros", "perfassert-record"];
    let packages = metadata.packages.iter().filter(|package| ours.contains(&package.name.as_str()));
    let required: Vec<_> = packages
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| dependency.kind == cargo_metadata::DependencyKind::Normal)
        .collect();
    for (age, locked) in AGES {
        for (name, version) in *locked {
            let version: cargo_metadata::semver::Version = version.parse().unwrap();
            let of_this = required.iter().filter(|dependency| dependency.name == *name);
            assert!(of_this.clone().next().is_some(), "perfassert does not depend on {name}");
            for dependency in of_this {
                let is_met = dependency.req.matches(&version);
                let floor =
                    dependency.req.comparators.iter().filter(|it| it.op != cargo_metadata::semver::Op::Less);
                let is_same_series = floor.clone().any(|floor| {
                    let minor = floor.minor.unwrap_or(0);
                    floor.major == version.major && (floor.major > 0 || minor == version.minor)
                });
                assert!(
                    is_met || !is_same_series,
                    "{age}: {name} {version}, and perfassert asks for {}",
                    dependency.req
                );
            }
        }
    }
}

#[test]
fn the_library_is_found_by_another_name() {
    check(
        "renamed",
        &[
            ("absolute", "passed"),
            ("fails", "over budget"),
            ("grows", "passed"),
            ("passes", "passed"),
            ("sends_nothing", "inconclusive"),
            ("together", "passed"),
        ],
    );
}

#[test]
fn the_library_is_found_through_another_crate() {
    check("reexported", &[("exceeds_it", "over budget"), ("keeps_to_it", "passed")]);
}
