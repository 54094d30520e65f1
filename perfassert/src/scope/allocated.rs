//! What was allocated in a scope: in its own shards and in the scopes inside it, from the beginning of the body to its end.

use std::sync::Arc;
use std::sync::atomic::Ordering::Release;

use super::{Phase, Role, Scope, pool, thread_number};
use crate::alloc::{Gauge, Memory, Owner, Place, Shard, Stack, Totals, Watch, alive, keep, pause};
use crate::lock::lock;

/// How closely the allocations of a scope are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Detail {
    /// Whose code obtained memory.
    pub(crate) owners: bool,
    /// Where the application did.
    pub(crate) places: bool,
    /// Its live bytes and their peak.
    pub(crate) memory: bool,
}

/// What was allocated in a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allocated {
    pub(crate) totals: Totals,
    /// Present where it was asked for.
    pub(crate) memory: Option<Memory>,
}

/// The threads of a set-up that is over: what they do from then on counts for the scope around it.
pub(super) struct Released {
    shards: Vec<&'static Shard>,
    /// What they had counted by then.
    before: Totals,
}

impl Scope {
    /// The scope counts from now on: what was counted before is set-up.
    pub(super) fn start_counting(&self) {
        let _paused = pause();
        if self.detail().memory {
            let outer = self.outer_gauge();
            lock(&self.gauge).get_or_insert_with(|| Gauge::leak(outer));
            lock(&self.keeping).get_or_insert_with(keep);
        }
        if self.role == Role::Test {
            pool::begin(self);
        }
        *lock(&self.start) = self.totals_so_far();
        self.phase.store(Phase::Open as u8, Release);
        self.watch_shards();
    }

    /// The scope is over. The threads of a set-up count for the scope around it from now on.
    pub(super) fn stop_counting(&self) {
        self.phase.store(Phase::Ended as u8, Release);
        if self.role == Role::Unmeasured
            && let Some(around) = &self.parent
        {
            around.root().end_set_up();
            let shards: Vec<_> = lock(&self.shards).iter().map(|(_, shard)| *shard).collect();
            shards.iter().for_each(|shard| shard.watch(around.watch()));
            let before = sum(&shards);
            lock(&around.released).push(Released { shards, before });
        } else {
            self.watch_shards();
            drop(lock(&self.keeping).take());
        }
    }

