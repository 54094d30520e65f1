//! Endpoints that the baseline does not have: new ones fail nothing by being new, but an N+1 in one is an N+1.

use std::collections::BTreeSet;

use perfassert_record::counts::Metric;

use super::finding::{Finding, Kind, Severity};
use crate::diff::{Changes, ScopeChange, State, StatementChange, TestChange};

/// The endpoints that some test has on both sides, with their package: what they do is judged there.
pub(super) type KnownEndpoints<'a> = BTreeSet<(&'a str, &'a str)>;

pub(super) fn known(changes: &Changes) -> KnownEndpoints<'_> {
    let of = |test| endpoints(test, &State::Compared);
    changes.tests.iter().flat_map(of).map(|(test, _, name)| (&*test.test.package, name)).collect()
}

/// The N+1s of endpoints that no test of the baseline calls, in a test that it has.
pub(super) fn of_test(test: &TestChange, known: &KnownEndpoints<'_>) -> Vec<Finding> {
    let new = endpoints(test, &State::New).filter(|_| test.state == State::Compared);
    let unknown = new.filter(|(test, _, name)| !known.contains(&(&*test.test.package, *name)));
    unknown.filter_map(|(test, scope, _)| finding(test, scope)).collect()
}

fn endpoints<'a>(
    test: &'a TestChange,
    state: &State,
) -> impl Iterator<Item = (&'a TestChange, &'a ScopeChange, &'a str)> {
    let of_state = test.endpoints.iter().filter(move |scope| scope.state == *state);
    of_state.filter_map(move |scope| Some((test, scope, scope.endpoint.as_deref()?)))
}

fn finding(test: &TestChange, scope: &ScopeChange) -> Option<Finding> {
    // What the test did before is not new, and what its endpoints do not explain is told of the whole test.
    let is_new = |statement: &&StatementChange| {
        let mut whole = test.whole.statements.iter();
        whole.any(|it| it.fingerprint == statement.fingerprint && it.explained > 0)
    };
    let mut repeated = scope.statements.iter().filter(|it| it.n_plus_one).filter(is_new).peekable();
    repeated.peek()?;
    let kind = if repeated.any(StatementChange::is_n_plus_one) { Kind::NPlusOne } else { Kind::Duplicate };
    let change = scope.metric(&Metric::Queries)?;
    let statements = scope.statements.clone();
    Some(Finding { statements, ..Finding::of(kind, Severity::Fail, test, scope, change) })
}
