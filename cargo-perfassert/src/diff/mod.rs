//! What differs between two runs: pure, no policy, no I/O.
//!
//! Tests are matched by their [`TestId`] and endpoints by their name, or both by what they execute, statements by their fingerprint.

mod counted;
mod endpoints;
mod renamed;
mod scope;

pub use scope::{MetricChange, ScopeChange, StatementChange};

use std::collections::BTreeMap;

pub use perfassert_record::attributes::Order;
use perfassert_record::counts::Metric;
use perfassert_record::record::{Budget, Environment, Outcome, Reason, Record, TestId};

use crate::runs::Run;
use crate::spread::Spread;
use endpoints::Endpoints;

/// Everything that differs between a baseline and the current run, and what of them could not be compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Every test of the current run, compared with its counterpart where it has one, sorted.
    pub tests: Vec<TestChange>,
    /// Tests of the baseline that the current run has no longer, under any name, sorted.
    pub removed: Vec<TestId>,
}

/// One test of the current run.
#[derive(Clone, Debug, PartialEq)]
pub struct TestChange {
    /// The test.
    pub test: TestId,
    /// What the baseline calls it, where that is another name.
    pub renamed_from: Option<TestId>,
    /// Whether it has a counterpart.
    pub state: State,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it has an attribute: then what it does for itself is not among its counts, or its author has meant it to be.
    pub is_marked: bool,
    /// Whether its counterpart was over its budget, too.
    pub was_over_budget: bool,
    /// The two environments, where they differ in what allocations depend on.
    pub environments: Option<(Environment, Environment)>,
    /// What the baseline counted some of, and is not counted now.
    pub uncounted: Vec<Metric>,
    /// What there is some of now, and the baseline did not count.
    pub uncounted_before: Vec<Metric>,
    /// The limits that hold for it now.
    pub budgets: Vec<Budget>,
    /// The limits that were loosened or removed.
    pub gates: Vec<GateChange>,
    /// The whole test.
    pub whole: ScopeChange,
    /// Its endpoints.
    pub endpoints: Vec<ScopeChange>,
    /// Endpoints that it called on the baseline and does not call any more.
    pub endpoints_removed: Vec<String>,
}

/// Whether there are two sides to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Both sides measured it.
    Compared,
    /// The baseline does not have it.
    New,
    /// Both sides have it, and one cannot be used, because of this.
    NotComparable(String),
}

/// A gate of a test that was loosened or removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateChange {
    /// A limit.
    Limit {
        /// What is limited.
        metric: Metric,
        /// Of a request of which endpoint; `None` for the whole test.
        endpoint: Option<String>,
        /// The highest number that passed.
        before: i64,
        /// The highest number that passes now; `None` if the limit is gone.
        after: Option<i64>,
    },
    /// The repetitions from which on a statement is accused.
    NPlusOne {
        /// How many they were.
        before: i64,
        /// How many they are; `None` if nothing is accused any more.
        after: Option<i64>,
    },
    /// How fast a count may grow.
    Scaling {
        /// The count, as the attribute names it.
        metric: String,
        /// How fast it could.
        before: Order,
        /// How fast it can; `None` if that is not judged any more.
        after: Option<Order>,
    },
    /// The largest size that a test of scaling tries.
    Sizes {
        /// What it was.
        before: u64,
        /// What it is.
        after: u64,
    },
    /// An attribute that is gone, as it was written: `#[snapshot]`.
    Removed(String),
    /// An attribute that is there now, as it is written: `#[ignore]`.
    Added(String),
}

/// Compares two runs.
#[must_use]
pub fn diff(baseline: &Run, current: &Run) -> Changes {
    let (theirs, ours) = (counted::meant(&baseline.records), counted::meant(&current.records));
    let before: BTreeMap<&TestId, &Record> = theirs.iter().map(|record| (&record.test, record)).collect();
    let after: BTreeMap<&TestId, &Record> = ours.iter().map(|record| (&record.test, record)).collect();
    let removed: Vec<&Record> =
        before.values().copied().filter(|record| !after.contains_key(&record.test)).collect();
    let new: Vec<&Record> =
        after.values().copied().filter(|record| !before.contains_key(&record.test)).collect();
    let pairs = renamed::renamed(&removed, &new);
    let was: BTreeMap<&TestId, &Record> = pairs.iter().map(|(old, now)| (&now.test, *old)).collect();
    let counterpart = |id: &TestId| before.get(id).or_else(|| was.get(id)).copied();
    let mut tests: Vec<_> = after.values().map(|record| test(counterpart(&record.test), record)).collect();
    let is: BTreeMap<&TestId, &TestId> = pairs.iter().map(|(old, now)| (&old.test, &now.test)).collect();
    add_spreads(&mut tests, baseline, current, &is);
    let gone = removed.iter().map(|record| &record.test).filter(|test| !is.contains_key(test));
    let removed = gone.cloned().collect();
    Changes { tests, removed }
}

/// Puts in what moves; `renamed` has the names of now by those of the baseline.
fn add_spreads(
    tests: &mut [TestChange],
    baseline: &Run,
    current: &Run,
    renamed: &BTreeMap<&TestId, &TestId>,
) {
    for spread in &baseline.spreads {
        let is_it = |scope: &ScopeChange| scope.name_before() == spread.endpoint.as_deref();
        let test = renamed.get(&spread.test).copied().unwrap_or(&spread.test);
        forget_outside(tests, test, spread);
        if let Some(change) = metric_of(tests, test, spread, is_it).filter(|change| change.before.is_some()) {
            change.before = Some(spread.range);
        }
    }
    for spread in &current.spreads {
        let is_it = |scope: &ScopeChange| scope.endpoint == spread.endpoint;
        forget_outside(tests, &spread.test, spread);
        if let Some(change) = metric_of(tests, &spread.test, spread, is_it) {
            change.after = spread.range;
        }
    }
}

