//! What was allocated in a scope: in its own shards and in the scopes inside it, from the beginning of the body to its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Release};

use super::{Phase, Role, Scope, pool, thread_number};
use crate::alloc::{Counted, Gauge, Memory, Owner, Place, Shard, Stack, Totals, Watch, alive, keep, pause};
use crate::lock::lock;
use crate::record::Site;

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

/// What child processes have told that they allocated in a scope.
#[derive(Default)]
pub(super) struct FromChildren {
    allocated: Option<Allocated>,
    places: BTreeMap<ChildPlace, Counted>,
}

/// Where a child process allocated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChildPlace {
    Line(Site),
    /// Where its line was not asked for.
    Function(String),
}

/// What the application has obtained in its child processes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ObtainedByChildren {
    pub(crate) counted: Counted,
    /// Where, as far as they told.
    pub(crate) places: Vec<(ChildPlace, Counted)>,
}

impl ObtainedByChildren {
    /// Of how much it is not known where.
    pub(crate) fn elsewhere(&self) -> Counted {
        self.places.iter().fold(self.counted, |rest, (_, counted)| rest.without(*counted))
    }
}

impl Scope {
    /// The scope counts from now on: what was counted before is set-up.
    pub(super) fn start_counting(&self) {
        let _paused = pause();
        if self.detail().memory {
            let outer = self.outer_gauge();
            self.outermost().has_gauges.store(true, Release);
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
    pub(super) fn stop_counting(self: &Arc<Self>) {
        self.phase.store(Phase::Ended as u8, Release);
        if let Some(around) = self.parent.as_ref().filter(|_| self.role == Role::Unmeasured) {
            around.root().end_set_up();
            self.watch_shards();
            around.end_inside(self);
        } else {
            self.watch_shards();
            drop(lock(&self.keeping).take());
            self.fold_inner();
        }
    }

    /// This scope's counters on `thread`. The caller has paused the counting.
    pub(super) fn shard(&self, thread: u64) -> &'static Shard {
        let mut shards = lock(&self.shards);
        if let Some((_, shard)) = shards.iter().find(|(owner, _)| *owner == thread) {
            return shard;
        }
        let is_over = self.role == Role::Unmeasured && self.phase() == Phase::Ended;
        if let Some(around) = self.parent.as_ref().filter(|_| is_over) {
            return around.shard(thread);
        }
        let shard = Shard::take(thread);
        shard.watch(self.watch());
        shards.push((thread, shard));
        shard
    }

    /// What is wanted of its shards now: nothing after the body, and before it whose code it was, because what a thread of the set-up does
    /// at the moment when the body begins may be counted after that.
    fn watch(&self) -> Watch {
        let Detail { owners, places, .. } = self.detail();
        let root = self.outermost().phase();
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
        let around = self.parent.as_ref().filter(|_| self.outermost().has_gauges.load(Acquire))?;
        if around.role == Role::Unmeasured && around.phase() != Phase::Ended {
            return None;
        }
        around.own_gauge().or_else(|| around.outer_gauge())
    }

    fn own_gauge(&self) -> Option<&'static Gauge> {
        *lock(&self.gauge)
    }

    fn outermost(&self) -> &Scope {
        self.root.as_deref().unwrap_or(self)
    }

    pub(super) fn watch_shards(&self) {
        for (_, shard) in lock(&self.shards).iter() {
            shard.watch(self.watch());
        }
        // How far the test has come is all that they depend on.
        self.open_parts().iter().for_each(|part| part.watch_shards());
    }

    /// The body is over: what is allocated from now on is no longer the test's, nor any of its parts'.
    pub(crate) fn freeze(&self) {
        let _paused = pause();
        if self.role == Role::Test {
            pool::end(self);
        }
        for scope in std::iter::once(self).chain(self.open_parts().iter().map(|part| &**part)) {
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
        let children = lock(&self.from_children).allocated;
        children.map_or(own, |children| own.and(children))
    }

    /// The same, in this process.
    pub(crate) fn allocated_here(&self) -> Allocated {
        self.frozen.get().copied().unwrap_or_else(|| self.allocated_so_far())
    }

    /// What the application has obtained in its child processes.
    pub(crate) fn obtained_by_children(&self) -> ObtainedByChildren {
        let from_children = lock(&self.from_children);
        let totals = from_children.allocated.map(|allocated| allocated.totals);
        ObtainedByChildren {
            counted: totals.map_or(Counted::default(), |totals| totals.of(Owner::Application)),
            places: from_children.places.iter().map(|(place, counted)| (place.clone(), *counted)).collect(),
        }
    }

    /// A child process has allocated for this scope.
    pub(crate) fn add_from_child(&self, allocated: Allocated) {
        let all = &mut lock(&self.from_children).allocated;
        *all = Some(all.map_or(allocated, |others| others.and(allocated)));
    }

    /// Some of it in one place.
    pub(crate) fn add_place_of_child(&self, place: &ChildPlace, counted: Counted) {
        *lock(&self.from_children).places.entry(place.clone()).or_default() += counted;
    }

    /// How often memory was obtained on the threads of this scope, whatever it has come to.
    pub(crate) fn allocs_so_far(&self) -> u64 {
        self.totals_so_far().of(Owner::Application).calls()
    }

    /// Where the application obtained memory in this scope up to the end of the test's body, as far as that was asked for.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.places.get().cloned().unwrap_or_else(|| self.places_so_far())
    }

    /// Where the blocks were obtained that were alive at the end, with their number and bytes, as far as that was asked for.
    pub(crate) fn alive(&self) -> &[(Stack, u64, u64)] {
        self.alive.get().map_or(&[], Vec::as_slice)
    }

    fn allocated_so_far(&self) -> Allocated {
        self.allocated_of(self.totals_so_far())
    }

    /// Nothing is counted here any more.
    pub(super) fn freeze_at(&self, totals: Totals) {
        self.frozen.get_or_init(|| self.allocated_of(totals));
    }

    fn allocated_of(&self, so_far: Totals) -> Allocated {
        let mut totals = so_far - *lock(&self.start);
        totals += self.by_pools();
        Allocated { totals, memory: self.own_gauge().map(Gauge::read) }
    }

    /// What its own shards have counted.
    pub(super) fn shard_totals(&self) -> Totals {
        let mut totals = Totals::default();
        lock(&self.shards).iter().for_each(|(_, shard)| totals += shard.totals());
        totals
    }

    pub(super) fn shard_places(&self) -> Vec<Place> {
        lock(&self.shards).iter().flat_map(|(_, shard)| shard.places()).collect()
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

/// A thread that counts into one of the shards holds the scope, so by now there is none.
impl Drop for Scope {
    fn drop(&mut self) {
        let _paused = pause();
        for (thread, shard) in lock(&self.shards).drain(..) {
            shard.give_back(thread);
        }
    }
}
