//! What is found in changes of allocations.

use perfassert::counts::Metric;

use super::Policy;
use super::findings::{Finding, Kind, Severity, is_within_spread};
use super::tolerance::Tolerance;
use crate::diff::{MetricChange, ScopeChange, TestChange};

pub(super) fn allocs(
    test: &TestChange,
    scope: &ScopeChange,
    change: &MetricChange,
    policy: &Policy,
) -> Option<Finding> {
    let tolerance = Tolerance::new(scope, change, policy)?;
    let (kind, severity) = if change.unexplained()? > tolerance.total() {
        (Kind::Allocs, Severity::Fail)
    } else if change.increase()? < -tolerance.total() {
        (Kind::Fewer, Severity::Improvement)
    } else {
        return None;
    };
    Some(Finding { tolerance: Some(tolerance), ..Finding::of(kind, severity, test, scope, change) })
}

/// An iteration depends on no connection and on no set-up: nothing is tolerated but what was seen to move.
pub(super) fn allocs_per_iter(
    test: &TestChange,
    scope: &ScopeChange,
    change: &MetricChange,
) -> Option<Finding> {
    if is_within_spread(change) {
        return None;
    }
    let (kind, severity) = match change.increase()? {
        rise if rise > 0 => (Kind::Allocs, Severity::Fail),
        rise if rise < 0 => (Kind::Fewer, Severity::Improvement),
        _ => return None,
    };
    Some(Finding::of(kind, severity, test, scope, change))
}

/// More queries allocate more: where both rose in one scope, the allocations are told beside the queries. And what each iteration
/// allocates more, the whole does many times.
pub(super) fn with_allocs_beside(findings: Vec<Finding>) -> Vec<Finding> {
    let is_allocs = |finding: &Finding| finding.kind == Kind::Allocs;
    let is_whole = |finding: &Finding| is_allocs(finding) && finding.metric == Some(Metric::Allocs);
    let (wholes, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_whole);
    let others = beside(wholes, others, is_allocs);
    let (allocs, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_allocs);
    beside(allocs, others, |finding| finding.kind.is_more_queries())
}

/// Tells of `findings` beside the first of `others` that causes them, if there is one.
fn beside(
    findings: Vec<Finding>,
    mut others: Vec<Finding>,
    is_cause: impl Fn(&Finding) -> bool,
) -> Vec<Finding> {
    match others.iter_mut().find(|finding| is_cause(finding)) {
        Some(cause) => cause.also.extend(findings.into_iter().filter_map(Finding::into_also)),
        None => others.extend(findings),
    }
    others
}
