//! Threads that start and end while scopes open and close, all at once.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread::{self, JoinHandle};

use super::*;
use crate::alloc::is_installed;

/// Under Miri, which tries each step, a few tell as much.
const ROUNDS: u64 = if cfg!(miri) { 3 } else { 200 };
const TESTS: u64 = 4;
const WORKERS: u64 = 4;

/// A thread that allocates `n` times in `scope`, enters it again for each, and gives nothing back to it: that is done outside.
fn worker(scope: &Arc<Scope>, n: u64) -> JoinHandle<()> {
    let scope = Arc::clone(scope);
    thread::spawn(move || {
        for _ in 0..n {
            let entered = enter(&scope, Inheritance::Nobody);
            let mut block = black_box(vec![0_u8; 10]);
            block.reserve_exact(20);
            drop(entered);
            drop(block);
        }
    })
}

/// One test after another, each with a section that threads work in: some end before the section does, and some go on when the test is
/// over.
fn tests_in_a_row(opened_at_once: &Barrier) {
    opened_at_once.wait();
    for round in 0..ROUNDS {
        let detail = Detail { memory: round % 2 == 0, ..Detail::default() };
        let test = Scope::test_with(detail, "test");
        let entered = enter(&test, Inheritance::Nobody);
        test.begin();
        let section = {
            let _paused = pause();
            section("section", Some(&test))
        };
        drop(entered);
        let (ending, staying): (Vec<_>, Vec<_>) =
            (1..=WORKERS).map(|n| (n, worker(&section, n))).partition(|(n, _)| n % 2 == 0);
        let in_section = enter(&section, Inheritance::Nobody);
        let own = black_box(Box::new(round));
        drop(in_section);
        join(ending);
        // What these do later is nobody's, or, where it was done before, the section's: they are waited for where it is to be known.
        let (staying, expected) = if round % 3 == 0 {
            (staying, None)
        } else {
            join(staying);
            (Vec::new(), Some((1..=WORKERS).sum::<u64>()))
        };
        section.end();
        test.freeze();
        test.end();
        check(&test, &section, expected);
        drop(own);
        join(staying);
    }
}

fn join(workers: Vec<(u64, JoinHandle<()>)>) {
    workers.into_iter().for_each(|(_, worker)| worker.join().unwrap());
}

/// The section's counts are those of its threads and of the test's one box, and the test's are the same.
#[track_caller]
fn check(test: &Scope, section: &Scope, expected: Option<u64>) {
    if !is_installed() {
        return;
    }
    let [of_test, of_section] = [test, section].map(|scope| scope.allocated().totals.of(Owner::Application));
    let zeroed = of_section.zeroed;
    // Of threads that went on, each number was read at a moment of its own.
    assert!(zeroed.max(of_section.reallocs) <= (1..=WORKERS).sum(), "{of_section:?}");
    if let Some(expected) = expected {
        assert_eq!((of_section.allocs, zeroed, of_section.reallocs), (1, expected, expected));
        assert_eq!(of_section.bytes, 8 + 30 * expected);
        assert_eq!(of_test, of_section);
    }
    if let (Some(Memory { live, peak, frees }), Some(expected)) = (test.allocated().memory, expected) {
        assert_eq!((live, frees), (8, expected));
        // The box of the test, and one list in each thread at the most.
        assert!((30..=8 + 30 * WORKERS.cast_signed()).contains(&peak), "{peak}");
    }
}

#[test]
fn counts_are_exact_while_threads_and_scopes_come_and_go() {
    let opened_at_once = Barrier::new(usize::try_from(TESTS).unwrap());
    thread::scope(|threads| {
        for _ in 0..TESTS {
            threads.spawn(|| tests_in_a_row(&opened_at_once));
        }
    });
}
