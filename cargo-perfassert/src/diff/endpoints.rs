//! Which endpoint of a test is which of the baseline's: by name, and those that went and came by what they execute.
//!
//! A route's pattern changes, a suite gets a middleware that tells endpoints: neither may hide what else changed.

use std::collections::BTreeSet;

use perfassert_record::counts::Metric;
use perfassert_record::record::{Endpoint, Record, Statement};
use perfassert_record::sql::{Class, Fingerprint};

/// The endpoints of a test, on both sides.
pub(super) struct Endpoints<'a> {
    /// Those of now, each with its counterpart.
    pub(super) now: Vec<(Option<&'a Endpoint>, &'a Endpoint)>,
    /// Those of the baseline that have no counterpart.
    pub(super) gone: Vec<&'a Endpoint>,
    /// Whether those without a counterpart do what the test did not do before: only such explain that it counts more.
    pub(super) new_explain: bool,
}

impl<'a> Endpoints<'a> {
    /// Those of a test that both sides have.
    pub(super) fn of(theirs: &'a Record, ours: &'a Record) -> Self {
        let same = |endpoint: &Endpoint| theirs.endpoints.iter().find(|it| it.name == endpoint.name);
        let mut now: Vec<_> = ours.endpoints.iter().map(|endpoint| (same(endpoint), endpoint)).collect();
        let is_gone = |it: &&Endpoint| ours.endpoints.iter().all(|ours| ours.name != it.name);
        let mut gone: Vec<&Endpoint> = theirs.endpoints.iter().filter(is_gone).collect();
        let comparable = theirs.environment.fingerprints == ours.environment.fingerprints;
        for (old, new) in renamed(&gone, &now, comparable) {
            gone.retain(|it| it.name != old.name);
            now.iter_mut()
                .filter(|(_, ours)| ours.name == new.name)
                .for_each(|(theirs, _)| *theirs = Some(old));
        }
        let mut endpoints = Endpoints { now, gone, new_explain: false };
        // One that went may be one that came, though nothing tells that.
        endpoints.new_explain = endpoints.gone.is_empty() && !endpoints.took_over(theirs, ours);
        endpoints
    }

    /// How much more the endpoints count now, as far as they may explain it: each that counts more.
    pub(super) fn rise(&self, count: &impl Fn(&Endpoint) -> Count) -> i64 {
        let rise = |(theirs, ours): &(Option<&Endpoint>, &Endpoint)| match theirs {
            Some(theirs) => rise(theirs, ours, count).max(0),
            None if self.new_explain => count(ours).all(ours),
            None => 0,
        };
        self.now.iter().map(rise).sum()
    }

    /// How much less those count together that count less.
    pub(super) fn fall(&self, count: &impl Fn(&Endpoint) -> Count) -> i64 {
        let pairs = self.now.iter().filter_map(|(theirs, ours)| Some(((*theirs)?, *ours)));
        pairs.map(|(theirs, ours)| -rise(theirs, ours, count).min(0)).sum()
    }

    /// What they count on both sides.
    pub(super) fn all(&self, count: &impl Fn(&Endpoint) -> Count) -> (i64, i64) {
        let all = |endpoint: &Endpoint| count(endpoint).all(endpoint);
        let theirs = self.now.iter().filter_map(|(theirs, _)| *theirs).chain(self.gone.iter().copied());
        (theirs.map(all).sum(), self.now.iter().map(|(_, ours)| all(ours)).sum())
    }

    /// Whether what they count is known to the number, on both sides, and each is one that both sides have or new: then so is what the
    /// test does outside of them.
    pub(super) fn are_exact(&self) -> bool {
        let is_exact = |it: &Endpoint| it.requests <= 1 || it.sums.is_some();
        let is_known = |(theirs, ours): &(Option<&Endpoint>, &Endpoint)| match theirs {
            Some(theirs) => is_exact(theirs) && is_exact(ours) && ours.requests <= theirs.requests,
            None => self.new_explain && is_exact(ours),
        };
        self.gone.is_empty() && self.now.iter().all(is_known)
    }

    /// Whether an endpoint without a counterpart does what the test did before outside of any: then it is not new, but is told
    /// for the first time.
    fn took_over(&self, theirs: &Record, ours: &Record) -> bool {
        let outside = |record: &Record, whole: i64, count: &dyn Fn(&Endpoint) -> Count| {
            whole - record.endpoints.iter().map(|endpoint| count(endpoint).all(endpoint)).sum::<i64>()
        };
        // Most of it, as the number that is outside may be a lower bound.
        let moved = |was: i64, is: i64| was > 0 && is.max(0) * 2 < was;
        let is_statement_moved = |fingerprint: Fingerprint| {
            let count = |endpoint: &Endpoint| Count::of_statement(endpoint, fingerprint);
            let of = |record| outside(record, executed(&record.statements, fingerprint), &count);
            moved(of(theirs), of(ours))
        };
        let is_metric_moved = |metric: &Metric| {
            let count = |endpoint: &Endpoint| Count::of_metric(endpoint, metric);
            let of = |record: &Record| outside(record, record.counts.get(metric).unwrap_or(0), &count);
            moved(of(theirs), of(ours))
        };
        let new = || self.now.iter().filter(|(theirs, _)| theirs.is_none()).map(|(_, ours)| ours);
        let had_none = theirs.endpoints.is_empty() && new().next().is_some();
        new().flat_map(|endpoint| fingerprints(&endpoint.statements)).any(is_statement_moved)
            || (had_none && [Metric::Queries, Metric::Allocs].iter().any(is_metric_moved))
    }
}