/// The change of the count of `test` that a spread is about, in the scope that `is_it`; `tests` are sorted.
fn metric_of<'a>(
    tests: &'a mut [TestChange],
    test: &TestId,
    spread: &Spread,
    is_it: impl Fn(&ScopeChange) -> bool,
) -> Option<&'a mut MetricChange> {
    let index = tests.binary_search_by(|it| it.test.cmp(test)).ok()?;
    let test = &mut tests[index];
    let mut scopes = test.endpoints.iter_mut().chain([&mut test.whole]);
    let scope = scopes.find(|scope| is_it(scope))?;
    let changes = if spread.is_sum { &mut scope.sums } else { &mut scope.metrics };
    changes.iter_mut().find(|change| change.metric == spread.metric)
}

/// What a test counts outside of its requests is known where none of it moves.
fn forget_outside(tests: &mut [TestChange], test: &TestId, spread: &Spread) {
    let Ok(index) = tests.binary_search_by(|it| it.test.cmp(test)) else { return };
    let changes = &mut tests[index].whole.metrics;
    for change in changes.iter_mut().filter(|it| it.metric == spread.metric && it.outside.is_some()) {
        (change.explained, change.outside) = (0, None);
    }
}

fn test(before: Option<&Record>, after: &Record) -> TestChange {
    let state = match (before, &after.outcome) {
        (_, Outcome::Failed) => State::NotComparable("it fails".to_owned()),
        (_, Outcome::Unseen(reasons)) => {
            State::NotComparable(because("only a part of it was observed", reasons))
        }
        (None, _) => State::New,
        (Some(before), _) => match &before.outcome {
            Outcome::Failed => State::NotComparable("it failed on the baseline".to_owned()),
            Outcome::Inconclusive(reasons) => {
                State::NotComparable(because("its gate was inconclusive on the baseline", reasons))
            }
            Outcome::Unseen(reasons) => {
                State::NotComparable(because("only a part of it was observed on the baseline", reasons))
            }
            Outcome::Passed | Outcome::OverBudget(_) => State::Compared,
        },
    };
    let counterpart = before.filter(|_| state == State::Compared);
    let statements =
        counterpart.is_none_or(|before| before.environment.fingerprints == after.environment.fingerprints);
    let pairs = counterpart.map(|before| Endpoints::of(before, after));
    let endpoints: Vec<ScopeChange> = match &pairs {
        None => after.endpoints.iter().map(|ours| scope::endpoint(None, ours, &state, statements)).collect(),
        Some(pairs) => pairs
            .now
            .iter()
            .map(|(theirs, ours)| scope::endpoint(Some(*theirs), ours, &state, statements))
            .collect(),
    };
    let sides = counterpart.zip(pairs.as_ref());
    TestChange {
        test: after.test.clone(),
        renamed_from: before.map(|before| &before.test).filter(|test| **test != after.test).cloned(),
        outcome: after.outcome.clone(),
        is_marked: after.is_marked,
        was_over_budget: counterpart.is_some_and(|before| matches!(before.outcome, Outcome::OverBudget(_))),
        environments: counterpart
            .filter(|before| !before.environment.allocates_like(&after.environment))
            .map(|before| (before.environment.clone(), after.environment.clone())),
        uncounted: counterpart.map(|it| counted::only_in(it, after)).unwrap_or_default(),
        uncounted_before: counterpart.map(|it| counted::only_in(after, it)).unwrap_or_default(),
        budgets: after.budgets.clone(),
        gates: counterpart
            .map(|before| gates(&before.budgets, &after.budgets, &endpoints))
            .unwrap_or_default(),
        whole: scope::whole(sides, after, &endpoints, &whole(before, after, &state), statements),
        endpoints,
        endpoints_removed: pairs.iter().flat_map(|it| &it.gone).map(|it| it.name.clone()).collect(),
        state,
    }
}

fn because(what: &str, reasons: &[Reason]) -> String {
    reasons.first().map_or(what.to_owned(), |reason| format!("{what}: {}", reason.cause))
}

/// Whether the whole test can be compared, if its endpoints can: where one side has measured a body, that other things are left out.
fn whole(before: Option<&Record>, after: &Record, state: &State) -> State {
    let marked = |is_marked: bool| if is_marked { "an attribute" } else { "none" };
    match before.map(|before| before.is_marked) {
        Some(was) if *state == State::Compared && was != after.is_marked => State::NotComparable(format!(
            "it had {} on the baseline and has {} now, so its set-up counts on one side only",
            marked(was),
            marked(after.is_marked)
        )),
        _ => state.clone(),
    }
}

fn gates(before: &[Budget], after: &[Budget], endpoints: &[ScopeChange]) -> Vec<GateChange> {
    let named_now = |theirs: &Budget| {
        let renamed = endpoints
            .iter()
            .find(|scope| scope.renamed_from.is_some() && scope.renamed_from == theirs.endpoint);
        renamed.map_or(&theirs.endpoint, |scope| &scope.endpoint).clone()
    };
    let same =
        |ours: &Budget, theirs: &Budget| ours.metric == theirs.metric && ours.endpoint == named_now(theirs);
    let mut changes = Vec::new();
    for theirs in before {
        // Of several limits on one thing the tightest holds.
        let now = after.iter().filter(|ours| same(ours, theirs)).map(|ours| ours.max).min();
        if now.is_none_or(|now| now > theirs.max) {
            let Budget { metric, max, endpoint } = theirs.clone();
            changes.push(GateChange::Limit { metric, endpoint, before: max, after: now });
        }
    }
    changes
}
