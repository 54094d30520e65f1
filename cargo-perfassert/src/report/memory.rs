//! What is said of the memory that was asked for.

use super::findings::{Finding, Kind, Severity};
use crate::diff::{MetricChange, ScopeChange, TestChange};

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