/// A count of an endpoint.
pub(super) struct Count {
    /// Of the dearest request.
    dearest: i64,
    /// Of all requests together, where that is known.
    sum: Option<i64>,
}

impl Count {
    pub(super) fn of_metric(endpoint: &Endpoint, metric: &Metric) -> Self {
        let sum = endpoint.sums.as_ref().and_then(|sums| sums.get(metric));
        Count { dearest: endpoint.counts.get(metric).unwrap_or(0), sum }
    }

    pub(super) fn of_statement(endpoint: &Endpoint, fingerprint: Fingerprint) -> Self {
        let mut same = application(&endpoint.statements).filter(|it| it.fingerprint == fingerprint);
        let sum = endpoint.sums.as_ref().and_then(|_| same.try_fold(0, |sum, it| Some(sum + it.sum?)));
        Count { dearest: executed(&endpoint.statements, fingerprint), sum: sum.map(u64::cast_signed) }
    }

    /// Of all requests together, at most.
    fn all(&self, endpoint: &Endpoint) -> i64 {
        self.exactly(endpoint).unwrap_or_else(|| self.at_most(endpoint))
    }

    fn exactly(&self, endpoint: &Endpoint) -> Option<i64> {
        self.sum.or((endpoint.requests <= 1).then_some(self.dearest))
    }

    fn at_most(&self, endpoint: &Endpoint) -> i64 {
        self.dearest.saturating_mul(endpoint.requests.cast_signed())
    }
}

/// How much more all requests of an endpoint count together. What more requests explain is what as many of the dearest do.
fn rise(theirs: &Endpoint, ours: &Endpoint, count: &impl Fn(&Endpoint) -> Count) -> i64 {
    let (was, is) = (count(theirs), count(ours));
    let at_most = is.at_most(ours) - was.at_most(theirs);
    match was.exactly(theirs).zip(is.exactly(ours)) {
        Some((was, is)) if ours.requests > theirs.requests => at_most.min(is - was),
        Some((was, is)) => is - was,
        // A sum is held against no upper bound.
        None => at_most,
    }
}

fn application(statements: &[Statement]) -> impl Iterator<Item = &Statement> {
    statements.iter().filter(|it| it.class == Class::Application)
}

/// How often the application executes a statement.
pub(super) fn executed(statements: &[Statement], fingerprint: Fingerprint) -> i64 {
    application(statements).filter(|it| it.fingerprint == fingerprint).map(|it| it.count.cast_signed()).sum()
}

pub(super) fn fingerprints(statements: &[Statement]) -> BTreeSet<Fingerprint> {
    application(statements).map(|it| it.fingerprint).collect()
}

/// The pairs of one that went and one that came that are one with a new name, the most alike first.
fn renamed<'a>(
    gone: &[&'a Endpoint],
    now: &[(Option<&'a Endpoint>, &'a Endpoint)],
    comparable: bool,
) -> Vec<(&'a Endpoint, &'a Endpoint)> {
    let came = || now.iter().filter(|(theirs, _)| theirs.is_none()).map(|(_, ours)| *ours);
    let pairs = gone.iter().flat_map(|old| came().map(|new| (*old, new)));
    let mut alike: Vec<_> = pairs
        .filter_map(|(old, new)| {
            let theirs = if comparable { fingerprints(&old.statements) } else { BTreeSet::new() };
            let statements = share(theirs.intersection(&fingerprints(&new.statements)).count(), theirs.len());
            let names = names_alike(&old.name, &new.name);
            (statements > HALF || names > HALF).then_some((statements, names, old, new))
        })
        .collect();
    alike.sort_by_key(|it| std::cmp::Reverse((it.0, it.1)));
    let mut pairs: Vec<(&Endpoint, &Endpoint)> = Vec::new();
    for (_, _, old, new) in alike {
        if pairs.iter().all(|(taken, by)| taken.name != old.name && by.name != new.name) {
            pairs.push((old, new));
        }
    }
    pairs
}

/// Of [`share`].
const HALF: usize = 500;

/// How many of all, in thousandths.
fn share(some: usize, all: usize) -> usize {
    (some * 1000).checked_div(all).unwrap_or(0)
}

/// How many words the paths of two names share. Parameters are written in many ways, so they count for nothing where there are words.
fn names_alike(a: &str, b: &str) -> usize {
    let words = |name: &str| -> BTreeSet<String> {
        let path = name.rsplit(' ').next().unwrap_or_default();
        let is_word = |part: &&str| !part.is_empty() && !part.starts_with(['{', ':', '*', '<']);
        path.split('/').filter(is_word).map(str::to_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    share(a.intersection(&b).count(), a.len().max(b.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |a: &str, b: &str, expected: usize| assert_eq!(names_alike(a, b), expected, "{a} / {b}");
        check("GET /orders/:id", "GET /orders/{id}", 1000);
        check("GET /orders", "POST /orders", 1000);
        check("GET /orders/recent", "GET /api/orders/recent", 666);
        check("GET /orders", "GET /customers", 0);
        check("GET /", "GET /", 0);
        check("shop.Orders/List", "shop.v2.Orders/List", 500);
    }
}
