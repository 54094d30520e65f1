//! The order of findings, one for each cause.

use std::collections::BTreeSet;

use perfassert_record::sql::Fingerprint;

use super::cause::{accused, by_cause};
use super::{Finding, Kind, Severity};

/// Joins what has one cause, and ranks.
pub(super) fn group(findings: Vec<Finding>) -> Vec<Finding> {
    let mut causes = by_cause(without_traces(findings));
    causes.sort_by_cached_key(rank);
    causes
}

/// Leaves out that a test sends other statements than it did, where these are why another one fails: it does not see the regression.
fn without_traces(mut findings: Vec<Finding>) -> Vec<Finding> {
    let failing = findings.iter().filter(|it| it.severity == Severity::Fail && it.kind.is_more_queries());
    let known: BTreeSet<_> = failing.flat_map(traces).flatten().collect();
    let is_known = |of_statement: &Vec<Trace>| of_statement.iter().any(|trace| known.contains(trace));
    findings.retain(|it| it.kind != Kind::ChangedSql || !traces(it).iter().all(is_known));
    findings
}

/// A statement in an endpoint of a package, or on a line of a file.
type Trace = (Fingerprint, String, Option<String>, u32);

/// By what each statement of a finding is known.
fn traces(finding: &Finding) -> Vec<Vec<Trace>> {
    let of_statement = |index: usize| {
        let statement = &finding.statements[index];
        let lines = statement.sites.iter().map(|it| (statement.fingerprint, it.file.clone(), None, it.line));
        let endpoint = finding
            .endpoint
            .clone()
            .map(|endpoint| (statement.fingerprint, finding.tests[0].package.clone(), Some(endpoint), 0));
        lines.chain(endpoint).collect()
    };
    accused(finding).into_iter().map(of_statement).collect()
}

/// The most urgent first: the kind, whether it was there before, the size, and then names so that the order is stable.
fn rank(finding: &Finding) -> impl Ord + use<> {
    let has_budget = || finding.rows.iter().any(|row| row.budget.is_some());
    let urgency = match finding.kind {
        Kind::Inconclusive => 0,
        Kind::NPlusOne => 1,
        Kind::Duplicate => 2,
        _ if finding.already_there => 5,
        Kind::OverBudget => 3,
        _ if finding.before.unwrap_or(0) == 0 || has_budget() => 3,
        _ => 4,
    };
    let increase = finding.increase();
    let size = if finding.severity == Severity::Improvement { increase } else { -increase };
    (finding.severity as u8, urgency, size, finding.kind, finding.endpoint.clone(), finding.tests.clone())
}
