//! The tests that run with several sizes, all at once in a process: each counts by size, and together they send what the server saw.

use perfassert::Metric;
use perfassert::record::Outcome;
use perfassert::sql::Class;
use perfassert_database_tests::{Database, Engine};
use perfassert_test_support::child::{Child, list};

use crate::row::Suite;

const GROWS: &str = "queries: 2, 5, 17 for n = 1, 4, 16: 1 + n, and \"constant\" is allowed";

/// Statements that the sizes 1, 1, 4 and 16 send together.
const EACH: u64 = 4;
const ROWS: u64 = 1 + 1 + 4 + 16;

/// Runs the tests with sizes on a driver of a suite.
#[track_caller]
pub(crate) fn check_growth(suite: &Suite, driver: &str, engine: Engine) {
    let database = Database::new(engine);
    let watch = database.watch();
    let fixtures = Child::matching_in(&suite.program, &format!("{driver}::sizes::"), 4);
    let ran = fixtures.told(|child| database.tell(child)).run();
    let seen = watch.end().of(Class::Application);

    let grows = Outcome::OverBudget(vec![GROWS.to_owned()]);
    let one_by_one = "16x SELECT shop FROM visit WHERE id = ?; 1x SELECT id FROM visit";
    let expected = [
        ("at_once", Outcome::Passed, Some(1), "1x SELECT shop FROM visit ORDER BY id"),
        ("failing", Outcome::Failed, None, ""),
        ("on_a_connection", grows.clone(), Some(17), one_by_one),
        ("on_a_pool", grows, Some(17), one_by_one),
        ("without", Outcome::Passed, Some(1), "1x SELECT id FROM shop"),
    ];
    assert_eq!(ran.records.len(), expected.len(), "{}", ran.output);
    for (record, (name, outcome, queries, statements)) in ran.records.iter().zip(expected) {
        assert_eq!(record.test.name, format!("{driver}::sizes::{name}"));
        assert_eq!(record.outcome, outcome, "{name}: {}", ran.output);
        assert_eq!(record.counts.get(&Metric::Queries), queries, "{name}");
        assert_eq!(list(&record.statements), statements, "{name}");
        assert!(record.unattributed.is_empty(), "{name}: {:?}", record.unattributed);
    }
    for text in [
        "      n x  SELECT shop FROM visit WHERE id = ?\n           ",
        &format!("sizes.rs:22  {driver}::sizes::one_by_one"),
        &format!("{driver}::sizes::failing panicked with n = 16\n"),
    ] {
        assert!(ran.output.contains(text), "no `{text}` in:\n{}", ran.output);
    }
    for (sql, times) in [
        ("SELECT shop FROM visit ORDER BY id", EACH),
        ("SELECT id FROM visit", 3 * EACH),
        ("SELECT shop FROM visit WHERE id = ?", 3 * ROWS),
        ("INSERT INTO visit (id, shop) VALUES (?, ?)", 4 * ROWS),
    ] {
        assert_eq!(seen.get(sql), Some(&times), "{sql} in {seen:#?}");
    }
}
