//! What a side counts at all: absent is not zero, and a count that one side does not have is compared with nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;

use perfassert_record::counts::{Counts, Metric};
use perfassert_record::record::{Outcome, Record};

/// The records with the queries that they mean.
///
/// A build that listens to no driver writes no number where one that does writes 0. Where another test of the package has one, 0 is meant.
pub(super) fn meant(records: &[Record]) -> Cow<'_, [Record]> {
    let counting: BTreeSet<&str> =
        records.iter().filter(|it| has_queries(&it.counts)).map(|it| &*it.test.package).collect();
    let is_meant = |record: &Record| {
        record.outcome != Outcome::Failed
            && !has_queries(&record.counts)
            && counting.contains(&*record.test.package)
    };
    if !records.iter().any(is_meant) {
        return Cow::Borrowed(records);
    }
    let with_none = |record: &Record| {
        let mut meant = record.clone();
        let all = meant.endpoints.iter_mut().map(|endpoint| &mut endpoint.counts).chain([&mut meant.counts]);
        all.filter(|counts| !has_queries(counts)).for_each(|counts| counts.insert(Metric::Queries, 0));
        meant
    };
    Cow::Owned(records.iter().map(|it| if is_meant(it) { with_none(it) } else { it.clone() }).collect())
}

fn has_queries(counts: &Counts) -> bool {
    counts.get(&Metric::Queries).is_some()
}

/// What `one` counts some of, and `other` does not count: queries, and allocations where the environments are alike.
pub(super) fn only_in(one: &Record, other: &Record) -> Vec<Metric> {
    let is_only_in =
        |metric: &Metric| one.counts.get(metric).is_some_and(|n| n > 0) && other.counts.get(metric).is_none();
    let allocs = one.environment.allocates_like(&other.environment).then_some(Metric::Allocs);
    [Metric::Queries].into_iter().chain(allocs).filter(is_only_in).collect()
}
