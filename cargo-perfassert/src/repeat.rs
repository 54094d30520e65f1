//! A measurement that is repeated: the range of each count over all looks.
//!
//! Most counts are the same in each look. What a test that polls or waits counts depends on timing: how far such a count moves by
//! itself is seen, not assumed.

use std::collections::BTreeMap;

use perfassert_record::counts::{Counts, Metric};
use perfassert_record::record::{Outcome, Record, TestId};

use crate::made_up::without_names_of_one_look;
use crate::runs::{Run, rank};
use crate::spread::{Range, Spread};

impl Run {
    /// Joins the records of all repeats, one for each test and repeat, to one for each test.
    ///
    /// A test that failed in one of them, or whose gate could not see, is taken as that one.
    #[must_use]
    pub fn repeated(records: Vec<Record>) -> Self {
        let mut repeats = BTreeMap::<TestId, Vec<Record>>::new();
        for record in records {
            repeats.entry(record.test.clone()).or_default().push(record);
        }
        let mut run = Run::default();
        for repeats in repeats.values_mut() {
            without_names_of_one_look(repeats);
            run.records.extend(joined(repeats, &mut run.spreads));
        }
        run
    }
}

/// Whether it has no counts to trust.
pub(crate) fn is_unusable(record: &Record) -> bool {
    matches!(record.outcome, Outcome::Failed | Outcome::Inconclusive(_) | Outcome::Unseen(_))
}

fn joined(repeats: &[Record], spreads: &mut Vec<Spread>) -> Option<Record> {
    let unusable = repeats.iter().filter(|record| is_unusable(record));
    if let Some(worst) = unusable.max_by_key(|record| rank(&record.outcome)) {
        return Some(worst.clone());
    }
    // Its statements and outcome are those of the least counts.
    let counts =
        |record: &Record| [&Metric::Queries, &Metric::Allocs].map(|metric| record.counts.get(metric));
    let mut least = repeats.iter().min_by_key(|record| (counts(record), rank(&record.outcome)))?.clone();
    let test = least.test.clone();
    let mut spread = |endpoint: Option<&str>, is_sum: bool, counts: &mut Counts, repeats: &[&Counts]| {
        for (metric, range) in ranges(counts, repeats) {
            counts.insert(metric.clone(), range.least);
            if range.moves() {
                let endpoint = endpoint.map(str::to_owned);
                spreads.push(Spread { test: test.clone(), endpoint, metric, is_sum, range });
            }
        }
    };
    spread(None, false, &mut least.counts, &repeats.iter().map(|record| &record.counts).collect::<Vec<_>>());
    for endpoint in &mut least.endpoints {
        let same = repeats.iter().flat_map(|record| &record.endpoints).filter(|it| it.name == endpoint.name);
        let same: Vec<_> = same.collect();
        let counts: Vec<_> = same.iter().map(|it| &it.counts).collect();
        spread(Some(&endpoint.name), false, &mut endpoint.counts, &counts);
        if let Some(sums) = &mut endpoint.sums {
            let all: Vec<_> = same.iter().filter_map(|it| it.sums.as_ref()).collect();
            spread(Some(&endpoint.name), true, sums, &all);
        }
    }
    Some(least)
}

/// The range of each metric of `counts` over the repeats that measured it.
fn ranges(counts: &Counts, repeats: &[&Counts]) -> Vec<(Metric, Range)> {
    let range = |(metric, count): (&Metric, i64)| {
        let all = || repeats.iter().filter_map(|counts| counts.get(metric));
        let (least, most) = (all().min().unwrap_or(count), all().max().unwrap_or(count));
        (metric.clone(), Range { least, most })
    };
    counts.iter().map(range).collect()
}
