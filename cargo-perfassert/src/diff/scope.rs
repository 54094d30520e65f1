//! What differs within one scope: a whole test, or the dearest request of one of its endpoints.

use std::collections::BTreeMap;

use perfassert_record::counts::{Counts, Metric};
use perfassert_record::record::Site;
use perfassert_record::record::{Endpoint, Record, Statement};
use perfassert_record::sql::{Class, Fingerprint, Kind};

use super::State;
use super::endpoints::{Count, Endpoints};
use crate::spread::Range;

/// A whole test, or one of its endpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct ScopeChange {
    /// The endpoint's name; `None` for the whole test.
    pub endpoint: Option<String>,
    /// What the baseline calls it, where that is another name.
    pub renamed_from: Option<String>,
    /// Whether there are two sides to compare.
    pub state: State,
    /// How many requests there were, and are.
    pub requests: (u64, u64),
    /// Every metric that is measured now; of an endpoint, in its dearest request.
    pub metrics: Vec<MetricChange>,
    /// Of an endpoint of which there are several requests, and no more than there were, what all of them count together.
    pub sums: Vec<MetricChange>,
    /// The application statements of both sides, the greatest increase first; none where the fingerprints' versions
    /// differ.
    pub statements: Vec<StatementChange>,
}

/// One metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricChange {
    /// The metric.
    pub metric: Metric,
    /// What the baseline counted; `None` where it has no such scope or did not measure it.
    pub before: Option<Range>,
    /// What is counted now.
    pub after: Range,
    /// How much of the increase the endpoints of the test explain: at most all of it, and less than nothing where they count less and
    /// the rest of the test counts more.
    pub explained: i64,
    /// Of a whole test of which that is so, what it counted outside of its requests on the baseline, and counts now.
    pub outside: Option<(i64, i64)>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementChange {
    /// Normalised SQL.
    pub sql: String,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// What it does.
    pub kind: Kind,
    /// How often it was executed on the baseline.
    pub before: u64,
    /// How often it is executed now.
    pub after: u64,
    /// Whether it repeats the way that an N+1 does, with whatever values.
    pub n_plus_one: bool,
    /// Whether it does so with the same values each time.
    pub duplicate: bool,
    /// Of an N+1, the statement that returned as many rows as this one is executed times now: it is executed once per row of
    /// that.
    pub per_row_of: Option<Fingerprint>,
    /// Whether it repeated on the baseline.
    pub was_n_plus_one: bool,
    /// How much of the increase the endpoints of the test explain: at most all of it.
    pub explained: u64,
    /// Where it is issued; where it was, if it is gone.
    pub sites: Vec<Site>,
}

impl MetricChange {
    /// The increase, from the least to the least; `None` without a counterpart.
    #[must_use]
    pub fn increase(&self) -> Option<i64> {
        self.before.map(|before| self.after.least - before.least)
    }

    /// Whether it was not the same in each look, on either side.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.after.moves() || self.before.is_some_and(Range::moves)
    }

    /// Whether each look counted more than any of the baseline's, and no endpoint of the test explains that.
    #[must_use]
    pub fn rose(&self) -> bool {
        self.before.is_some_and(|before| self.after.least - self.explained > before.most)
    }

    /// Whether each look counted less than any of the baseline's.
    #[must_use]
    pub fn fell(&self) -> bool {
        self.before.is_some_and(|before| self.after.most < before.least)
    }

    /// The increase that no endpoint of the test explains; `None` without a counterpart.
    #[must_use]
    pub fn unexplained(&self) -> Option<i64> {
        self.increase().map(|increase| increase - self.explained)
    }
}

impl StatementChange {
    /// The increase.
    #[must_use]
    pub fn increase(&self) -> i64 {
        self.after.cast_signed() - self.before.cast_signed()
    }

    /// Whether it is executed again and again, once for each row of another one.
    #[must_use]
    pub fn is_n_plus_one(&self) -> bool {
        self.n_plus_one && !self.duplicate
    }

    /// Whether it was executed again and again on the baseline, and is not any more.
    #[must_use]
    pub fn was_repaired(&self) -> bool {
        self.was_n_plus_one && !self.n_plus_one
    }

    /// Whether the count rose and no endpoint of the test explains that.
    #[must_use]
    pub fn rose(&self) -> bool {
        self.after > self.before + self.explained
    }
}

