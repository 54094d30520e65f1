//! The numbers of the application's memory, to the byte, whatever stands around it (A13 to A17).

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::thread::{scope, sleep, spawn};
use std::time::Duration;

use futures::FutureExt;
use perfassert::record::Outcome;
use perfassert::{endpoint, max_allocs, measure, unmeasured};

use perfassert_test_support::child::{Child, Ran};

fn block(size: usize) -> Vec<u8> {
    black_box(vec![0; size])
}

#[max_allocs(live = 0, peak = 10)]
#[ignore = "a fixture"]
#[test]
fn a13_a_leak_of_one_byte_beside_a_fixture() {
    let fixture = unmeasured(|| block(10_000));
    std::mem::forget(block(1));
    drop(fixture);
}

#[max_allocs(live = 0, peak = 1000)]
#[ignore = "a fixture"]
#[test]
fn a13_a_peak_beside_a_fixture() {
    drop(unmeasured(|| block(100_000)));
    drop(block(99_000));
}

/// The threads are there before, so that no more than their blocks is counted.
#[max_allocs(live = 0, peak = 10)]
#[ignore = "a fixture"]
#[test]
fn a14_a_peak_on_four_threads() {
    static ALL: Barrier = Barrier::new(5);
    let work = || {
        ALL.wait();
        let block = block(7_000);
        ALL.wait();
        drop(block);
        ALL.wait();
    };
    let threads = unmeasured(|| [(); 4].map(|()| spawn(work)));
    (0..3).for_each(|_| {
        ALL.wait();
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[max_allocs(live = 0, peak = 10)]
#[ignore = "a fixture"]
#[test]
fn a14_what_is_live_was_once_the_peak() {
    std::mem::forget(spawn(|| block(5_000)).join().unwrap());
}

#[max_allocs(live = 0)]
#[ignore = "a fixture"]
#[test]
fn a15_a_panic_is_caught() {
    let panicked = catch_unwind(|| {
        let _block = block(1_024);
        panic!("as it should");
    });
    assert!(panicked.is_err());
}

#[max_allocs(live = 0)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a15_a_panic_in_a_future_is_caught() {
    let panicking = async {
        let _block = block(1_024);
        tokio::task::yield_now().await;
        panic!("as it should");
    };
    assert!(AssertUnwindSafe(panicking).catch_unwind().await.is_err());
}

#[max_allocs(live = 0)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a15_a_panic_in_a_task_is_caught() {
    let panicking = async {
        let _block = block(1_024);
        panic!("as it should");
    };
    assert!(tokio::spawn(panicking).await.unwrap_err().is_panic());
}

#[max_allocs(0, live = 0, peak = 0)]
#[ignore = "a fixture"]
#[test]
fn a16_parts_cost_nothing() {
    unmeasured(|| ());
    let _ = measure("a section", || measure("inside it", || unmeasured(|| ())));
    endpoint("GET /", || ());
}

#[max_allocs(0, live = 0)]
#[ignore = "a fixture"]
#[test]
#[expect(clippy::print_stdout, reason = "what the harness captures")]
fn a17_lines_are_printed() {
    (0..200).for_each(|line| println!("line {line} of what a hot path logs"));
}

#[max_allocs(live = 0)]
#[ignore = "a fixture"]
#[test]
fn a17_a_channel_is_waited_for() {
    let (send, received) = channel();
    let sender = spawn(move || {
        sleep(Duration::from_millis(1));
        send.send(block(10)).unwrap();
    });
    drop(received.recv().unwrap());
    sender.join().unwrap();
}

#[max_allocs(live = 0)]
#[ignore = "a fixture"]
#[test]
fn a17_threads_come_and_go() {
    (0..20).for_each(|_| {
        scope(|threads| (0..4).for_each(|_| drop(threads.spawn(|| drop(block(10))))));
    });
}

#[max_allocs(live = 0)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a17_tasks_fill_queues() {
    let tasks = (0..500).map(|_| tokio::spawn(async { drop(block(10)) })).collect::<Vec<_>>();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Runs as `cargo test` does it, each second one with `--nocapture`; then each fixture in a process of its own, as nextest does it.
const RUNS: usize = 6;

type Numbers = BTreeMap<String, BTreeSet<(Vec<(String, i64)>, String)>>;

/// The application's numbers and the outcome.
fn add(seen: &mut Numbers, Ran { records, output, .. }: Ran) {
    assert!(!records.is_empty(), "{output}");
    for record in records {
        let name = record.test.name.rsplit("::").next().unwrap().to_owned();
        let is_the_applications = |metric: &String| match metric.as_str() {
            // Of threads at work together it is another one each time.
            "bytes.peak" => !name.starts_with("a17"),
            metric => ["allocs", "frees", "bytes", "bytes.live"].contains(&metric),
        };
        let counts = record.counts.iter().map(|(metric, n)| (metric.to_string(), n));
        let counts = counts.filter(|(name, _)| is_the_applications(name)).collect();
        let outcome = match record.outcome {
            Outcome::OverBudget(headlines) => headlines.join("; "),
            Outcome::Passed => String::new(),
            other => panic!("{other:?}\n{output}"),
        };
        seen.entry(name).or_default().insert((counts, outcome));
    }
}

#[test]
fn the_applications_numbers_are_exact_in_each_run() {
    let mut seen = Numbers::new();
    for run in 0..RUNS {
        let child = Child::matching("allocations::a1", 4);
        add(&mut seen, if run % 2 == 0 { child } else { child.printing() }.run());
    }
    for name in seen.keys().cloned().collect::<Vec<_>>() {
        add(&mut seen, Child::one(&format!("allocations::{name}")).run());
    }
    let number = |test: &str, metric: &str| {
        let numbers = &seen[test];
        assert_eq!(numbers.len(), 1, "{test}: {numbers:#?}");
        let counts = &numbers.first().unwrap().0;
        counts
            .iter()
            .find(|(name, _)| name == metric)
            .unwrap_or_else(|| panic!("{test} has no {metric}: {counts:?}"))
            .1
    };
    let said = |test: &str| seen[test].first().unwrap().1.as_str();
    let check = |test: &str, [live, peak]: [i64; 2], expected: &str| {
        assert_eq!([number(test, "bytes.live"), number(test, "bytes.peak")], [live, peak], "{test}");
        assert_eq!(said(test), expected, "{test}");
    };
    check(
        "a13_a_leak_of_one_byte_beside_a_fixture",
        [1, 1],
        "1 byte live at the end, budget 0 bytes  (+1 byte)",
    );
    check(
        "a13_a_peak_beside_a_fixture",
        [0, 99_000],
        "99000 bytes live at the peak, budget 1000 bytes  (+98000 bytes)",
    );
    check(
        "a14_a_peak_on_four_threads",
        [0, 28_000],
        "28000 bytes live at the peak, budget 10 bytes  (+27990 bytes)",
    );
    check(
        "a14_what_is_live_was_once_the_peak",
        [5_000, 5_000],
        "5000 bytes live at the peak, budget 10 bytes  (+4990 bytes); 5000 bytes live at the end, budget 0 bytes  (+5000 bytes)",
    );
    check("a16_parts_cost_nothing", [0, 0], "");
    assert_eq!(number("a16_parts_cost_nothing", "frees"), 0);
    let check_at_least = |test: &str, live: i64, peak: i64| {
        assert_eq!(number(test, "bytes.live"), live, "{test}");
        assert!(number(test, "bytes.peak") >= peak, "{test}");
    };
    check_at_least("a15_a_panic_is_caught", 0, 1_024);
    check_at_least("a15_a_panic_in_a_future_is_caught", 0, 1_024);
    check_at_least("a15_a_panic_in_a_task_is_caught", 0, 1_024);
    assert_eq!(number("a17_lines_are_printed", "allocs"), 0);
    assert_eq!(number("a17_a_channel_is_waited_for", "bytes.live"), 0);
    assert_eq!(number("a17_threads_come_and_go", "bytes.live"), 0);
    assert_eq!(number("a17_tasks_fill_queues", "bytes.live"), 0);
}
