//! Pools of the process: threads that a one-time initialiser starts serve every test (A18).

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, LazyLock, Mutex};
use std::thread;

use perfassert::record::{Outcome, Record};
use perfassert::{Metric, carry, max_allocs, max_queries, query, unmeasured};

use perfassert_test_support::child::{Child, Ran, count, list};

type Job = Box<dyn FnOnce() + Send>;

/// A thread that does what it is sent, and says when it is done.
struct Pool(Mutex<(Sender<Job>, Receiver<()>)>);

impl Pool {
    /// `first` is done before the pool can be used.
    fn start(first: fn()) -> Self {
        let (jobs, sent) = channel::<Job>();
        let (done, when_done) = channel();
        thread::spawn(move || {
            first();
            done.send(()).unwrap();
            for job in sent {
                job();
                done.send(()).unwrap();
            }
        });
        when_done.recv().unwrap();
        Pool(Mutex::new((jobs, when_done)))
    }

    fn run(&self, job: Job) {
        let held = self.0.lock().unwrap();
        held.0.send(job).unwrap();
        held.1.recv().unwrap();
    }
}

/// A query and three allocations. No function of a test stands on the stack.
fn work() {
    query("SELECT 1 AS work");
    (1..=3).for_each(|size| drop(std::hint::black_box(vec![0_u8; size])));
}

/// What connecting does.
fn connect() {
    work();
    query("SELECT 1 AS connecting");
}

/// Two tests of which each sends the pool `$job`, or works by itself. Both are open when the pool is started and while it is used.
macro_rules! pair {
    ($module:ident: $pool:expr, $job:expr) => {
        mod $module {
            use super::*;

            static POOL: LazyLock<Pool> = LazyLock::new(|| $pool);
            static BOTH: Barrier = Barrier::new(2);

            fn body() {
                BOTH.wait();
                LazyLock::force(&POOL);
                BOTH.wait();
                let job: Option<Job> = $job;
                match job {
                    Some(job) => POOL.run(job),
                    None => work(),
                }
                BOTH.wait();
            }

            #[max_queries(1)]
            #[max_allocs(1000)]
            #[ignore = "a fixture"]
            #[test]
            fn one() {
                body();
            }

            #[max_queries(1)]
            #[max_allocs(1000)]
            #[ignore = "a fixture"]
            #[test]
            fn other() {
                body();
            }
        }
    };
}

pair! { carried: Pool::start(|| ()), Some(Box::new(carry(work))) }
pair! { not_carried: Pool::start(|| ()), Some(Box::new(work)) }
pair! { set_up: unmeasured(|| Pool::start(connect)), None }
pair! { not_set_up: Pool::start(connect), None }
pair! { carried_after_a_set_up: unmeasured(|| Pool::start(connect)), Some(Box::new(carry(work))) }
pair! { not_carried_after_a_set_up: unmeasured(|| Pool::start(connect)), Some(Box::new(work)) }

/// Alone in the process: what the pool does is this test's.
#[max_queries(2)]
#[max_allocs(1000)]
#[ignore = "a fixture"]
#[test]
fn alone() {
    static POOL: LazyLock<Pool> = LazyLock::new(|| unmeasured(|| Pool::start(connect)));
    POOL.run(Box::new(work));
    POOL.run(Box::new(carry(work)));
}

#[max_queries(3)]
#[max_allocs(1000)]
#[ignore = "a fixture"]
#[test]
fn on_rayons_pool() {
    let works = || work();
    rayon::join(carry(works), || rayon::join(carry(works), carry(works)));
}

fn both(module: &str) -> Ran {
    let run = Child::matching(&format!("pools::{module}::"), 2).run();
    assert_eq!(run.records.len(), 2, "{}", run.output);
    run
}

/// Each of the two passes, and has so many queries.
#[track_caller]
fn check_seen(module: &str, queries: i64) {
    for record in &both(module).records {
        assert_eq!(record.outcome, Outcome::Passed, "{module}: {record:?}");
        assert_eq!(count(record, &Metric::Queries), queries, "{module}: {}", list(&record.statements));
        assert!(record.unattributed.is_empty(), "{module}: {}", list(&record.unattributed));
    }
}

/// Neither of the two is judged, and the help is to carry.
#[track_caller]
fn check_inconclusive(module: &str) {
    let Ran { records, output, .. } = both(module);
    for Record { outcome, .. } in records {
        assert!(matches!(outcome, Outcome::Inconclusive(_)), "{module}: {outcome:?}");
    }
    assert_eq!(
        output.matches("help: hand work to a pool or runtime in a `static` by perfassert::carry").count(),
        2,
        "{module}:\n{output}"
    );
}

#[test]
fn what_is_carried_counts_for_whoever_made_it() {
    check_seen("carried", 1);
    check_seen("carried_after_a_set_up", 1);
}

#[test]
fn what_is_not_carried_makes_the_open_tests_inconclusive() {
    check_inconclusive("not_carried");
    check_inconclusive("not_carried_after_a_set_up");
    check_inconclusive("not_set_up");
}

#[test]
fn the_set_up_of_a_pool_is_nobodys() {
    check_seen("set_up", 1);
}

#[test]
fn where_one_test_only_is_open_the_pools_work_is_its() {
    // Not by its exact name, so that the process could serve others.
    for (name, queries) in [("alone", 2), ("on_rayons_pool", 3)] {
        let run = Child::matching(&format!("pools::{name}"), 1).run();
        let [record] = run.records.as_slice() else { panic!("{}", run.output) };
        assert_eq!(record.outcome, Outcome::Passed, "{}", run.output);
        assert_eq!(count(record, &Metric::Queries), queries, "{}", list(&record.statements));
        assert!(count(record, &Metric::Allocs) >= 3 * queries, "{}", run.output);
    }
}