impl ScopeChange {
    /// The change of one metric, if it is measured now.
    #[must_use]
    pub fn metric(&self, metric: &Metric) -> Option<&MetricChange> {
        self.metrics.iter().find(|change| change.metric == *metric)
    }

    /// The endpoint's name on the baseline, if it is there.
    pub(super) fn name_before(&self) -> Option<&str> {
        self.renamed_from.as_deref().or(self.endpoint.as_deref())
    }
}

/// Compares an endpoint. `theirs` is `None` when the whole test has no counterpart, `Some(None)` when only the endpoint
/// has none.
pub(super) fn endpoint(
    theirs: Option<Option<&Endpoint>>,
    ours: &Endpoint,
    test: &State,
    compare_statements: bool,
) -> ScopeChange {
    let (state, theirs) = match theirs {
        None => (test.clone(), None),
        Some(None) => (State::New, None),
        Some(Some(theirs)) if theirs.failed > 0 => {
            let reason =
                format!("{} of its {} requests failed on the baseline", theirs.failed, theirs.requests);
            (State::NotComparable(reason), Some(theirs))
        }
        Some(Some(theirs)) if ours.failed == ours.requests && ours.failed > 0 => {
            let reason = format!("all of its {} requests fail now", ours.requests);
            (State::NotComparable(reason), Some(theirs))
        }
        Some(Some(theirs)) => (State::Compared, Some(theirs)),
    };
    let compared = theirs.filter(|_| state == State::Compared);
    let before = compared.map(|theirs| &theirs.statements[..]);
    ScopeChange {
        endpoint: Some(ours.name.clone()),
        renamed_from: theirs.map(|theirs| &theirs.name).filter(|name| **name != ours.name).cloned(),
        state,
        requests: (theirs.map_or(0, |theirs| theirs.requests), ours.requests),
        metrics: metrics(compared.map(|theirs| &theirs.counts), &ours.counts),
        sums: compared.map(|theirs| sums(theirs, ours)).unwrap_or_default(),
        statements: if compare_statements { statements(before, &ours.statements) } else { Vec::new() },
    }
}

/// With as many requests or fewer, a sum that rose is a request that counts more, though it may not be the dearest.
fn sums(theirs: &Endpoint, ours: &Endpoint) -> Vec<MetricChange> {
    let of = |endpoint: &Endpoint| match endpoint.requests {
        1 => Some(endpoint.counts.clone()),
        _ => endpoint.sums.clone(),
    };
    match (of(theirs), of(ours)) {
        (Some(was), Some(is)) if theirs.requests > 1 && ours.requests <= theirs.requests => {
            metrics(Some(&was), &is)
        }
        _ => Vec::new(),
    }
}

