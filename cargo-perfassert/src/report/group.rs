//! One finding for what several tests see alike, and the order of findings.

use std::collections::BTreeMap;

use perfassert::Site;
use perfassert::counts::Metric;
use perfassert::sql::Fingerprint;

use super::{Finding, Kind};

/// What makes two findings the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: Kind,
    severity: u8,
    package: String,
    endpoint: Option<String>,
    metric: Option<Metric>,
    statements: Vec<(Fingerprint, Vec<Site>)>,
    /// Keeps apart what nothing but its test identifies.
    alone: Option<usize>,
}

/// Groups and ranks.
pub(super) fn group(findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups = BTreeMap::<Key, Finding>::new();
    for (index, finding) in findings.into_iter().enumerate() {
        match groups.entry(key(&finding, index)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(finding);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => join(entry.get_mut(), finding),
        }
    }
    let mut findings: Vec<Finding> = groups.into_values().collect();
    findings.sort_by_cached_key(rank);
    findings
}

fn key(finding: &Finding, index: usize) -> Key {
    let of_endpoint = finding.endpoint.is_some();
    let risen = finding.statements.iter().filter(|statement| statement.rose());
    let mut statements: Vec<_> = risen
        // The same endpoint is the same code; without one, the same lines are.
        .map(|it| (it.fingerprint, if of_endpoint { Vec::new() } else { it.sites.clone() }))
        .collect();
    statements.sort();
    let located = !statements.is_empty() && statements.iter().all(|(_, sites)| !sites.is_empty());
    Key {
        kind: finding.kind,
        severity: finding.severity as u8,
        package: finding.tests.first().map(|test| test.package.clone()).unwrap_or_default(),
        endpoint: finding.endpoint.clone(),
        metric: finding.metric.clone(),
        alone: (!of_endpoint && !located).then_some(index),
        statements,
    }
}

/// The greater one is shown, with the tests of both.
fn join(shown: &mut Finding, other: Finding) {
    let mut tests = std::mem::take(&mut shown.tests);
    tests.extend(other.tests.iter().cloned());
    tests.sort();
    tests.dedup();
    let touched = shown.touched || other.touched;
    let already_there = shown.already_there && other.already_there;
    if other.increase() > shown.increase() {
        *shown = other;
    }
    (shown.tests, shown.touched, shown.already_there) = (tests, touched, already_there);
}

/// The most urgent first: the kind, whether it was there before, the size, and then names so that the order is stable.
fn rank(finding: &Finding) -> impl Ord + use<> {
    let urgency = match finding.kind {
        Kind::Inconclusive => 0,
        Kind::NPlusOne => 1,
        _ if finding.already_there => 4,
        Kind::OverBudget => 2,
        _ if finding.budget.is_some() || finding.before.unwrap_or(0) == 0 => 2,
        _ => 3,
    };
    (
        urgency,
        std::cmp::Reverse(finding.increase()),
        finding.kind,
        finding.endpoint.clone(),
        finding.tests.clone(),
    )
}
