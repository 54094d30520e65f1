//! One scope's counters on one thread, and which of them the thread counts into.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU64};

/// Live bytes that a shard keeps to itself before it tells the scope's [`Gauge`].
const UNREPORTED_LIMIT: i64 = 8 * 1024;

/// The counters of one scope on one thread.
///
/// Written only by its thread, with relaxed loads and stores; read by anybody. Two shards never share a cache line.
/// Shards live for ever: a thread may outlive every scope.
#[repr(align(128))]
#[derive(Default)]
pub(crate) struct Shard {
    pub(super) allocs: AtomicU64,
    pub(super) zeroed: AtomicU64,
    pub(super) reallocs: AtomicU64,
    pub(super) frees: AtomicU64,
    pub(super) bytes: AtomicU64,
    live: AtomicI64,
    pub(super) peak: AtomicI64,
    /// What is allocated now may be taken back: see [`window`](super::window).
    pub(super) in_window: AtomicBool,
    /// The part of `live` that the gauge has not heard of.
    unreported: AtomicI64,
    gauge: AtomicPtr<Gauge>,
    /// The shard of the enclosing scope on the same thread, into which everything counts as well.
    outer: AtomicPtr<Shard>,
}

/// A scope's live bytes over all of its threads.
///
/// Each thread reports in steps of up to 8 KiB, so the peak of a scope with several threads is low by less than that
/// for each thread.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    live: AtomicI64,
    peak: AtomicI64,
}

/// What a shard or a scope has counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) allocs: u64,
    pub(crate) zeroed: u64,
    pub(crate) reallocs: u64,
    pub(crate) frees: u64,
    pub(crate) bytes: u64,
    pub(crate) live: i64,
}

thread_local! {
    /// Constant-initialised and without a destructor: usable at any time in a thread's life, also by the allocator.
    static CURRENT: Cell<Option<&'static Shard>> = const { Cell::new(None) };
}

/// What this thread counts into.
#[cfg_attr(not(any(feature = "tracing-events", inherit_threads)), allow(dead_code, reason = "see `window`"))]
pub(super) fn current() -> Option<&'static Shard> {
    CURRENT.get()
}

/// From now on this thread counts into `shard`, or into none. Returns what it counted into before.
pub(crate) fn set_current(shard: Option<&'static Shard>) -> Option<&'static Shard> {
    CURRENT.replace(shard)
}

/// Nothing is counted on this thread until the guard is dropped: bookkeeping of our own is nobody's.
pub(crate) fn pause() -> Paused {
    Paused { before: set_current(None), _not_send: PhantomData }
}

/// See [`pause`].
#[must_use = "counting goes on as soon as the guard is dropped"]
pub(crate) struct Paused {
    before: Option<&'static Shard>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for Paused {
    fn drop(&mut self) {
        set_current(self.before);
    }
}

#[cfg_attr(not(debug_assertions), inline)]
pub(super) fn on_alloc(size: usize) {
    each_level(|shard| {
        bump(&shard.allocs, 1);
        bump(&shard.bytes, size as u64);
        shard.grow(size as i64);
    });
}

#[cfg_attr(not(debug_assertions), inline)]
pub(super) fn on_alloc_zeroed(size: usize) {
    each_level(|shard| {
        bump(&shard.zeroed, 1);
        bump(&shard.bytes, size as u64);
        shard.grow(size as i64);
    });
}

#[cfg_attr(not(debug_assertions), inline)]
pub(super) fn on_dealloc(size: usize) {
    each_level(|shard| {
        bump(&shard.frees, 1);
        shard.grow(-(size as i64));
    });
}

#[cfg_attr(not(debug_assertions), inline)]
pub(super) fn on_realloc(old_size: usize, new_size: usize) {
    each_level(|shard| {
        if let Some(growth) = new_size.checked_sub(old_size).filter(|growth| *growth > 0) {
            bump(&shard.reallocs, 1);
            bump(&shard.bytes, growth as u64);
        }
        shard.grow(new_size as i64 - old_size as i64);
    });
}

/// Visits the shards of this thread from the innermost scope outwards.
#[inline]
fn each_level(visit: impl Fn(&Shard)) {
    let mut level = CURRENT.get();
    if level.is_none() || std::thread::panicking() {
        return;
    }
    while let Some(shard) = level {
        visit(shard);
        level = shard.outer();
    }
}

/// A plain add: the thread that owns the shard is its only writer.
#[inline]
fn bump(counter: &AtomicU64, n: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(n), Relaxed);
}

