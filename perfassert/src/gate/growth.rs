//! What of a test grows too fast: the runs of `#[scaling]`, one for each size, against what the attribute allows.

use super::scaling::{self, Growth, SizedCount};
use crate::counts::Metric;
use crate::inconclusive::Inconclusive;
use crate::observation::{Observation, Part};
use crate::scope::{Entry, Role};
use crate::spec::{Order, Scaling};
use crate::sql::Class;

/// A count that grows faster than it may.
pub(crate) struct Rise<'a> {
    pub(crate) scaling: &'a Scaling,
    pub(crate) metric: Metric,
    pub(crate) allowed: Order,
    points: Vec<SizedCount>,
    step: i64,
    /// The run with the largest size.
    pub(crate) part: &'a Part,
    /// The statements that there are more of with more, the fastest first; none where no statement is counted.
    pub(crate) statements: Vec<GrowingStatement<'a>>,
}

/// A statement that there is more of with more.
pub(crate) struct GrowingStatement<'a> {
    pub(crate) entry: &'a Entry,
    points: Vec<SizedCount>,
    /// The endpoint of which one request has that many.
    pub(crate) endpoint: Option<&'a str>,
}

/// How many collections may double at the same size: they allocate when they do, and not in between.
const COLLECTIONS: i64 = 8;

/// What `scaling` has to say of the runs.
pub(super) fn judge<'a>(
    scaling: &'a Scaling,
    observed: &'a Observation,
) -> Vec<Result<Option<Rise<'a>>, Inconclusive>> {
    let limits = [(Metric::Queries, scaling.queries), (Metric::Allocs, scaling.allocs)];
    let limits = limits.into_iter().filter_map(|(metric, allowed)| Some((metric, allowed?)));
    limits.map(|(metric, allowed)| rise(scaling, metric, allowed, observed)).collect()
}

fn rise<'a>(
    scaling: &'a Scaling,
    metric: Metric,
    allowed: Order,
    observed: &'a Observation,
) -> Result<Option<Rise<'a>>, Inconclusive> {
    let runs = runs(scaling, observed);
    let points: Vec<SizedCount> =
        runs.iter().map(|(n, part)| SizedCount { n: *n, count: part.count(&metric) }).collect();
    if metric == Metric::Queries {
        same_again(observed)?;
    }
    let statements = if metric == Metric::Queries { grown(&runs, observed) } else { Vec::new() };
    // A staircase of several statements rises by all of them at once.
    let climbs = |grown: &&GrowingStatement<'_>| grown.points.first().is_some_and(|point| point.count > 0);
    let step = match metric {
        Metric::Queries => statements.iter().filter(climbs).count().max(1) as i64,
        _ => COLLECTIONS,
    };
    match scaling::growth(&points, step, allowed) {
        Growth::Allowed => Ok(None),
        Growth::TooFast => {
            Ok(Some(Rise { scaling, metric, allowed, points, step, part: &observed.test, statements }))
        }
        Growth::Falls => Err(falls(&metric, &points)),
    }
}

/// One run of each size: of two with the same, the first was a trial.
fn runs<'a>(scaling: &Scaling, observed: &'a Observation) -> Vec<(usize, &'a Part)> {
    let smaller = observed.smaller.iter().skip(1).map(|run| (run.n, &run.test));
    smaller.chain(scaling.n.last().map(|n| (*n, &observed.test))).collect()
}

/// The first size ran twice, and is to have sent as much again.
fn same_again(observed: &Observation) -> Result<(), Inconclusive> {
    let [trial, first, ..] = observed.smaller.as_slice() else { return Ok(()) };
    let sent = |part: &Part| part.count(&Metric::Queries);
    if sent(&trial.test) == sent(&first.test) {
        return Ok(());
    }
    let (n, before, after) = (first.n, sent(&trial.test), sent(&first.test));
    Err(not_deterministic(&Metric::Queries, &format!("{before} for n = {n}, and {after} when it ran again")))
}

fn falls(metric: &Metric, points: &[SizedCount]) -> Inconclusive {
    not_deterministic(metric, &format!("{}, less for more", by_size(points)))
}

fn not_deterministic(metric: &Metric, how: &str) -> Inconclusive {
    let cause = format!("the {} are not deterministic: {how}", word(metric));
    let help = "look for what outlives one size and serves the next, such as a cache in a `static`: make it anew in each,\n\
                or fill it in perfassert::unmeasured(|| ...)\n\
                where the code takes another way for many, choose sizes that all take the same";
    if *metric == Metric::Queries {
        Inconclusive::to_queries(cause, help)
    } else {
        Inconclusive::to_everything(cause, help)
    }
}

