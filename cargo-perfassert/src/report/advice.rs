//! What to do about a finding.

use perfassert_record::counts::Metric;
use perfassert_record::sql::{advice, advice_on_duplicates};

use super::{Finding, Kind, Severity};
use crate::git::Base;
use crate::set_up;

/// So many limits are offered to be raised.
const RAISED: usize = 3;

/// The lines of help for a finding whose other fields are complete, of so many tests that were `measured`.
pub(super) fn help(finding: &Finding, measured: usize) -> Vec<String> {
    let mut help = Vec::new();
    if finding.kind == Kind::NPlusOne {
        let repeated = finding.statements.iter().filter(|it| it.is_n_plus_one() && it.rose());
        help.extend(advice(&repeated.map(|it| it.sql.as_str()).collect::<Vec<_>>()));
    }
    if finding.kind == Kind::Duplicate {
        let repeated = finding.statements.iter().filter(|it| it.duplicate && it.rose());
        help.extend(advice_on_duplicates(&repeated.map(|it| it.sql.as_str()).collect::<Vec<_>>()));
    }
    if finding.kind == Kind::ChangedSql {
        help.push("see that the new statement reads no more rows than the one it replaces".to_owned());
    }
    help.extend(set_up(finding, measured));
    let raised = raised(finding);
    match finding.severity {
        Severity::Improvement if finding.budget.is_some() => {
            let attribute = finding.metric.as_ref();
            let attribute = attribute.and_then(|it| it.attribute(finding.after, finding.endpoint.as_deref()));
            help.extend(attribute.map(|it| format!("tighten the budget to keep it: {it}")));
        }
        Severity::Fail if !raised.is_empty() => {
            help.extend(raised.iter().map(|it| format!("if this is meant, raise the budget: {it}")));
        }
        Severity::Fail if finding.before.is_some() || finding.kind.is_repeated_statement() => {
            help.push(
                "if this is meant, say why in the pull request: once merged it is what is compared with"
                    .to_owned(),
            );
        }
        _ => {}
    }
    help
}

/// The command that tells more of the functions that a finding names.
pub(super) fn explain(finding: &Finding, base: Option<&Base>) -> Option<String> {
    let test = finding.tests.first().filter(|_| !finding.places.is_empty())?;
    Some(format!("who calls them: cargo perfassert explain {} --baseline {}", test.path(), base?.reference))
}

/// The attributes that would let the counts pass that are over a limit.
fn raised(finding: &Finding) -> Vec<String> {
    let attribute = |metric: Option<&Metric>, n, endpoint: &Option<String>| {
        metric.and_then(|it| it.attribute(n, endpoint.as_deref()))
    };
    let of_rows = finding.rows.iter().filter(|row| row.budget.is_some());
    let of_rows = of_rows.map(|row| attribute(finding.metric.as_ref(), row.after, &row.endpoint));
    let of_others = finding.also.iter().filter(|also| also.budget.is_some() && also.endpoint.is_some());
    let of_others = of_others.map(|also| attribute(Some(&also.metric), also.after, &also.endpoint));
    let mut raised: Vec<String> = Vec::new();
    for attribute in of_rows.chain(of_others).flatten() {
        if raised.len() < RAISED && !raised.contains(&attribute) {
            raised.push(attribute);
        }
    }
    raised
}

/// What many tests do alike outside of any request is their set-up.
fn set_up(finding: &Finding, measured: usize) -> Option<String> {
    let repeats = finding.kind.is_repeated_statement() || finding.kind == Kind::OverBudget;
    let is_outside = finding.rows.iter().all(|row| row.endpoint.is_none());
    let repeated = finding.statements.iter().filter(|statement| statement.n_plus_one);
    let repeated: Vec<&str> = repeated.map(|statement| &*statement.sql).collect();
    if repeats && is_outside { set_up::help(finding.tests.len(), measured, &repeated) } else { None }
}
