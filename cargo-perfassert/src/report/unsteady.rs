//! Counts that differ between the repeats of one side although they must not.

use super::findings::{Finding, Kind, Severity};
use crate::diff::{MetricChange, TestChange};
use crate::repeat::is_exact;

/// One warning for each count of a test; one of an endpoint is not told again of its test.
pub(super) fn of_test(test: &TestChange) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for scope in test.endpoints.iter().chain([&test.whole]) {
        let moved = |change: &&MetricChange| is_exact(&change.metric) && change.spread != (0, 0);
        for change in scope.metrics.iter().filter(moved) {
            let known = |finding: &Finding| finding.metric.as_ref() == Some(&change.metric);
            if scope.endpoint.is_some() || !findings.iter().any(known) {
                findings.push(Finding {
                    before: None,
                    after: change.after + change.spread.1,
                    reasons: reasons(change),
                    help: vec![
                        "make the test independent of time, chance and order: a rise as small as this is not seen"
                            .to_owned(),
                    ],
                    ..Finding::of(Kind::Unsteady, Severity::Warning, test, scope, change)
                });
            }
        }
    }
    findings
}

/// `2 to 3 queries in the repeats of the baseline`, for each side that it is true of.
fn reasons(change: &MetricChange) -> Vec<String> {
    let MetricChange { metric, before, after, spread, .. } = change;
    let sides = [(*before, spread.0, "the baseline"), (Some(*after), spread.1, "this branch")];
    let reason = |(least, more, side): (Option<i64>, i64, &str)| {
        let least = least.filter(|_| more > 0)?;
        Some(format!("{least} to {} {metric} in the repeats of {side}", least + more))
    };
    sides.into_iter().filter_map(reason).collect()
}
