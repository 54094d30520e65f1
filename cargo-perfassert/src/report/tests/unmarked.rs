//! Tests without an attribute: what is the test's own work is no regression of the application's.

use super::*;
use crate::gates::LoosenedGates;

const FILL: &str = "INSERT INTO orders (id) VALUES (?)";

/// One that works through the application, and for itself.
fn unmarked(by_the_application: u64, by_itself: u64, allocs: i64) -> Record {
    let record = test("lists").queries(&[(by_the_application, "SELECT 1", 31), (by_itself, FILL, 7)]);
    let own = |statement: &mut perfassert_record::record::Statement| {
        statement.sites[0].file = "tests/api.rs".into();
        statement.sites[0].function = "fill".into();
    };
    let mut record = record.of_statement(FILL, own).counts(Metric::Allocs, allocs);
    record.is_marked = false;
    record
}

/// Whether the test fails the comparison, and how many warnings there are; one that is rewritten does something else than it did.
#[track_caller]
fn check(before: &Record, after: &Record, is_rewritten: bool, findings: &[&str], warnings: usize) {
    let changes = diff(&Run::new(vec![before.clone()]), &Run::new(vec![after.clone()]));
    let gates = LoosenedGates::rewriting(is_rewritten.then(|| after.test.clone()));
    let report = report(&changes, &Policy::default(), Context { gates, ..Context::default() });
    let metric = |finding: &super::super::Finding| {
        finding.metric.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    assert_eq!(report.findings.iter().map(metric).collect::<Vec<_>>(), findings, "{}", shown(&report));
    assert_eq!(report.warnings.len(), warnings, "{}", shown(&report));
    assert!(report.improvements.is_empty(), "{}", shown(&report));
}

#[test]
fn queries_of_the_test_itself_are_told_and_fail_nothing() {
    let before = unmarked(1, 3, 50);
    check(&before, &unmarked(1, 9, 50), false, &[], 1);
    check(&before, &unmarked(2, 3, 50), false, &["queries"], 0);
    check(&before, &unmarked(2, 9, 50), false, &["queries"], 0);
    // With an attribute it is for its author to leave them out.
    let marked = |mut record: Record| {
        record.is_marked = true;
        record
    };
    check(&marked(before), &marked(unmarked(1, 9, 50)), false, &["queries"], 0);
}

#[test]
fn allocations_of_a_client_are_not_compared() {
    let before = unmarked(1, 3, 50);
    check(&before, &unmarked(1, 3, 60), false, &["allocs"], 0);
    check(&before, &unmarked(1, 3, 60), true, &[], 0);
    check(&before, &unmarked(1, 3, 40), true, &[], 0);
    // Those that depend on chance.
    let changes = diff(
        &Run::repeated(vec![before.clone(), unmarked(1, 3, 52)]),
        &Run::repeated(vec![unmarked(1, 3, 60), unmarked(1, 3, 61)]),
    );
    assert!(report(&changes, &Policy::default(), Context::default()).findings.is_empty());
    let calling = |allocs: i64, of_endpoint: i64| {
        let mut record = unmarked(0, 3, allocs).requests(LIST, 1, &[(1, "SELECT 1", 31)]);
        record.endpoints[0].counts.insert(Metric::Allocs, of_endpoint);
        record
    };
    check(&calling(50, 5), &calling(60, 5), false, &[], 0);
    check(&calling(50, 5), &calling(60, 6), true, &["allocs"], 0);
}