    /// This scope's counters on `thread`. The caller has paused the counting.
    pub(super) fn shard(&self, thread: u64) -> &'static Shard {
        let mut shards = lock(&self.shards);
        if let Some((_, shard)) = shards.iter().find(|(owner, _)| *owner == thread) {
            return shard;
        }
        if self.role == Role::Unmeasured
            && self.phase() == Phase::Ended
            && let Some(around) = &self.parent
        {
            return around.shard(thread);
        }
        let shard = Shard::leak();
        shard.watch(self.watch());
        shards.push((thread, shard));
        shard
    }

    /// What is wanted of its shards now: nothing after the body, and before it whose code it was, because what a thread of the set-up does
    /// at the moment when the body begins may be counted after that.
    fn watch(&self) -> Watch {
        let Detail { owners, places, .. } = self.detail();
        let root = self.root_phase();
        let is_set_up = self.role == Role::Unmeasured || !matches!(root, Phase::Open | Phase::Ended);
        match (self.phase(), &self.parent) {
            (Phase::Ended, Some(around)) if self.role == Role::Unmeasured => around.watch(),
            (Phase::Ended, _) => Watch::default(),
            _ if is_set_up => Watch { owners, ..Watch::default() },
            (Phase::Open, _) if root == Phase::Open => {
                Watch { owners, places, gauge: self.own_gauge().or_else(|| self.outer_gauge()) }
            }
            _ => Watch::default(),
        }
    }

    /// The gauge that what this scope obtains moves as well.
    fn outer_gauge(&self) -> Option<&'static Gauge> {
        let around = self.parent.as_ref()?;
        if around.role == Role::Unmeasured && around.phase() != Phase::Ended {
            return None;
        }
        around.own_gauge().or_else(|| around.outer_gauge())
    }

    fn own_gauge(&self) -> Option<&'static Gauge> {
        *lock(&self.gauge)
    }

    fn root_phase(&self) -> Phase {
        let root = std::iter::successors(Some(self), |scope| scope.parent.as_deref()).last();
        root.map_or(Phase::Ended, Scope::phase)
    }

    pub(super) fn watch_shards(&self) {
        for (_, shard) in lock(&self.shards).iter() {
            shard.watch(self.watch());
        }
        self.inner_scopes().for_each(|inner| inner.watch_shards());
    }

    fn inner_scopes(&self) -> impl Iterator<Item = Arc<Scope>> + use<> {
        let inner: Vec<_> = lock(&self.inner).iter().filter_map(std::sync::Weak::upgrade).collect();
        inner.into_iter()
    }

    /// The body is over: what is allocated from now on is no longer the test's, nor any of its parts'.
    pub(crate) fn freeze(&self) {
        let _paused = pause();
        if self.role == Role::Test {
            pool::end(self);
        }
        for scope in std::iter::once(self).chain(self.parts().iter().map(|part| &**part)) {
            scope.frozen.get_or_init(|| scope.allocated_so_far());
            if scope.detail().places {
                scope.places.get_or_init(|| scope.places_so_far());
            }
            if let Some(gauge) = scope.own_gauge().filter(|_| scope.detail().places) {
                scope.alive.get_or_init(|| by_stack(gauge));
            }
        }
    }

    /// What has been allocated in this scope since it began, up to the end of the test's body.
    pub(crate) fn allocated(&self) -> Allocated {
        let own = self.allocated_here();
        self.allocated_by_children().map_or(own, |children| own.and(children))
    }

    /// The same, in this process.
    pub(crate) fn allocated_here(&self) -> Allocated {
        self.frozen.get().copied().unwrap_or_else(|| self.allocated_so_far())
    }

    /// What its child processes have allocated.
    pub(crate) fn allocated_by_children(&self) -> Option<Allocated> {
        *lock(&self.from_children)
    }

    /// A child process has allocated for this scope.
    pub(crate) fn add_from_child(&self, allocated: Allocated) {
        let mut from_children = lock(&self.from_children);
        *from_children = Some(from_children.map_or(allocated, |others| others.and(allocated)));
    }

    /// How often memory was obtained on the threads of this scope, whatever it has come to.
    pub(crate) fn allocs_so_far(&self) -> u64 {
        self.totals_so_far().of(Owner::Application).calls()
    }

    /// Where the application obtained memory in this scope up to the end of the test's body, as far as that was asked for.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.places.get().cloned().unwrap_or_else(|| self.places_so_far())
    }

    fn places_so_far(&self) -> Vec<Place> {
        let own = lock(&self.shards).iter().flat_map(|(_, shard)| shard.places()).collect::<Vec<_>>();
        let released =
            lock(&self.released).iter().flat_map(|released| released.shards.clone()).collect::<Vec<_>>();
        let released = released.into_iter().flat_map(Shard::places);
        let here = own.into_iter().chain(released).chain(self.pool_places());
        here.chain(self.inner_scopes().flat_map(|inner| inner.places_so_far())).collect()
    }

    /// Where the blocks were obtained that were alive at the end, with their number and bytes, as far as that was asked for.
    pub(crate) fn alive(&self) -> &[(Stack, u64, u64)] {
        self.alive.get().map_or(&[], Vec::as_slice)
    }

    fn allocated_so_far(&self) -> Allocated {
        let mut totals = self.totals_so_far() - *lock(&self.start);
        totals += self.by_pools();
        Allocated { totals, memory: self.own_gauge().map(Gauge::read) }
    }

    pub(super) fn totals_so_far(&self) -> Totals {
        let mut totals = Totals::default();
        for (_, shard) in lock(&self.shards).iter() {
            totals += shard.totals();
        }
        for released in lock(&self.released).iter() {
            totals += sum(&released.shards) - released.before;
        }
        self.inner_scopes().for_each(|inner| totals += inner.totals_so_far());
        totals
    }

    /// The calling thread's counters in this scope. The caller has paused the counting.
    pub(super) fn shard_here(&self) -> &'static Shard {
        self.shard(thread_number())
    }
}

impl Allocated {
    /// Of two processes. Whether they had their peaks at the same time is not known, so the higher one is taken.
    fn and(self, other: Allocated) -> Allocated {
        let mut totals = self.totals;
        totals += other.totals;
        let memory = self.memory.zip(other.memory).map(|(one, other)| Memory {
            live: one.live + other.live,
            peak: one.peak.max(other.peak),
            frees: one.frees + other.frees,
        });
        Allocated { totals, memory }
    }
}

fn by_stack(gauge: &'static Gauge) -> Vec<(Stack, u64, u64)> {
    alive(gauge).into_iter().map(|(stack, (blocks, bytes))| (stack, blocks, bytes)).collect()
}

fn sum(shards: &[&'static Shard]) -> Totals {
    let mut totals = Totals::default();
    for shard in shards {
        totals += shard.totals();
    }
    totals
}
