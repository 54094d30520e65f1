//! Tests that went and tests that came: which of them are one test with a new name.

use std::collections::{BTreeMap, BTreeSet};

use perfassert_record::counts::Metric;
use perfassert_record::record::Record;
use perfassert_record::sql::Fingerprint;

use super::endpoints::fingerprints;

/// As many tests that came are looked at for one that went, where they have a statement in common.
const CANDIDATES: usize = 100;

/// The pairs of a test that went and one that came: the same content, or the last part of the path and most statements, or the same
/// requests and all statements.
pub(super) fn renamed<'a>(removed: &[&'a Record], new: &[&'a Record]) -> Vec<(&'a Record, &'a Record)> {
    let mut pool = Pool::of(new);
    let mut pairs = Vec::new();
    let mut left: Vec<&Record> = removed.to_vec();
    for is_one in [has_same_content, has_moved, does_the_same] {
        left.retain(|old| match pool.take(old, is_one) {
            Some(now) => {
                pairs.push((*old, now));
                false
            }
            None => true,
        });
    }
    pairs.sort_by(|a, b| a.0.test.cmp(&b.0.test));
    pairs
}

/// The tests that came and have no counterpart yet.
struct Pool<'a> {
    free: BTreeMap<usize, &'a Record>,
    by_statement: BTreeMap<Fingerprint, Vec<usize>>,
    by_name: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Pool<'a> {
    fn of(new: &[&'a Record]) -> Self {
        let mut pool =
            Pool { free: BTreeMap::new(), by_statement: BTreeMap::new(), by_name: BTreeMap::new() };
        for (index, record) in new.iter().enumerate() {
            pool.free.insert(index, record);
            pool.by_name.entry(last(record)).or_default().push(index);
            for fingerprint in fingerprints(&record.statements) {
                pool.by_statement.entry(fingerprint).or_default().push(index);
            }
        }
        pool
    }

    /// Takes the one that `old` is, by `is_one`; of several the one that keeps the last part of its path, which says most.
    fn take(&mut self, old: &'a Record, is_one: fn(&Record, &Record) -> bool) -> Option<&'a Record> {
        let with = |statement| self.by_statement.get(&statement).map_or(&[][..], Vec::as_slice);
        let rarest = fingerprints(&old.statements).into_iter().map(with).min_by_key(|tests| tests.len());
        let named = self.by_name.get(last(old)).map_or(&[][..], Vec::as_slice);
        let candidates =
            named.iter().chain(rarest.unwrap_or_default()).filter(|it| self.free.contains_key(it));
        let is_it = |index: &&usize| is_one(old, self.free[*index]);
        let found = *candidates.take(CANDIDATES).find(is_it)?;
        self.free.remove(&found)
    }
}

/// The last part of the path.
fn last(record: &Record) -> &str {
    record.test.name.rsplit("::").next().unwrap_or_default()
}

fn has_same_content(old: &Record, now: &Record) -> bool {
    let content = |record: &Record| {
        let mut statements: Vec<_> = record.statements.iter().map(|it| (it.fingerprint, it.count)).collect();
        statements.sort();
        (record.counts.get(&Metric::Queries), statements)
    };
    !old.statements.is_empty() && old.test.package == now.test.package && content(old) == content(now)
}

/// Into another module, crate or package.
fn has_moved(old: &Record, now: &Record) -> bool {
    let (was, is) = (fingerprints(&old.statements), fingerprints(&now.statements));
    let shared = was.intersection(&is).count();
    let is_alike = if was.is_empty() { requests(old) == requests(now) } else { shared * 2 > was.len() };
    (last(old), &old.test.case) == (last(now), &now.test.case) && is_alike
}

fn does_the_same(old: &Record, now: &Record) -> bool {
    let (was, is) = (fingerprints(&old.statements), fingerprints(&now.statements));
    !was.is_empty()
        && (&old.test.package, &old.test.target) == (&now.test.package, &now.test.target)
        && requests(old) == requests(now)
        && was.is_subset(&is)
        // Without requests a larger test may well do the same, too.
        && (!old.endpoints.is_empty() || is.len() <= 2 * was.len())
}

fn requests(record: &Record) -> BTreeSet<(&str, u64)> {
    record.endpoints.iter().map(|endpoint| (&*endpoint.name, endpoint.requests)).collect()
}
