//! Exact under fire: the counts of each test among 39 neighbours are those of the test alone (Q29 to Q31, A1, A2).

#[path = "../support/child.rs"]
mod child;
mod fixtures;
mod work;

use std::collections::BTreeMap;

use child::{Child, Ran, count, list};
use perfassert::Metric;
use perfassert::record::Record;

/// Runs of all tests side by side.
const RUNS: usize = 100;
const TESTS: usize = 32;

/// What must be the same in every run.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    queries: i64,
    /// Each statement with its count, of the test and of each endpoint.
    statements: Vec<String>,
    /// Calls that obtained memory, by kind, without those of the driver: see `work::database`.
    allocs: [i64; 3],
}

#[test]
fn each_test_counts_among_neighbours_what_it_counts_alone() {
    let all = Child::matching("fixtures::", 32).run();
    check_passed(&all);
    let alone: BTreeMap<_, _> = all.records.iter().map(|record| (name(record), isolated(record))).collect();
    assert_eq!(alone.len(), TESTS);

    let mut wrong = BTreeMap::<String, usize>::new();
    for _ in 0..RUNS {
        let run = Child::matching("fixtures::", 32).run();
        check_passed(&run);
        assert_eq!(run.records.len(), TESTS);
        for record in &run.records {
            let (alone, among) = (&alone[&name(record)], counted(record));
            if *alone != among {
                *wrong.entry(format!("{}\n   alone {alone:?}\n   among {among:?}", name(record))).or_default() += 1;
            }
        }
    }
    let wrong: Vec<_> = wrong.iter().map(|(what, times)| format!("{times}x {what}")).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn isolated(record: &Record) -> Counted {
    let run = Child::one(&name(record)).run();
    check_passed(&run);
    assert_eq!(run.records.len(), 1);
    counted(&run.records[0])
}

#[track_caller]
fn check_passed(run: &Ran) {
    assert!(run.passed, "{}", run.output);
}

fn name(record: &Record) -> String {
    record.test.name.clone()
}

fn counted(record: &Record) -> Counted {
    let mut statements = vec![list(&record.statements)];
    let mut endpoints: Vec<_> = record.endpoints.iter().collect();
    endpoints.sort_by(|a, b| a.name.cmp(&b.name));
    statements.extend(endpoints.iter().map(|endpoint| format!("{}: {}", endpoint.name, list(&endpoint.statements))));
    Counted {
        queries: count(record, &Metric::Queries),
        statements,
        allocs: [Metric::Allocs, Metric::AllocsZeroed, Metric::AllocsRealloc].map(|metric| {
            let drivers = endpoints.iter().map(|endpoint| endpoint.counts.get(&metric).unwrap_or(0));
            count(record, &metric) - drivers.sum::<i64>()
        }),
    }
}
