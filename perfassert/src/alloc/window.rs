//! A stretch of code whose allocations are taken back afterwards, because they are not the user's: what a driver
//! allocates only since we listen to its log, what `std` enters into its list of all threads when one starts.
//!
//! Counted first and taken back on closing, so that a window which nobody closes loses nothing.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::{Duration, Instant};

use super::shard::{self, Shard, Totals};

/// Scopes nest a few levels deep; the peak of deeper ones keeps the window's few bytes.
const LEVELS: usize = 4;

/// What is taken back is a handful of calls. After more the window was closed by somebody else's doing: nothing is.
const CALLS: u64 = 16;

/// How long [`wait_until_closed`] waits: a window is open for microseconds.
const PATIENCE: Duration = Duration::from_millis(2);

#[derive(Clone, Copy)]
struct Start {
    shard: &'static Shard,
    totals: Totals,
    peaks: [i64; LEVELS],
}

thread_local! {
    static START: Cell<Option<Start>> = const { Cell::new(None) };
}

/// What this thread allocates from here on is taken back by [`close`].
pub(crate) fn open() {
    abandon();
    START.set(shard::current().map(|shard| {
        let mut peaks = [0; LEVELS];
        for (index, level) in levels(shard).enumerate() {
            level.in_window.store(true, Release);
            if let Some(peak) = peaks.get_mut(index) {
                *peak = level.peak();
            }
        }
        Start { shard, totals: shard.totals(), peaks }
    }));
}

/// [`open`], unless one is open on this thread already.
#[cfg(feature = "tokio-postgres")]
pub(crate) fn open_first() {
    if START.get().is_none() {
        open();
    }
}

/// Takes back what was allocated since [`open`], and the frees that will follow.
///
/// Does nothing if there is no window open on this thread, or if the thread counts for another scope by now.
pub(crate) fn close() {
    let Some(start) = START.get() else { return };
    let window = start.shard.totals() - start.totals;
    let calls = window.allocs + window.zeroed + window.reallocs;
    if calls <= CALLS && shard::current().is_some_and(|shard| ptr::eq(shard, start.shard)) {
        for (index, shard) in levels(start.shard).enumerate() {
            take(&shard.allocs, window.allocs);
            take(&shard.zeroed, window.zeroed);
            take(&shard.reallocs, window.reallocs);
            take(&shard.bytes, window.bytes);
            // Each block has been freed by now or will be.
            take(&shard.frees, window.allocs + window.zeroed);
            if let Some(peak) = start.peaks.get(index) {
                shard.peak.store(*peak, Relaxed);
            }
        }
    }
    abandon();
}

/// Waits for a window of another thread that is open on `shard`, up to a bound.
pub(crate) fn wait_until_closed(shard: &Shard) {
    let start = Instant::now();
    while shard.in_window.load(Acquire) && start.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
}

fn abandon() {
    if let Some(start) = START.take() {
        for shard in levels(start.shard) {
            shard.in_window.store(false, Release);
        }
    }
}

fn levels(innermost: &'static Shard) -> impl Iterator<Item = &'static Shard> {
    std::iter::successors(Some(innermost), |shard| shard.outer())
}

fn take(counter: &AtomicU64, n: u64) {
    counter.store(counter.load(Relaxed).wrapping_sub(n), Relaxed);
}
