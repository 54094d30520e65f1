//! What to do about a finding.

use perfassert::sql::{ABOUT_A_DUPLICATE, advice};

use super::{Finding, Kind, Severity};
use crate::git::Base;

/// The lines of help for a finding whose other fields are complete.
pub(super) fn help(finding: &Finding) -> Vec<String> {
    let mut help = Vec::new();
    if finding.kind == Kind::NPlusOne {
        let repeated = finding.statements.iter().filter(|it| it.is_n_plus_one() && it.rose());
        help.extend(advice(&repeated.map(|it| it.sql.as_str()).collect::<Vec<_>>()));
    }
    if finding.kind == Kind::Duplicate {
        help.push(ABOUT_A_DUPLICATE.to_owned());
    }
    if finding.kind == Kind::ChangedSql {
        help.push("see that the new statement reads no more rows than the one it replaces".to_owned());
    }
    let attribute = |n| finding.metric.as_ref().and_then(|it| it.attribute(n, finding.endpoint.as_deref()));
    match (finding.severity, finding.budget) {
        (Severity::Improvement, Some(_)) => {
            help.extend(attribute(finding.after).map(|it| format!("tighten the budget to keep it: {it}")));
        }
        (Severity::Fail, Some(_)) => {
            help.extend(
                attribute(finding.after).map(|it| format!("if this is meant, raise the budget: {it}")),
            );
        }
        (Severity::Fail, None) if finding.before.is_some() || finding.kind.is_repeated_statement() => {
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
