//! Tests of very many scopes: each counts, and what is kept of those that are over does not grow with their number.

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use perfassert::Metric;
use perfassert::record::Record;
use perfassert_test_support::child::{count, endpoint, record_of};

/// What all scopes of one kind may need together, in bytes: a few for each.
const ROOM: usize = 10 << 20;

/// Runs `work`, which may need that much room at most.
fn in_little_room(work: impl FnOnce()) {
    let before = perfassert::unmeasured(resident);
    work();
    let more = perfassert::unmeasured(resident).saturating_sub(before);
    assert!(more < ROOM, "{more} bytes more");
}

/// What this process has in memory, in bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux tells of each process");
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("a number of pages") * 4096
}

fn allocate(n: usize) {
    (0..n).for_each(|_| drop(black_box(vec![1_u8])));
}

#[track_caller]
fn check(fixture: &str, allocs: i64) -> Record {
    let record = record_of(&format!("many::tests::{fixture}"));
    assert_eq!(count(&record, &Metric::Allocs), allocs);
    record
}

#[test]
fn requests() {
    let record = check("requests", 200_000 + 2 * 200);
    let (usual, dear) = (endpoint(&record, "GET /orders"), endpoint(&record, "GET /report"));
    assert_eq!((usual.requests, dear.requests), (199_800, 200));
    let sum = |endpoint: &perfassert::record::Endpoint| {
        let sums = endpoint.sums.as_ref().expect("of several requests there is a sum");
        (sums.get(&Metric::Queries), sums.get(&Metric::Allocs))
    };
    assert_eq!(sum(usual), (Some(199_800), Some(199_800)));
    assert_eq!(sum(dear), (Some(400), Some(600)));
    assert_eq!(dear.counts.get(&Metric::Queries), Some(2));
    assert_eq!(count(&record, &Metric::Queries), 199_800 + 400);
}

#[test]
fn sections_in_requests_and_one_in_the_other() {
    let record = check("sections_in_requests_and_one_in_the_other", 3 * 50_000 + 20_000);
    assert_eq!(endpoint(&record, "GET /orders").counts.get(&Metric::Allocs), Some(3));
}

#[test]
fn set_ups() {
    check("set_ups", 100_000);
}

/// What a request has started and what goes on after it counts for the test, however many came after it.
#[test]
fn threads_that_live_on() {
    let record = check("threads_that_live_on", 500 + 7);
    let first = endpoint(&record, "GET /first");
    assert_eq!(first.counts.get(&Metric::Allocs), Some(7));
}

mod tests {
    use super::*;

    #[perfassert::max_allocs(1_000_000)]
    #[test]
    #[ignore = "run by the suite"]
    fn requests() {
        in_little_room(|| {
            for n in 0..200_000 {
                let (name, times) = if n % 1000 == 0 { ("GET /report", 2) } else { ("GET /orders", 1) };
                perfassert::endpoint(name, || {
                    (0..times).for_each(|_| perfassert::query("SELECT 1"));
                    allocate(2 * times - 1);
                });
            }
        });
    }

    #[perfassert::max_allocs(1_000_000)]
    #[test]
    #[ignore = "run by the suite"]
    fn sections_in_requests_and_one_in_the_other() {
        in_little_room(|| {
            for _ in 0..50_000 {
                perfassert::endpoint("GET /orders", || {
                    allocate(1);
                    perfassert::endpoint("render", || allocate(2));
                });
            }
            for _ in 0..200 {
                nested(100);
            }
        });
    }

    fn nested(depth: usize) {
        if depth > 0 {
            perfassert::endpoint("a level", || {
                allocate(1);
                nested(depth - 1);
            });
        }
    }

    #[perfassert::max_allocs(1_000_000)]
    #[test]
    #[ignore = "run by the suite"]
    fn set_ups() {
        in_little_room(|| {
            for _ in 0..100_000 {
                perfassert::unmeasured(|| allocate(3));
                allocate(1);
            }
        });
    }

    #[perfassert::max_allocs(1_000_000)]
    #[test]
    #[ignore = "run by the suite"]
    fn threads_that_live_on() {
        static HAS_STARTED: AtomicBool = AtomicBool::new(false);
        static GATE: Mutex<()> = Mutex::new(());
        let closed = GATE.lock().expect("nobody panics");
        let thread = perfassert::endpoint("GET /first", || {
            perfassert::unmeasured(|| {
                let thread = std::thread::spawn(|| {
                    HAS_STARTED.store(true, Release);
                    let _open = GATE.lock();
                    allocate(7);
                });
                while !HAS_STARTED.load(Acquire) {
                    std::thread::yield_now();
                }
                thread
            })
        });
        (0..500).for_each(|_| perfassert::endpoint("GET /orders", || allocate(1)));
        drop(closed);
        thread.join().expect("it allocates, and that is all");
    }
}
