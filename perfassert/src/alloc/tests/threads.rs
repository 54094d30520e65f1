//! Memory that goes from thread to thread (A4), and the odd moments of a thread's life (A5).

use std::cell::Cell;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;

use super::{give, layout, take, totals};
use crate::{Counts, Metric, measure};

fn metric(counts: &Counts, metric: Metric) -> i64 {
    counts.get(&metric).expect("the allocator is installed")
}

#[test]
fn a_block_that_another_thread_gives_back() {
    let (_, counts) = measure("two threads", || {
        let block = vec![1_u8; 1000];
        thread::spawn(move || drop(black_box(block))).join().unwrap();
    });
    let (_, one) = measure("an empty thread", || thread::spawn(|| ()).join().unwrap());
    let more = |name: Metric| metric(&counts, name.clone()) - metric(&one, name);
    // The closure that carries the block is a little larger.
    assert_eq!((more(Metric::Allocs), more(Metric::Frees)), (1, 1));
}

#[test]
fn the_peak_of_several_threads_is_that_of_their_sum() {
    const BLOCK: usize = 1 << 20;
    let (_, counts) = measure("three threads", || {
        let barrier = std::sync::Barrier::new(3);
        thread::scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| {
                    let block = black_box(vec![1_u8; BLOCK]);
                    barrier.wait();
                    drop(block);
                });
            }
        });
    });
    // Beside the blocks there is what starting a thread takes.
    let (peak, blocks) = (metric(&counts, Metric::BytesPeak), 3 * BLOCK as i64);
    assert!((blocks..blocks + 4096).contains(&peak), "{peak}");
}

struct AllocatesWhenDropped(Cell<usize>);

impl Drop for AllocatesWhenDropped {
    fn drop(&mut self) {
        for _ in 0..self.0.get() {
            drop(black_box(Box::new(1_u8)));
        }
    }
}

thread_local! {
    static AT_THE_END: AllocatesWhenDropped = const { AllocatesWhenDropped(Cell::new(0)) };
}

#[test]
fn destructors_of_thread_locals_are_counted() {
    let allocs = |n: usize| {
        let work =
            || thread::spawn(move || AT_THE_END.with(|at_the_end| at_the_end.0.set(n))).join().unwrap();
        metric(&measure("a thread", work).1, Metric::Allocs)
    };
    allocs(0);
    assert_eq!(allocs(10) - allocs(0), 10);
}

/// `std` keeps a list of all threads of the process, and what an entry costs depends on the others.
#[test]
fn starting_a_thread_costs_the_same_whatever_other_threads_there_are() {
    let cost = || metric(&measure("a thread", || thread::spawn(|| ()).join().unwrap()).1, Metric::Allocs);
    cost();
    let alone = cost();
    let mut others = Vec::new();
    for n in 0..40 {
        let (stop, stopped) = mpsc::channel::<()>();
        others.push((stop, thread::spawn(move || stopped.recv().unwrap_err())));
        assert_eq!(cost(), alone, "with {n} others");
    }
    for (stop, other) in others {
        drop(stop);
        other.join().unwrap();
    }
}

#[test]
fn a_signal_handler_that_allocates() {
    extern "C" fn handler(_: libc::c_int) {
        give(take(layout(8)), layout(8));
    }
    // SAFETY: the handler is a function of the right type; the signal is sent by this thread to itself, outside of any
    // allocator, so the handler may allocate.
    let counted = totals(|| unsafe {
        let handler: extern "C" fn(libc::c_int) = handler;
        let before = libc::signal(libc::SIGUSR2, handler as libc::sighandler_t);
        libc::raise(libc::SIGUSR2);
        libc::signal(libc::SIGUSR2, before);
    });
    assert_eq!(counted.allocs, 1);
}
