//! One finding for what several tests see alike, and the order of findings.

use std::collections::BTreeMap;

use perfassert::Site;
use perfassert::sql::Fingerprint;

use super::{Finding, Kind, Severity};

/// Ranks, and joins what has one cause.
pub(super) fn group(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_cached_key(rank);
    let mut groups: Vec<Finding> = Vec::new();
    // Only findings of one place can have one cause.
    let mut places = BTreeMap::<(String, Option<String>), Vec<usize>>::new();
    for finding in findings {
        let package = finding.tests.first().map(|test| test.package.clone()).unwrap_or_default();
        let place = places.entry((package, finding.endpoint.clone())).or_default();
        match place.iter().find(|index| has_one_cause(&groups[**index], &finding)) {
            Some(index) => join(&mut groups[*index], finding),
            None => {
                place.push(groups.len());
                groups.push(finding);
            }
        }
    }
    groups
}

/// Whether `other`, which ranks lower, tells of what `shown` tells of.
fn has_one_cause(shown: &Finding, other: &Finding) -> bool {
    let of_queries = |kind: Kind| kind.is_more_queries() || kind == Kind::ChangedSql;
    let alike = shown.severity == other.severity || shown.severity == Severity::Fail;
    if of_queries(shown.kind) && of_queries(other.kind) {
        let (shown_risen, other_risen) = (risen(shown), risen(other));
        let inside = other_risen.iter().all(|statement| shown_risen.contains(statement));
        // Without statements, as between versions of the fingerprints, the endpoint alone tells.
        let tells = !other_risen.is_empty() || (shown_risen.is_empty() && shown.endpoint.is_some());
        alike && inside && tells
    } else {
        // The same endpoint is the same code.
        shown.endpoint.is_some()
            && (shown.kind, shown.severity, &shown.metric) == (other.kind, other.severity, &other.metric)
            && shown.already_there == other.already_there
    }
}

/// The statements that rose, and from where: of an endpoint, wherever they come from.
fn risen(finding: &Finding) -> Vec<(Fingerprint, &[Site])> {
    let of_endpoint = finding.endpoint.is_some();
    let risen = finding.statements.iter().filter(|statement| statement.rose());
    let located = risen.filter(|statement| of_endpoint || !statement.sites.is_empty());
    located.map(|it| (it.fingerprint, if of_endpoint { &[] } else { &it.sites[..] })).collect()
}

/// The greater one is shown, with the tests of both.
fn join(shown: &mut Finding, mut other: Finding) {
    if other.severity != shown.severity {
        // As many queries as before, though other ones: that test does not see the regression.
        return;
    }
    let touched = shown.touched || other.touched;
    // One that can be compared says more than one that is new.
    let weight = |finding: &Finding| (finding.before.is_some(), finding.increase());
    if other.kind == shown.kind && weight(&other) > weight(shown) {
        std::mem::swap(shown, &mut other);
    }
    shown.touched = touched;
    shown.tests.append(&mut other.tests);
    // The counts are the first one's.
    let mut others = shown.tests.split_off(1);
    others.retain(|test| *test != shown.tests[0]);
    others.sort();
    others.dedup();
    shown.tests.append(&mut others);
    for also in other.also {
        match shown.also.iter_mut().find(|it| it.metric == also.metric && it.test == also.test) {
            Some(known) if known.after < also.after => *known = also,
            Some(_) => {}
            None => shown.also.push(also),
        }
    }
}

/// The most urgent first: the kind, whether it was there before, the size, and then names so that the order is stable.
fn rank(finding: &Finding) -> impl Ord + use<> {
    let urgency = match finding.kind {
        Kind::Inconclusive => 0,
        Kind::NPlusOne => 1,
        Kind::Duplicate => 2,
        _ if finding.already_there => 5,
        Kind::OverBudget => 3,
        _ if finding.budget.is_some() || finding.before.unwrap_or(0) == 0 => 3,
        _ => 4,
    };
    let severity = finding.severity as u8;
    let size = std::cmp::Reverse(finding.increase());
    (severity, urgency, size, finding.kind, finding.endpoint.clone(), finding.tests.clone())
}
