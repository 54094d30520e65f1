//! Counts that differ between the repeats of one side although they must not.

use super::finding::{Finding, Kind, Severity};
use crate::diff::{MetricChange, TestChange};
use crate::spread::{Range, is_exact};

/// One warning for each count of a test; one of an endpoint is not told again of its test.
pub(super) fn of_test(test: &TestChange) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for scope in test.endpoints.iter().chain([&test.whole]) {
        let moved = |change: &&MetricChange| is_exact(&change.metric) && change.moves();
        for change in scope.metrics.iter().filter(moved) {
            let known = |finding: &Finding| finding.metric.as_ref() == Some(&change.metric);
            if scope.endpoint.is_some() || !findings.iter().any(known) {
                findings.push(Finding {
                    before: None,
                    after: change.after.most,
                    reasons: reasons(change),
                    help: vec![
                        "make the test independent of time, chance and order: a rise as small as this is not seen"
                            .to_owned(),
                    ],
                    ..Finding::of(Kind::Nondeterministic, Severity::Warning, test, scope, change)
                });
            }
        }
    }
    findings
}

/// `2 to 3 queries in the repeats of the baseline`, for each side that it is true of.
fn reasons(change: &MetricChange) -> Vec<String> {
    let sides = [(change.before, "the baseline"), (Some(change.after), "this branch")];
    let reason = |(range, side): (Option<Range>, &str)| {
        let range = range.filter(|range| range.moves())?;
        Some(format!("{range} {} in the repeats of {side}", change.metric))
    };
    sides.into_iter().filter_map(reason).collect()
}