impl Shard {
    /// A shard for the calling thread, all zero. The caller has paused the counting.
    pub(crate) fn leak(gauge: &'static Gauge, outer: Option<&'static Shard>) -> &'static Shard {
        let shard = Box::leak(Box::<Shard>::default());
        shard.gauge.store(ptr::from_ref(gauge).cast_mut(), Relaxed);
        shard.set_outer(outer);
        shard
    }

    /// Everything that counts into this shard counts into `outer` as well, from now on.
    pub(crate) fn set_outer(&self, outer: Option<&'static Shard>) {
        let outer = outer.map_or(ptr::null_mut(), |outer| ptr::from_ref(outer).cast_mut());
        self.outer.store(outer, std::sync::atomic::Ordering::Release);
    }

    #[inline]
    pub(super) fn outer(&self) -> Option<&'static Shard> {
        // SAFETY: null, or stored by `set_outer` from a `&'static Shard`.
        unsafe { self.outer.load(std::sync::atomic::Ordering::Acquire).as_ref() }
    }

    #[inline]
    fn grow(&self, delta: i64) {
        let live = self.live.load(Relaxed).wrapping_add(delta);
        self.live.store(live, Relaxed);
        if live > self.peak.load(Relaxed) {
            self.peak.store(live, Relaxed);
        }
        let unreported = self.unreported.load(Relaxed).wrapping_add(delta);
        self.unreported.store(unreported, Relaxed);
        if unreported.abs() >= UNREPORTED_LIMIT {
            self.report(unreported);
        }
    }

    #[cold]
    fn report(&self, unreported: i64) {
        self.unreported.store(0, Relaxed);
        // SAFETY: null before `leak` has stored a `&'static Gauge`, and that one ever after.
        if let Some(gauge) = unsafe { self.gauge.load(Relaxed).as_ref() } {
            let live = gauge.live.fetch_add(unreported, Relaxed) + unreported;
            gauge.peak.fetch_max(live, Relaxed);
        }
    }

    /// What has been counted into this shard.
    pub(crate) fn totals(&self) -> Totals {
        Totals {
            allocs: self.allocs.load(Relaxed),
            zeroed: self.zeroed.load(Relaxed),
            reallocs: self.reallocs.load(Relaxed),
            frees: self.frees.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            live: self.live.load(Relaxed),
        }
    }

    /// The highest sum of live bytes of this thread since [`restart_peak`](Self::restart_peak).
    pub(crate) fn peak(&self) -> i64 {
        self.peak.load(Relaxed)
    }

    /// The peak starts again from what is live now.
    pub(crate) fn restart_peak(&self) {
        self.peak.store(self.live.load(Relaxed), Relaxed);
    }
}

impl Gauge {
    /// The highest sum of live bytes that the threads reported since [`restart_peak`](Self::restart_peak).
    pub(crate) fn peak(&self) -> i64 {
        self.peak.load(Relaxed)
    }

    /// The peak starts again from what is live now.
    pub(crate) fn restart_peak(&self) {
        self.peak.store(self.live.load(Relaxed), Relaxed);
    }
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Totals) {
        self.allocs = self.allocs.wrapping_add(other.allocs);
        self.zeroed = self.zeroed.wrapping_add(other.zeroed);
        self.reallocs = self.reallocs.wrapping_add(other.reallocs);
        self.frees = self.frees.wrapping_add(other.frees);
        self.bytes = self.bytes.wrapping_add(other.bytes);
        self.live += other.live;
    }
}

impl std::ops::Sub for Totals {
    type Output = Totals;

    fn sub(self, before: Totals) -> Totals {
        Totals {
            allocs: self.allocs.wrapping_sub(before.allocs),
            zeroed: self.zeroed.wrapping_sub(before.zeroed),
            reallocs: self.reallocs.wrapping_sub(before.reallocs),
            frees: self.frees.wrapping_sub(before.frees),
            bytes: self.bytes.wrapping_sub(before.bytes),
            live: self.live - before.live,
        }
    }
}
