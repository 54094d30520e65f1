//! The live bytes of a scope that was asked for them.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI64, AtomicU64};

/// Live bytes over all threads, of the blocks that the application obtained in a scope.
///
/// Each change is one atomic step, so that the peak is exact: the highest sum that there was.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    live: AtomicI64,
    peak: AtomicI64,
    frees: AtomicU64,
    /// That of an enclosing scope: what changes here changes there.
    outer: Option<&'static Gauge>,
}

/// What a gauge shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Bytes that were obtained and not given back.
    pub(crate) live: i64,
    /// The highest sum of live bytes.
    pub(crate) peak: i64,
    /// Blocks that were given back.
    pub(crate) frees: u64,
}

impl Gauge {
    /// A gauge inside `outer`, for ever: blocks outlive scopes. The caller has paused the counting.
    pub(crate) fn leak(outer: Option<&'static Gauge>) -> &'static Gauge {
        Box::leak(Box::new(Gauge { outer, ..Gauge::default() }))
    }

    pub(super) fn change(&self, bytes: i64) {
        for gauge in self.lineage() {
            let live = gauge.live.fetch_add(bytes, Relaxed) + bytes;
            if bytes > 0 {
                gauge.peak.fetch_max(live, Relaxed);
            }
        }
    }

    /// One block less, of this gauge alone.
    pub(super) fn count_free(&self) {
        self.frees.fetch_add(1, Relaxed);
    }

    /// This gauge and those of the enclosing scopes.
    pub(super) fn lineage(&self) -> impl Iterator<Item = &Gauge> {
        std::iter::successors(Some(self), |gauge| gauge.outer)
    }

    pub(crate) fn read(&self) -> Memory {
        Memory {
            live: self.live.load(Relaxed),
            peak: self.peak.load(Relaxed),
            frees: self.frees.load(Relaxed),
        }
    }
}
