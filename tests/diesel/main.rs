//! diesel and diesel-async on SQLite: what each operation is counted as, for whom, and when that cannot be seen.

mod asynchronous;
mod blind;
#[allow(dead_code, reason = "not every suite uses all of it")]
mod cost;
mod literals;
mod shapes;
mod shop;
mod sites;
mod ways;

use perfassert::record::Record;
use perfassert::sql::Class;
use perfassert_test_support::child::Child;

/// The statements of a test, each with how often, how often it failed, and its class where it is not the application's.
fn ledger(record: &Record) -> Vec<String> {
    let mut lines: Vec<String> = record
        .statements
        .iter()
        .map(|statement| {
            let failed =
                if statement.failed > 0 { format!(" ({} failed)", statement.failed) } else { String::new() };
            let class = match statement.class {
                Class::Application => String::new(),
                class => format!(" [{class}]"),
            };
            format!("{}x {}{failed}{class}", statement.count, statement.sql)
        })
        .collect();
    lines.sort();
    lines
}

/// Runs one fixture and compares its statements.
#[track_caller]
fn check(fixture: &str, expected: &[&str]) {
    let run = Child::one(fixture).run();
    assert!(run.passed, "{}", run.output);
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(ledger(&run.records[0]), expected, "{fixture}");
}
