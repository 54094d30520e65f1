//! Which tests are measured again before anything is said of them.

use std::collections::BTreeMap;

use perfassert_record::counts::Metric;
use perfassert_record::record::TestId;

use super::finding::{Finding, Kind, Severity};
use crate::diff::Changes;
use crate::spread::is_exact;

/// How often a side is measured, at most: by then a count that moves has shown how far.
pub const LOOKS: usize = 6;

/// A test with a count that is above or below whatever the baseline counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The test.
    pub test: TestId,
    /// What the baseline calls it.
    pub test_before: TestId,
    /// How often each side is to be measured before that is said.
    pub looks: usize,
    /// Whether it is accused for what no snapshot is held to: allocations, which may have risen unseen since it was written, or a
    /// count that moves. The baseline has to be measured.
    pub is_beyond_snapshots: bool,
}

/// The suspects among findings, sorted.
pub(super) fn suspects(findings: &[Finding], changes: &Changes) -> Vec<Suspect> {
    let renamed = changes.tests.iter().filter_map(|it| Some((&it.test, it.renamed_from.as_ref()?)));
    let renamed: BTreeMap<&TestId, &TestId> = renamed.collect();
    let mut suspects = BTreeMap::<&TestId, Suspect>::new();
    for finding in findings {
        let Some(metric) = finding.metric.as_ref().filter(|_| is_suspicious(finding)) else { continue };
        for test in &finding.tests {
            let suspect = suspects.entry(test).or_insert_with(|| Suspect {
                test: test.clone(),
                test_before: renamed.get(test).copied().unwrap_or(test).clone(),
                looks: 0,
                is_beyond_snapshots: false,
            });
            suspect.looks = suspect.looks.max(looks(finding, metric));
            suspect.is_beyond_snapshots |= finding.severity == Severity::Fail
                && (finding.kind == Kind::Allocs || finding.ranges.is_some());
        }
    }
    suspects.into_values().collect()
}

fn is_suspicious(finding: &Finding) -> bool {
    match finding.severity {
        Severity::Fail => {
            finding.kind.is_more_queries() || matches!(finding.kind, Kind::Counter | Kind::Allocs)
        }
        Severity::Warning => false,
        Severity::Improvement => true,
    }
}

/// A count that must be the same each time is soon believed. One of two values that come up by turns is the same in three looks at
/// each side, and another on either, once in thirty times.
fn looks(finding: &Finding, metric: &Metric) -> usize {
    if is_exact(metric) && finding.ranges.is_none() { 2 } else { LOOKS }
}
