//! Tests that began and left no record although nothing failed: their process ended first, and the runner calls that passed.

use perfassert_record::record::TestId;

use super::Failures;
use super::failures::is_printed;
use crate::runs::Run;

/// Of the tests that have begun those that have no record, and that did not fail by themselves either; sorted.
pub(super) fn unrecorded(mut begun: Vec<TestId>, run: &Run, failures: &Failures) -> Vec<TestId> {
    let is_recorded = |test: &TestId| run.records.iter().any(|record| record.test == *test);
    let has_failed = |test: &TestId| failures.names.iter().any(|name| is_printed(name, test));
    begun.retain(|test| !is_recorded(test) && !has_failed(test));
    begun.sort();
    begun.dedup();
    begun
}
