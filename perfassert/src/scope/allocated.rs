//! What was allocated in a scope: the sum of its shards, from the beginning of the body to its end.

use super::Scope;
use crate::alloc::{Shard, Totals, pause, window};
use crate::lock::lock;

/// What was allocated in a scope, and its highest sum of live bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allocated {
    pub(crate) totals: Totals,
    pub(crate) peak: i64,
}

impl Scope {
    /// The body is over: what is allocated from now on is no longer the test's, nor any of its parts'.
    pub(crate) fn freeze(&self) {
        let _paused = pause();
        for scope in std::iter::once(self).chain(self.parts().iter().map(|part| &**part)) {
            scope.frozen.get_or_init(|| scope.allocated_so_far());
        }
    }

    /// What has been allocated in this scope since it began, up to the end of the test's body.
    pub(crate) fn allocated(&self) -> Allocated {
        let mut allocated = self.frozen.get().copied().unwrap_or_else(|| self.allocated_so_far());
        let from_children = *lock(&self.from_children);
        allocated.totals += from_children.totals;
        allocated.peak = allocated.peak.max(from_children.peak);
        allocated
    }

    /// A child process has allocated for this scope.
    pub(crate) fn add_from_child(&self, allocated: Allocated) {
        let mut from_children = lock(&self.from_children);
        from_children.totals += allocated.totals;
        from_children.peak = from_children.peak.max(allocated.peak);
    }

    /// How often memory was obtained on the threads of this scope, whatever it has come to.
    pub(crate) fn allocs_so_far(&self) -> u64 {
        let totals = self.allocated_so_far().totals;
        totals.allocs + totals.zeroed + totals.reallocs
    }

    fn allocated_so_far(&self) -> Allocated {
        let shards = lock(&self.shards);
        for (_, shard) in shards.iter() {
            window::wait_until_closed(shard);
        }
        let start = *lock(&self.start);
        let peak = match shards.as_slice() {
            // One thread: exact. Several: as they reported.
            [(_, shard)] => shard.peak(),
            _ => self.gauge.peak(),
        };
        Allocated { totals: sum(&shards) - start, peak: (peak - start.live).max(0) }
    }
}

pub(super) fn sum(shards: &[(u64, &'static Shard)]) -> Totals {
    let mut totals = Totals::default();
    for (_, shard) in shards {
        totals += shard.totals();
    }
    totals
}
