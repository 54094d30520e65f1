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

/// A block, or that part of it which the scope has obtained.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) gauge: &'static Gauge,
    pub(super) size: usize,
    /// Where it was obtained.
    pub(super) stack: Stack,
}

type Map = HashMap<usize, Block, Mixing>;

/// Maps by address. So many that threads seldom wait for each other.
const MAPS: usize = 64;

static BLOCKS: [Mutex<Map>; MAPS] =
    [const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; MAPS];

/// How many scopes have a gauge at the moment. While none has, nothing is looked up.
static GAUGES: AtomicUsize = AtomicUsize::new(0);

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
    GAUGES.fetch_add(1, SeqCst);
    Keeping(())
}

/// See [`keep`].
#[must_use = "blocks are forgotten when the last guard is dropped"]
#[derive(Debug)]
pub(crate) struct Keeping(());

impl Drop for Keeping {
    fn drop(&mut self) {
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
pub(super) fn insert(address: usize, block: Block) {
    inside(|| lock(map_of(address)).insert(address, block));
}

/// The block at `address`, which is about to end, if it is remembered.
pub(super) fn take(address: usize) -> Option<Block> {
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
        let blocks: Vec<Block> = inside(|| lock(map).values().copied().collect());
        for block in blocks {
            if block.gauge.lineage().any(|of| std::ptr::eq(of, gauge)) {
                let (blocks, bytes) = alive.entry(block.stack).or_default();
                *blocks += 1;
                *bytes += block.size as u64;
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
