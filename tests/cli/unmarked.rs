//! Tests without an attribute: measured, limited and compared like those that have one.

use std::fs;

use serde_json::Value;

use crate::project::{Project, Ran};

/// A test program in which no test has an attribute.
const PLAIN: &str = r#"
use perfassert as _;

fn list(n: u32) {
    perfassert::endpoint("GET /items", || (0..n).for_each(depot::load));
}

#[test]
fn allocates() {
    assert_eq!(depot::labels(6), 36);
}

#[test]
fn lists() {
    (100..103).for_each(depot::load);
    list(1);
}

#[test]
fn fails() {
    list(2);
    panic!("it was to fail");
}

#[test]
fn returns_an_error() -> Result<(), String> {
    list(3);
    Err("it was to return".to_owned())
}

#[test]
#[should_panic(expected = "it was to panic")]
fn panics() {
    list(2);
    panic!("it was to panic");
}

mod on {
    #[test]
    fn a_thread() {
        std::thread::spawn(|| depot::labels(4)).join().unwrap();
    }

    /// An attribute has the last word, and the measurement.
    #[perfassert::max_allocs(3)]
    #[test]
    fn a_leash() {
        depot::labels(3);
    }
}
"#;

/// One of which not all is seen, and that nobody limits.
const DEAF: &str = r#"
use perfassert::source::{Inconclusive, Source, add};

struct Deaf;

impl Source for Deaf {
    fn name(&self) -> &str {
        "deaf"
    }

    fn check(&self) -> Result<(), Inconclusive> {
        Err(Inconclusive::to_queries("its driver is not heard", "speak up"))
    }
}

#[test]
fn is_seen_in_part() {
    add(&Deaf);
}
"#;

/// Depot, with these tests only.
pub(crate) fn plain() -> Project {
    let project = Project::depot();
    fs::remove_file(project.root.join("tests/api.rs")).unwrap();
    project.write("tests/plain.rs", PLAIN);
    project.write("tests/unlinked.rs", "#[test]\nfn is_not_seen() {}\n");
    project.commit("without attributes");
    project
}

pub(crate) fn without_failures(project: &Project) {
    project.edit("tests/plain.rs", "panic!(\"it was to fail\");", "");
    project.edit("tests/plain.rs", "Err(\"it was to return\".to_owned())", "Ok(())");
    project.commit("without failures");
}

fn run(project: &Project, runner: &str, arguments: &[&str]) -> Ran {
    let all: Vec<_> = ["run"].iter().chain(arguments).copied().collect();
    Ran::of(project.perfassert_command(&all).env("PERFASSERT_RUNNER", runner))
}

#[test]
fn each_is_measured_from_its_thread_on() {
    let project = plain();
    project.write("tests/deaf.rs", DEAF);
    let rows = [
        "depot plain allocates - 6",
        "depot plain fails - - failed",
        "depot plain lists 4 4",
        "GET /items 1 1 1",
        "depot plain on::a_leash - 3",
        "depot plain on::a_thread - 7",
        "depot plain panics 2 2",
        "depot plain returns_an_error - - failed",
    ];
    for runner in ["cargo-test", "nextest"] {
        let ran = run(&project, runner, &[]).exits(101).shows(&[
            "not measured: add `use perfassert as _;` to the test file (of the standard harness): \
             depot::unlinked",
            "partly observed: depot deaf is_seen_in_part: its driver is not heard\n  help: speak up",
            "it was to fail",
            "it was to return",
        ]);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let out: Vec<_> = ran.out.lines().map(squeezed).collect();
        for row in rows {
            assert!(out.iter().any(|line| line == row), "{runner}: no {row} in {}", ran.out);
        }
        assert!(!ran.out.contains("unlinked"), "{}", ran.out);
    }
    // As many as with an attribute, on whatever thread.
    project.edit(
        "tests/plain.rs",
        "    #[test]\n    fn a_thread",
        "    #[perfassert::max_allocs(99)]\n    #[test]\n    fn a_thread",
    );
    let with = run(&project, "nextest", &["a_thread"]).exits(0);
    project.edit("tests/plain.rs", "    #[perfassert::max_allocs(99)]\n", "");
    let without = run(&project, "nextest", &["a_thread"]).exits(0);
    assert_eq!(with.out, without.out);
    project.write("perfassert.toml", "measure = \"marked\"\n");
    let ran = run(&project, "nextest", &[]).exits(101).shows_nothing_of(&["not measured"]);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
}