/// What is counted, as messages say it.
fn word(metric: &Metric) -> &'static str {
    if *metric == Metric::Queries { "queries" } else { "allocations" }
}

/// `2, 5, 17 for n = 1, 4, 16`
fn by_size(points: &[SizedCount]) -> String {
    format!("{} for n = {}", list(points, |point| point.count), list(points, |point| point.n))
}

fn list<T: ToString>(points: &[SizedCount], of: impl Fn(&SizedCount) -> T) -> String {
    points.iter().map(|point| of(point).to_string()).collect::<Vec<_>>().join(", ")
}

fn grown<'a>(runs: &[(usize, &'a Part)], observed: &'a Observation) -> Vec<GrowingStatement<'a>> {
    let entries = observed.test.statements.iter().filter(|entry| entry.statement.class == Class::Application);
    let mut grown: Vec<GrowingStatement<'_>> =
        entries.filter_map(|entry| GrowingStatement::of(entry, runs, observed)).collect();
    grown.sort_by_key(|grown| std::cmp::Reverse(grown.by()));
    grown
}

fn count_in(part: &Part, entry: &Entry) -> i64 {
    let key = |entry: &Entry| (entry.statement.class, entry.statement.fingerprint);
    let found = part.statements.iter().find(|other| key(other) == key(entry));
    found.map_or(0, |found| i64::try_from(found.count).unwrap_or(i64::MAX))
}

impl<'a> GrowingStatement<'a> {
    /// The statement with its counts, if there is more of it in the last run than in the first.
    fn of(entry: &'a Entry, runs: &[(usize, &Part)], observed: &'a Observation) -> Option<Self> {
        let point = |(n, part): &(usize, &Part)| SizedCount { n: *n, count: count_in(part, entry) };
        let points: Vec<SizedCount> = runs.iter().map(point).collect();
        let least = points.first()?.count;
        let requests = observed.parts.iter().filter(|part| part.role == Role::Endpoint);
        let dearest = requests.max_by_key(|part| count_in(part, entry));
        // Where each request has few, it is the test that sends more of them.
        let endpoint = dearest.filter(|part| count_in(part, entry) > least).map(|part| part.name.as_str());
        let grown = GrowingStatement { entry, points, endpoint };
        (grown.by() > 0).then_some(grown)
    }

    fn by(&self) -> i64 {
        let count = |point: Option<&SizedCount>| point.map_or(0, |point| point.count);
        count(self.points.last()) - count(self.points.first())
    }

    /// How often it is executed: `n`, `2n`, or where no formula fits `0, 6, 120`.
    pub(crate) fn times(&self) -> String {
        scaling::formula(&self.points).unwrap_or_else(|| list(&self.points, |point| point.count))
    }
}

impl Rise<'_> {
    /// `queries: 2, 5, 17 for n = 1, 4, 16: 1 + n, and "constant" is allowed`
    pub(crate) fn headline(&self) -> String {
        let how = scaling::formula(&self.points).or_else(|| {
            let order = self.order().map(|order| match order {
                Order::Constant => "not at all",
                Order::Logarithmic => "about as log n",
                Order::Linear => "about as n",
                Order::Quadratic => "about as n²",
            });
            Some(order.unwrap_or("faster than n²").to_owned()).filter(|_| self.points.len() > 2)
        });
        let how = how.map(|how| format!(": {how}")).unwrap_or_default();
        let (what, allowed) = (word(&self.metric), self.allowed.name());
        format!("{what}: {}{how}, and \"{allowed}\" is allowed", by_size(&self.points))
    }

    fn order(&self) -> Option<Order> {
        scaling::order(&self.points, self.step)
    }

    /// The attribute that would pass, where one does: `#[scaling(queries = "linear")]`.
    pub(crate) fn allowing(&self) -> Option<String> {
        let order = self.order()?;
        let Scaling { n, queries, allocs } = self.scaling;
        // Two sizes tell nothing but a constant.
        let sizes = (n.len() > 2 && *n != Scaling::USUAL).then(|| format!("n = {n:?}"));
        let limits = [(Metric::Queries, "queries", queries), (Metric::Allocs, "allocs", allocs)];
        let limits = limits.into_iter().filter_map(|(metric, option, allowed)| {
            let allowed = if metric == self.metric { order } else { (*allowed)? };
            Some(format!("{option} = \"{}\"", allowed.name()))
        });
        let options: Vec<_> = sizes.into_iter().chain(limits).collect();
        Some(format!("#[scaling({})]", options.join(", ")))
    }
}
