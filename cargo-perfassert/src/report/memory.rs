//! What is said of the memory that was asked for.

use perfassert_record::counts::Metric;

use super::finding::{Finding, Kind, Place, Severity};
use crate::diff::{MetricChange, ScopeChange, TestChange};
use crate::explain::{self, Risen};

/// More allocations than the baseline was seen to make, or fewer.
///
/// There is no tolerance: a count that is the same in each look is compared exactly, and one that moves has the room that it was
/// seen to need. Where the ranges of both sides overlap, the code may be the same.
pub(super) fn allocs(test: &TestChange, scope: &ScopeChange, change: &MetricChange) -> Option<Finding> {
    let (kind, severity) = if change.rose() {
        (Kind::Allocs, Severity::Fail)
    } else if change.fell() {
        (Kind::Fewer, Severity::Improvement)
    } else {
        return None;
    };
    Some(Finding::of(kind, severity, test, scope, change))
}

/// A number of bytes may change by this much, or by a quarter of the baseline's where that is more: names, paths and dates are
/// longer here and shorter there.
const BYTES: i64 = 4096;

/// As many allocations as on the baseline, of far more bytes, or of far fewer: a buffer that is larger now.
///
/// Where the number of allocations differs, that is told, and the bytes follow from it.
pub(super) fn bytes(test: &TestChange, scope: &ScopeChange, change: &MetricChange) -> Option<Finding> {
    let allocs = scope.metric(&Metric::Allocs).filter(|allocs| allocs.increase() == Some(0))?;
    let room = (change.before?.least / 4).max(BYTES);
    let (kind, severity) = if change.rose() && change.unexplained()? > room {
        (Kind::Allocs, Severity::Fail)
    } else if change.fell() && change.increase()? < -room {
        (Kind::Fewer, Severity::Improvement)
    } else {
        return None;
    };
    Some(Finding { allocs: Some(allocs.after.least), ..Finding::of(kind, severity, test, scope, change) })
}

/// More queries allocate more: where both rose in one scope, the allocations are told beside the queries. And what each iteration
/// allocates more, the whole does many times.
pub(super) fn with_allocs_beside(findings: Vec<Finding>) -> Vec<Finding> {
    let is_allocs = |finding: &Finding| finding.kind == Kind::Allocs;
    let is_whole = |finding: &Finding| is_allocs(finding) && finding.metric == Some(Metric::Allocs);
    let (wholes, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_whole);
    let others =
        beside(wholes, others, |finding| is_allocs(finding) && finding.metric == Some(Metric::AllocsPerIter));
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

/// The functions that account for `finding`, the greatest increase first.
pub(super) fn places(risen: &[Risen], finding: &Finding) -> Vec<Place> {
    let metric =
        if finding.metric == Some(Metric::Bytes) { explain::Metric::Bytes } else { explain::Metric::Allocs };
    let place = |it: &Risen| Place {
        function: it.function.clone(),
        site: it.site.clone(),
        before: it.before.of(metric),
        after: it.after.of(metric),
    };
    let mut places: Vec<Place> = risen.iter().map(place).filter(|place| place.after > place.before).collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.after - place.before));
    places
}