/// Compares whole tests; `theirs` has the pairs of endpoints, and `endpoints` are the current one's, already compared.
pub(super) fn whole(
    theirs: Option<(&Record, &Endpoints<'_>)>,
    ours: &Record,
    endpoints: &[ScopeChange],
    state: &State,
    compare_statements: bool,
) -> ScopeChange {
    let (theirs, pairs) = theirs.unzip();
    let before = theirs.map(|theirs| &theirs.statements[..]);
    let mut whole = ScopeChange {
        endpoint: None,
        renamed_from: None,
        state: state.clone(),
        requests: (0, 0),
        metrics: metrics(theirs.map(|theirs| &theirs.counts), &ours.counts),
        sums: Vec::new(),
        statements: if compare_statements { statements(before, &ours.statements) } else { Vec::new() },
    };
    let Some(pairs) = pairs else { return whole };
    for change in &mut whole.metrics {
        let explained = pairs.rise(&|endpoint| Count::of_metric(endpoint, &change.metric));
        change.explained = explained.clamp(0, change.increase().unwrap_or(0).max(0));
    }
    if pairs.are_exact() {
        outside(&mut whole, pairs);
    }
    for change in &mut whole.statements {
        let explained = pairs.rise(&|endpoint| Count::of_statement(endpoint, change.fingerprint));
        change.explained = explained.clamp(0, change.increase().max(0)).unsigned_abs();
        // An endpoint that has it tells of it, if it may.
        let may_tell = |scope: &&ScopeChange| scope.state != State::New || pairs.new_explain;
        let has_it = |scope: &ScopeChange| {
            scope.statements.iter().any(|it| it.fingerprint == change.fingerprint && it.n_plus_one)
        };
        if endpoints.iter().filter(may_tell).any(has_it) {
            (change.n_plus_one, change.per_row_of) = (false, None);
        }
    }
    whole
}

/// Tells queries that rose outside of the requests from those that fell in them. A statement that moved from the one to the other did
/// not rise.
fn outside(whole: &mut ScopeChange, pairs: &Endpoints<'_>) {
    let rise = |change: &StatementChange| {
        let count = |endpoint: &Endpoint| Count::of_statement(endpoint, change.fingerprint);
        let beside = change.increase() - pairs.rise(&count);
        if beside < 0 { (beside + pairs.fall(&count)).min(0) } else { beside }
    };
    let rise: i64 = whole.statements.iter().map(rise).sum();
    let Some(change) = whole.metrics.iter_mut().find(|change| change.metric == Metric::Queries) else {
        return;
    };
    let Some((before, increase)) = change.before.zip(change.increase()) else { return };
    let (was, is) = pairs.all(&|endpoint| Count::of_metric(endpoint, &Metric::Queries));
    let outside = (before.least - was, change.after.least - is);
    // One request inside of another one is counted in both.
    if rise > increase.max(0) && outside.0 >= 0 && outside.1 > outside.0 {
        (change.explained, change.outside) = (increase - rise, Some(outside));
    }
}

/// Every metric as if it had been the same in each look.
fn metrics(before: Option<&Counts>, after: &Counts) -> Vec<MetricChange> {
    let count_before = |before: &Counts, metric: &Metric| match metric {
        // A kind that never came up is not written down.
        Metric::QueriesOf(_) if before.get(&Metric::Queries).is_some() => {
            Some(before.get(metric).unwrap_or(0))
        }
        metric => before.get(metric),
    };
    let change = |(metric, after): (&Metric, i64)| MetricChange {
        metric: metric.clone(),
        before: before.and_then(|before| count_before(before, metric)).map(Range::exactly),
        after: Range::exactly(after),
        explained: 0,
        outside: None,
    };
    after.iter().map(change).collect()
}

fn statements(before: Option<&[Statement]>, after: &[Statement]) -> Vec<StatementChange> {
    let mut changes = BTreeMap::<Fingerprint, StatementChange>::new();
    let unchanged = |statement: &Statement| StatementChange {
        sql: statement.sql.clone(),
        fingerprint: statement.fingerprint,
        kind: statement.kind,
        before: 0,
        after: 0,
        n_plus_one: false,
        duplicate: false,
        per_row_of: None,
        was_n_plus_one: false,
        explained: 0,
        sites: statement.sites.clone(),
    };
    let application = |statement: &&Statement| statement.class == Class::Application;
    for statement in after.iter().filter(application) {
        let change = changes.entry(statement.fingerprint).or_insert_with(|| unchanged(statement));
        change.after += statement.count;
        change.n_plus_one |= statement.n_plus_one;
        change.duplicate |= statement.duplicate;
    }
    for statement in before.unwrap_or_default().iter().filter(application) {
        let change = changes.entry(statement.fingerprint).or_insert_with(|| unchanged(statement));
        change.before += statement.count;
        change.was_n_plus_one |= statement.n_plus_one;
    }
    for change in changes.values_mut() {
        change.per_row_of = parent(change, after);
    }
    let mut changes: Vec<_> = changes.into_values().collect();
    changes.sort_by(|a, b| b.increase().cmp(&a.increase()).then_with(|| a.sql.cmp(&b.sql)));
    changes
}

/// The statement whose rows an N+1 is executed for, as far as drivers tell of rows: of several the one that is executed least.
fn parent(child: &StatementChange, after: &[Statement]) -> Option<Fingerprint> {
    let is_parent = |it: &&Statement| {
        it.class == Class::Application
            && it.fingerprint != child.fingerprint
            && it.count < child.after
            && it.rows == Some(child.after)
    };
    let parents = after.iter().filter(|_| child.is_n_plus_one()).filter(is_parent);
    parents.min_by_key(|it| it.count).map(|it| it.fingerprint)
}
