//! One scope's counters on one thread, and which of them the thread counts into.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64};

use super::gauge::Gauge;
use super::owner::{Caller, Owner, Stack};
use super::totals::{Call, Counted, Totals};
use crate::lock::lock;
use crate::mix::Mixing;

/// The counters of one scope on one thread.
///
/// The numbers are written by its thread only, with relaxed loads and stores, and read by anybody. Two shards never share a cache
/// line. Shards live for ever: a thread may outlive every scope.
#[repr(C, align(128))]
#[derive(Default)]
pub(crate) struct Shard {
    /// By owner.
    counters: [Counters; Owner::ALL.len()],
    /// Each call is to be looked at: [`Shard::watch`] has said more than nothing.
    is_watched: AtomicBool,
    has_places: AtomicBool,
    gauge: AtomicPtr<Gauge>,
    /// The application's calls by where they came from.
    places: Mutex<HashMap<usize, Place, Mixing>>,
}

#[derive(Default)]
struct Counters {
    allocs: AtomicU64,
    zeroed: AtomicU64,
    reallocs: AtomicU64,
    bytes: AtomicU64,
}

/// What is wanted of a scope besides its numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    /// Whose code obtained memory.
    pub(crate) owners: bool,
    /// Where the application did.
    pub(crate) places: bool,
    /// Its live bytes.
    pub(crate) gauge: Option<&'static Gauge>,
}

/// Shards that were given back, by thread: each is written by its own only.
static SPARE: Mutex<BTreeMap<u64, Vec<&'static Shard>>> = Mutex::new(BTreeMap::new());

/// What was obtained in one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) stack: Stack,
    pub(crate) counted: Counted,
}

thread_local! {
    /// Constant-initialised and without a destructor: usable at any time in a thread's life, also by the allocator.
    static CURRENT: Cell<Option<&'static Shard>> = const { Cell::new(None) };
}

/// What this thread counts into.
#[inline]
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

/// A plain add: the thread that owns the shard is its only writer.
#[inline]
fn bump(counter: &AtomicU64, n: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(n), Relaxed);
}

impl Counters {
    #[inline]
    fn add(&self, call: Call, bytes: usize) {
        let calls = match call {
            Call::Alloc => &self.allocs,
            Call::AllocZeroed => &self.zeroed,
            Call::Realloc => &self.reallocs,
        };
        bump(calls, 1);
        bump(&self.bytes, bytes as u64);
    }

    fn read(&self) -> Counted {
        Counted {
            allocs: self.allocs.load(Relaxed),
            zeroed: self.zeroed.load(Relaxed),
            reallocs: self.reallocs.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
        }
    }
}

impl Shard {
    /// A shard for the calling thread, all zero. The caller has paused the counting.
    pub(crate) fn leak() -> &'static Shard {
        Box::leak(Box::default())
    }

    /// One for the calling thread, which has that number, all zero: one that was given back, or else a new one. The caller has
    /// paused the counting.
    pub(crate) fn take(thread: u64) -> &'static Shard {
        let spare = lock(&SPARE).get_mut(&thread).and_then(Vec::pop);
        spare.map_or_else(Self::leak, |shard| {
            shard.reset();
            shard
        })
    }

    /// Nobody counts into it any more. The caller has paused the counting.
    pub(crate) fn give_back(&'static self, thread: u64) {
        lock(&SPARE).entry(thread).or_default().push(self);
    }

    /// The caller is its thread.
    fn reset(&self) {
        for counters in &self.counters {
            for counter in [&counters.allocs, &counters.zeroed, &counters.reallocs, &counters.bytes] {
                counter.store(0, Relaxed);
            }
        }
        lock(&self.places).clear();
    }

    /// What is wanted of the shard from now on. It may be another thread's.
    pub(crate) fn watch(&self, watch: Watch) {
        let Watch { owners, places, gauge } = watch;
        self.has_places.store(places, Relaxed);
        self.gauge.store(gauge.map_or(ptr::null_mut(), |gauge| ptr::from_ref(gauge).cast_mut()), Release);
        self.is_watched.store(owners || places || gauge.is_some(), Release);
    }

    /// Whether its numbers are all that is wanted.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        !self.is_watched.load(Relaxed)
    }

    /// Counts a call as the application's.
    #[inline]
    pub(super) fn add(&self, call: Call, bytes: usize) {
        self.counters[0].add(call, bytes);
    }

    /// Counts a call as that of `caller`.
    pub(super) fn add_of(&self, caller: Caller, call: Call, bytes: usize) {
        self.counters[caller.owner as usize].add(call, bytes);
        if caller.owner == Owner::Application && self.has_places.load(Relaxed) {
            let Caller { stack, .. } = caller;
            let mut places = lock(&self.places);
            let place = Place { stack, counted: Counted::default() };
            places.entry(stack.as_ptr().addr()).or_insert(place).counted.add(call, bytes);
        }
    }

    pub(super) fn gauge(&self) -> Option<&'static Gauge> {
        // SAFETY: null, or stored by `watch` from a `&'static Gauge`.
        unsafe { self.gauge.load(Acquire).as_ref() }
    }

    /// What has been counted into this shard.
    pub(crate) fn totals(&self) -> Totals {
        Totals(Owner::ALL.map(|owner| self.counters[owner as usize].read()))
    }

    /// Where the application obtained memory, if that was wanted.
    pub(crate) fn places(&self) -> Vec<Place> {
        lock(&self.places).values().copied().collect()
    }
}
