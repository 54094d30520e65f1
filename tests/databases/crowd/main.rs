//! Q31: fifty tests at once on one server, each with a pool of its own or all on one pool. In every run each counts what
//! it did, and together they count what the server saw.

// The tests are written once and compiled for each engine.
#![allow(clippy::duplicate_mod, reason = "on purpose, see above")]

mod mysql;
mod postgres;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use perfassert::Metric;
use perfassert::record::Record;
use perfassert::sql::Class;
use perfassert_database_tests::{Database, Engine};
use perfassert_test_support::child::{Child, Ran};
use perfassert_test_support::runs;

/// Runs of all tests side by side, as `cargo test` does it: few, and many.
const RUNS: [usize; 2] = [10, 50];
/// The same where another database behind the same driver is not expected to make a difference.
const RUNS_OF_OTHERS: [usize; 2] = [5, 10];
/// Runs with a process for each test, as nextest does it. That is the easy case: nothing is shared but the server.
const RUNS_IN_PROCESSES: [usize; 2] = [1, 2];

const TESTS: usize = 50;

type Statements = BTreeMap<String, u64>;

/// The fixtures of one module, so many times.
#[track_caller]
fn check(module: &str, engine: Engine, [few, many]: [usize; 2], run: impl Fn(&Database) -> Vec<Ran>) {
    let database = Database::new(engine);
    database.execute(work::SCHEMA);
    let watch = database.watch();
    let (mut ours, mut wrong) = (Statements::new(), BTreeMap::<String, usize>::new());
    let mut allocs = BTreeMap::<String, BTreeSet<Option<i64>>>::new();
    for _ in 0..runs(few, many) {
        let processes = run(&database);
        for process in &processes {
            assert!(process.passed, "{}", process.output);
        }
        let records: Vec<&Record> = processes.iter().flat_map(|process| &process.records).collect();
        assert_eq!(records.len(), TESTS);
        for record in records {
            allocs.entry(record.test.name.clone()).or_default().insert(record.counts.get(&Metric::Allocs));
            let (counted, expected) = (statements(record), work::expected(number(record)));
            if counted != expected || !record.unattributed.is_empty() {
                let what = format!("{}: {counted:?}, expected {expected:?}", record.test.name);
                *wrong.entry(what).or_default() += 1;
            }
            for (text, n) in counted {
                *ours.entry(text).or_default() += n;
            }
        }
    }
    // A11: whichever connection each query was given. A pool that fifty runtimes share makes one of them wake another.
    let is_shared = |name: &str| name.contains("one_pool");
    let moved: Vec<_> =
        allocs.iter().filter(|(name, numbers)| numbers.len() > 1 && !is_shared(name)).collect();
    assert!(moved.is_empty(), "{moved:?}");
    let wrong: Vec<_> = wrong.iter().map(|(what, times)| format!("{times}x {what}")).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ours, watch.end().of(Class::Application), "{module}: ours, and the server's");
}

/// All tests in one process.
fn at_once(module: &str, database: &Database) -> Vec<Ran> {
    vec![Child::matching(module, TESTS).told(|child| database.tell(child)).run()]
}

/// A process for each test.
fn in_processes(module: &str, database: &Database) -> Vec<Ran> {
    let one = |n: usize| {
        let name = format!("{module}::tens_{}::ones_{}", n / 10, n % 10);
        move || Child::one(&name).told(|child| database.tell(child)).run()
    };
    std::thread::scope(|threads| {
        let started: Vec<_> = (0..TESTS).map(|n| threads.spawn(one(n))).collect();
        started.into_iter().map(|thread| thread.join().expect("the process ran")).collect()
    })
}

/// Which of the fifty a test is: `...::tens_4::ones_2` is 42.
fn number(record: &Record) -> u32 {
    let digits: String = record.test.name.chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("two digits")
}

/// The application's statements.
fn statements(record: &Record) -> Statements {
    let ours = record.statements.iter().filter(|statement| statement.class == Class::Application);
    ours.map(|statement| (statement.sql.clone(), statement.count)).collect()
}
