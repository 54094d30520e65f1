//! Q43: an optimised build, in which functions are inlined, names the line of each statement as long as it has lines at all.
//!
//! The fixtures are an application, `fixtures/release`, that says behind each call what it executes there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use perfassert::record::{Outcome, Record};
use perfassert::sql::Class;
use perfassert_test_support::child::{Child, Ran};
use perfassert_test_support::fixture;

/// Statements, with the lines that execute them.
type Lines = BTreeMap<String, Vec<String>>;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/release")
}

/// What a file says of its lines.
fn said(file: &str) -> Lines {
    let text = fs::read_to_string(dir().join(file)).unwrap();
    let mut said = Lines::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some((_, sql)) = line.split_once(" // statement: ") {
            said.entry(sql.to_owned()).or_default().push(format!("{file}:{number}"));
        }
    }
    assert!(!said.is_empty(), "{file} says nothing");
    said
}

/// What was recorded.
fn told(record: &Record) -> Lines {
    let ours = record.statements.iter().filter(|statement| statement.class == Class::Application);
    ours.map(|statement| (statement.sql.clone(), statement.sites.iter().map(ToString::to_string).collect()))
        .collect()
}

fn build() -> PathBuf {
    fixture::build(&dir(), env!("CARGO_TARGET_TMPDIR"), "lines", &["--release"])
}

fn under_a_wrapped_subscriber(command: &mut Command) {
    command.env("WRAPPED", "1");
}

#[test]
fn an_optimised_build_names_the_line_of_each_statement() {
    let program = build();
    for tell in [(|_| ()) as fn(&mut Command), under_a_wrapped_subscriber] {
        let ran = Child::matching_in(&program, "", 4).told(tell).run();
        assert!(ran.passed, "{}", ran.output);
        check_lines(&ran);
    }
}

#[track_caller]
fn check_lines(ran: &Ran) {
    let of_tests = said("tests/lines.rs");
    let check = |test: &str, driver: &str, from_tests: &[&str]| {
        let record = ran.records.iter().find(|record| record.test.name == test);
        let record = record.unwrap_or_else(|| panic!("no record of {test}: {}", ran.output));
        let mut expected = said(&format!("src/of_{driver}.rs"));
        expected.extend(from_tests.iter().map(|sql| ((*sql).to_owned(), of_tests[*sql].clone())));
        assert_eq!(told(record), expected, "{test}");
    };
    check("sqlx", "sqlx", &["DELETE FROM lines WHERE boxed"]);
    check("sqlx_spawned", "sqlx", &[]);
    check("diesel", "diesel", &["DELETE FROM lines WHERE generic"]);
    let macros = ["DELETE FROM lines", "DELETE FROM lines WHERE closure", "DELETE FROM lines WHERE plain"];
    check("rusqlite", "rusqlite", &macros);
}

/// Where functions that were compiled into others are not told, a driver is not told from the application.
#[test]
fn a_wrapped_subscriber_takes_lines() {
    let dir = tempfile::tempdir().unwrap();
    let stripped = dir.path().join("stripped");
    let status = Command::new("strip").arg("--strip-debug").arg("-o").arg(&stripped).arg(build()).status();
    assert!(status.expect("`strip` comes with the linker").success());
    let ran = Child::one_in(&stripped, "sqlx").told(under_a_wrapped_subscriber).run();
    let cause = "sqlx has to be known by its place on the stack";
    assert!(!ran.passed && ran.output.contains(cause), "{}", ran.output);
    assert!(matches!(ran.records[0].outcome, Outcome::Inconclusive(_)));
}
