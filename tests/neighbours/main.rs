//! Exact under fire: the counts of each test among 39 neighbours are those of the test alone (Q29 to Q31, A1, A2).

mod fixtures;
mod work;

use std::collections::BTreeMap;
use std::fmt::Debug;

use perfassert::Metric;
use perfassert::record::{Endpoint, Record};
use perfassert_test_support::child::{Child, Ran, count, list};
use perfassert_test_support::runs;

/// Tests that are measured, and threads that they run on.
const TESTS: usize = 32;

/// What must be the same in every run.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    queries: i64,
    statements: String,
    /// Each endpoint: its requests, statements, and what `work` allocated.
    endpoints: Vec<String>,
    /// Calls that obtained memory, by kind, without those of the driver: see `work::database`.
    allocs: [i64; 3],
}

#[test]
fn each_test_counts_among_neighbours_what_it_counts_alone() {
    let all = Child::matching("fixtures::", TESTS).run();
    check_passed(&all);
    let alone: BTreeMap<_, _> = all.records.iter().map(|record| (name(record), isolated(record))).collect();
    assert_eq!(alone.len(), TESTS);

    let mut wrong = BTreeMap::<String, usize>::new();
    for _ in 0..runs(25, 100) {
        let run = Child::matching("fixtures::", TESTS).run();
        check_passed(&run);
        assert_eq!(run.records.len(), TESTS);
        for record in &run.records {
            let (alone, among) = (&alone[&name(record)], counted(record));
            if !same(alone, &among, tokios_threads(&name(record))) {
                *wrong.entry(differences(&name(record), alone, &among)).or_default() += 1;
            }
        }
    }
    let wrong: Vec<_> = wrong.iter().map(|(what, times)| format!("{times}x {what}")).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The threads that tokio shares work out to, and makes wait for each other.
fn tokios_threads(test: &str) -> i64 {
    let workers = match test.split("::").nth(1) {
        Some("medium") => 3,
        Some("large") => 4,
        _ => 2,
    };
    let (_, function) = test.rsplit_once("::").expect("a path");
    match function {
        "own_runtime" | "multi_thread_tokio" => workers + 1,
        "blocking_threads" => 2 + 1,
        "blocking_threads_of_multi_thread_tokio" => workers + 2 + 1,
        _ => 0,
    }
}

/// Everything is equal, but for what tokio allocates by itself when it has several threads.
///
/// A thread that first has to wait at a lock of tokio's allocates its place in the queue of `parking_lot`, a worker on
/// which a task first gives way the list of such tasks: at most one or two for each thread, and up to tokio which
/// threads those are. Without `parking_lot` the spread is at most one for each worker.
fn same(alone: &Counted, among: &Counted, tokios_threads: i64) -> bool {
    let near = alone.allocs.iter().zip(among.allocs).all(|(a, b)| (a - b).abs() <= 2 * tokios_threads);
    near && Counted { allocs: alone.allocs, ..among.clone() } == *alone
}

fn differences(test: &str, alone: &Counted, among: &Counted) -> String {
    let mut text = test.to_owned();
    let mut differ = |a: &dyn Debug, b: &dyn Debug| {
        let (a, b) = (format!("{a:?}"), format!("{b:?}"));
        if a != b {
            text += &format!("\n    alone {a}\n    among {b}");
        }
    };
    differ(&alone.queries, &among.queries);
    differ(&alone.statements, &among.statements);
    differ(&alone.endpoints, &among.endpoints);
    differ(&alone.allocs, &among.allocs);
    text
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
    let mut endpoints: Vec<_> = record.endpoints.iter().collect();
    endpoints.sort_by(|a, b| a.name.cmp(&b.name));
    let drivers = |endpoint: &&&Endpoint| endpoint.name.starts_with("database ");
    let allocs = [Metric::Allocs, Metric::AllocsZeroed, Metric::AllocsRealloc].map(|metric| {
        let of = |endpoint: &&Endpoint| endpoint.counts.get(&metric).unwrap_or(0);
        count(record, &metric) - endpoints.iter().filter(drivers).map(of).sum::<i64>()
    });
    let shown = |endpoint: &&Endpoint| {
        let allocs = endpoint.counts.get(&Metric::Allocs).filter(|_| !drivers(&endpoint));
        let statements = list(&endpoint.statements);
        format!("{}: {} requests, {allocs:?} allocations, {statements}", endpoint.name, endpoint.requests)
    };
    Counted {
        queries: count(record, &Metric::Queries),
        statements: list(&record.statements),
        endpoints: endpoints.iter().map(shown).collect(),
        allocs,
    }
}
