//! Counts that the baseline has and the branch has no longer: what nobody counts cannot be seen to rise.

use perfassert_record::counts::Metric;

use super::finding::{Finding, Kind, Severity};
use crate::diff::Changes;

/// One finding for each metric that is not counted any more, with all tests.
pub(super) fn findings(changes: &Changes) -> Vec<Finding> {
    let what = [
        (
            Metric::Queries,
            "a feature of perfassert for the driver was turned off, or the driver was replaced by one that it has no feature for",
        ),
        (
            Metric::Allocs,
            "the feature `allocator` of perfassert was turned off, or its allocator was replaced",
        ),
    ];
    what.iter().filter_map(|(metric, why)| finding(changes, metric, why)).collect()
}

fn finding(changes: &Changes, metric: &Metric, why: &str) -> Option<Finding> {
    let mut tests =
        changes.tests.iter().filter(|test| test.uncounted.contains(metric)).map(|test| &test.test);
    let mut finding = Finding::new(Kind::Inconclusive, Severity::Fail, tests.next()?);
    finding.tests.extend(tests.cloned());
    finding.reasons = vec![format!("{metric} were counted on the baseline, and are not any more")];
    finding.help = vec![format!("turn it on again: {why}")];
    Some(finding)
}