#[test]
fn limits_for_all_and_by_name() {
    let project = plain();
    project.write(
        "perfassert.toml",
        "max_queries = 3\nmax_allocs = 5\nno_n_plus_one = true\n\n[[limit]]\ntests = \"plain::all*\"\nmax_allocs = 6\n\n\
         [[limit]]\ntests = \"on::*\"\nmax_allocs = 50\n",
    );
    for runner in ["cargo-test", "nextest"] {
        // One that fails by itself is not judged.
        let ran = run(&project, runner, &[]).exits(101).shows(&[
            "perfassert: lists exceeded its budget",
            "4 queries, budget 3",
            "max_queries = 4",
            "[[limit]]",
        ]);
        let all = format!("{}{}", ran.out, ran.err);
        assert_eq!(all.matches("exceeded its budget").count(), 1, "{runner}: {all}");
        assert!(!all.contains("failed: lists"), "{runner}: {all}");
    }
    without_failures(&project);
    run(&project, "cargo-test", &[]).exits(100).shows(&["perfassert: lists exceeded its budget"]);
    project.edit("tests/plain.rs", "    list(1);", "    list(1);\n    list(4);");
    run(&project, "nextest", &["lists"]).exits(100).shows(&["N+1", "GET /items"]);

    // What is measured where it is asked for, and counters of the suite's own.
    project.edit(
        "tests/plain.rs",
        "depot::labels(6)",
        "{ perfassert::counter(\"miss\").add(2); depot::labels(6) }",
    );
    project.write(
        "perfassert.toml",
        "max_count = { miss = 1 }\n\n[[limit]]\ntests = \"plain::on::*\"\nmax_allocs = { peak = 1, live = 0 }\n",
    );
    run(&project, "nextest", &["allocates"])
        .exits(100)
        .shows(&["2 of `miss`, budget 1", "max_count = { \"miss\" = 2 }"]);
    run(&project, "nextest", &["a_thread"]).exits(100).shows(&["peak", "max_allocs = { peak = "]);
}

#[test]
fn one_that_ends_its_process_is_named() {
    let project = plain();
    without_failures(&project);
    project.edit(
        "tests/plain.rs",
        "depot::labels(6), 36);",
        "depot::labels(6), 36);\n    std::process::exit(0);",
    );
    run(&project, "nextest", &[]).exits(0).tells(&["depot::plain allocates, depot::unlinked"]);
}

#[test]
fn regressions_are_found() {
    let project = plain();
    without_failures(&project);
    project.git(&["switch", "--quiet", "--create", "branch"]);
    project.git(&["commit", "--quiet", "--allow-empty", "--message", "nothing"]);
    let diff = |project: &Project| {
        let ran = project.perfassert(&["diff", "main", "--format", "json"]);
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
        let findings = report["findings"].as_array().unwrap().iter().map(|finding| {
            let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
            let place = finding["endpoint"].as_str().unwrap_or("(test)");
            format!(
                "{} {place} {} {} -> {}",
                text("kind"),
                text("metric"),
                finding["before"],
                finding["after"]
            )
        });
        (ran.code, findings.collect::<Vec<_>>(), report["improvements"].as_array().unwrap().len())
    };
    assert_eq!(diff(&project), (Some(0), vec![], 0));
    project.edit("tests/plain.rs", "    list(1);", "    list(7);");
    project.edit("src/lib.rs", "format!(\"item {n}\")", "format!(\"item {n}\").clone()");
    project.commit("worse");
    assert_eq!(
        diff(&project),
        (
            Some(100),
            vec![
                "n_plus_one GET /items queries 1 -> 7".to_owned(),
                "allocs (test) allocs 6 -> 12".to_owned()
            ],
            0
        )
    );
}
