//! The blocks that were obtained in scopes which were asked for their live bytes: only their end is the end of something that the
//! scope obtained, on whatever thread. Memory of the set-up that is freed in the body offsets nothing.
//!
//! The maps need memory themselves: what they do on a thread is never looked up in them.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use super::gauge::Gauge;
use super::owner::Stack;
use super::pause;
use crate::lock::lock;
use crate::mix::Mixing;

/// That part of a block which a scope has obtained: all of it, or what it was grown by.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) gauge: &'static Gauge,
    pub(super) size: usize,
    /// Where it was obtained.
    pub(super) stack: Stack,
}

/// Who has obtained a block. Most have one scope.
#[derive(Clone, Default)]
pub(super) struct Shares {
    /// Bytes that no scope has obtained.
    others: usize,
    first: Option<Share>,
    /// Of scopes that have grown it since.
    more: Vec<Share>,
}

impl Shares {
    /// A block of so many bytes, of which no scope has obtained any.
    pub(super) fn of_others(bytes: usize) -> Self {
        Shares { others: bytes, ..Shares::default() }
    }

    fn iter(&self) -> impl Iterator<Item = &Share> {
        self.first.iter().chain(&self.more)
    }

    /// A scope has obtained more of the block.
    pub(super) fn grow(&mut self, share: Share) {
        share.gauge.change(share.size as i64);
        match self.more.last_mut().or(self.first.as_mut()) {
            Some(last) if std::ptr::eq(last.gauge, share.gauge) => {
                *last = Share { size: last.size + share.size, ..share };
            }
            Some(_) => self.more.push(share),
            None => self.first = Some(share),
        }
    }

    /// Others have obtained more of the block.
    pub(super) fn grow_by_others(&mut self, bytes: usize) {
        self.others += bytes;
    }

    /// The block is smaller by so many bytes. Whoever grew it last loses first.
    pub(super) fn shrink(&mut self, bytes: usize) {
        let mut left = bytes;
        for share in self.first.iter_mut().chain(&mut self.more).rev() {
            let lost = share.size.min(left);
            share.gauge.change(-(lost as i64));
            share.size -= lost;
            left -= lost;
        }
        self.others -= left.min(self.others);
    }

    /// The block is given back.
    pub(super) fn give_back(&self) {
        for (number, share) in self.iter().enumerate() {
            share.gauge.change(-(share.size as i64));
            // A scope that has two shares of it, say by one inside it, has one block less.
            let is_counted = |gauge: &Gauge| {
                self.iter()
                    .take(number)
                    .any(|earlier| earlier.gauge.lineage().any(|of| std::ptr::eq(of, gauge)))
            };
            share.gauge.lineage().filter(|gauge| !is_counted(gauge)).for_each(Gauge::count_free);
        }
    }
}

type Map = HashMap<usize, Shares, Mixing>;

/// Maps by address. So many that threads seldom wait for each other.
const MAPS: usize = 64;

static BLOCKS: [Mutex<Map>; MAPS] =
    [const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; MAPS];

/// How many scopes have a gauge at the moment. While none has, nothing is looked up.
static GAUGES: AtomicUsize = AtomicUsize::new(0);

/// Held while that changes, so that nobody begins while the maps are emptied.
static CHANGING: Mutex<()> = Mutex::new(());

thread_local! {
    /// This thread is inside one of the maps.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether blocks are remembered now.
#[inline]
pub(super) fn are_kept() -> bool {
    GAUGES.load(Relaxed) != 0
}

/// Blocks are remembered until the guard is dropped.
pub(crate) fn keep() -> Keeping {
    let _changing = lock(&CHANGING);
    GAUGES.fetch_add(1, SeqCst);
    Keeping(())
}

/// See [`keep`].
#[must_use = "blocks are forgotten when the last guard is dropped"]
#[derive(Debug)]
pub(crate) struct Keeping(());

impl Drop for Keeping {
    fn drop(&mut self) {
        let _changing = lock(&CHANGING);
        // With the last one goes what was remembered: it would be wrong about blocks that come and go meanwhile.
        if GAUGES.fetch_sub(1, SeqCst) == 1 {
            let _paused = pause();
            for map in &BLOCKS {
                let old = inside(|| std::mem::take(&mut *lock(map)));
                inside(|| drop(old));
            }
        }
    }
}

/// Remembers a block. The caller has paused the counting.
pub(super) fn insert(address: usize, shares: Shares) {
    inside(|| {
        let before = lock(map_of(address)).insert(address, shares);
        drop(before);
    });
}

/// The block at `address`, which is about to end, if it is remembered.
pub(super) fn take(address: usize) -> Option<Shares> {
    if IS_INSIDE.get() {
        return None;
    }
    inside(|| lock(map_of(address)).remove(&address))
}

/// The blocks that were obtained in the scope of `gauge` and are alive, by where they were obtained: how many, and their bytes. The
/// caller has paused the counting.
pub(crate) fn alive(gauge: &'static Gauge) -> HashMap<Stack, (u64, u64)> {
    let mut alive = HashMap::<Stack, (u64, u64)>::new();
    for map in &BLOCKS {
        let shares: Vec<Share> = inside(|| lock(map).values().flat_map(Shares::iter).copied().collect());
        for Share { gauge: of, size, stack } in shares {
            if size > 0 && of.lineage().any(|of| std::ptr::eq(of, gauge)) {
                let (blocks, bytes) = alive.entry(stack).or_default();
                *blocks += 1;
                *bytes += size as u64;
            }
        }
    }
    alive
}

fn map_of(address: usize) -> &'static Mutex<Map> {
    // Blocks are aligned to 16 bytes.
    &BLOCKS[(address >> 4 ^ address >> 12) % MAPS]
}

fn inside<T>(work: impl FnOnce() -> T) -> T {
    let outer = IS_INSIDE.replace(true);
    let result = work();
    IS_INSIDE.set(outer);
    result
}
