//! Threads of pools that are the process's, such as rayon's global one or those of a runtime in a `static`: they serve every test.
//!
//! What they do is a test's where a function of that test is on their stack. Everything else may be any open test's: that of the one
//! test that was open, if no other was.

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

#[cfg(inherit_threads)]
use super::{Detail, Phase, Role};
use super::{Query, Scope, unattributed};
use crate::alloc::{Counted, Owner, Place, Stack, Totals, pause};
use crate::lock::lock;
use crate::site::{self, Capture};

static POOL: OnceLock<Arc<Scope>> = OnceLock::new();

/// The scope of these threads.
#[cfg(inherit_threads)]
pub(super) fn pool() -> Arc<Scope> {
    Arc::clone(POOL.get_or_init(|| {
        let pool = Scope::new(Role::Pool, None, Phase::Preparing);
        pool.set_detail(Detail { owners: true, places: true, ..Detail::default() });
        pool.start_counting();
        pool
    }))
}

/// What a test keeps of the pools.
#[derive(Default)]
pub(super) struct Pools {
    before: Allocations,
    /// What they allocated for the test.
    own: Vec<Place>,
    /// What they allocated for nobody knows whom.
    unknown: Vec<Place>,
}

/// What was obtained, by stack.
type Allocations = HashMap<Stack, Counted>;

fn allocations() -> Allocations {
    let mut allocations = Allocations::new();
    let places = POOL.get().map(|pool| pool.places()).unwrap_or_default();
    for Place { stack, counted } in places {
        *allocations.entry(stack).or_default() += counted;
    }
    allocations
}

/// The body of `test` begins. Whoever is open at the same time has not been alone.
pub(super) fn begin(test: &Scope) {
    lock(&test.pools).before = allocations();
    let others = unattributed::open_tests();
    for other in others.iter().filter(|other| !std::ptr::eq(Arc::as_ptr(other), test)) {
        other.had_company.store(true, Relaxed);
        test.had_company.store(true, Relaxed);
    }
}

/// The body of `test` is over.
pub(super) fn end(test: &Scope) {
    let mut pools = lock(&test.pools);
    for (stack, counted) in allocations() {
        let before = pools.before.get(stack).copied().unwrap_or_default();
        let place = Place { stack, counted: counted - before };
        match site::test_on(stack) {
            _ if place.counted.calls() == 0 => {}
            Some(name) if name == test.name() => pools.own.push(place),
            Some(_) => {}
            None => pools.unknown.push(place),
        }
    }
}

impl Scope {
    /// Whether it is that of these threads, or inside it.
    #[cfg(inherit_threads)]
    pub(super) fn is_pools(self: &Arc<Self>) -> bool {
        self.root().role == Role::Pool
    }

    /// Where the pools have allocated for this test.
    pub(super) fn pool_places(&self) -> Vec<Place> {
        let Pools { own, unknown, .. } = &*lock(&self.pools);
        let unknown = if self.had_company() { &[][..] } else { unknown };
        own.iter().chain(unknown).copied().collect()
    }

    /// What the pools have allocated for this test.
    pub(super) fn by_pools(&self) -> Totals {
        let mut totals = Totals::default();
        for place in self.pool_places() {
            totals.0[Owner::Application as usize] += place.counted;
        }
        totals
    }

    /// How often the application has allocated on pools of the process while this test was open and others were, too, and nothing
    /// tells for whom.
    pub(crate) fn unattributed_allocs(&self) -> u64 {
        if self.had_company() {
            lock(&self.pools).unknown.iter().map(|place| place.counted.calls()).sum()
        } else {
            0
        }
    }

    fn had_company(&self) -> bool {
        self.had_company.load(Relaxed)
    }
}

/// Takes a query of such a thread.
pub(super) fn record(query: &Query) {
    let _paused = pause();
    let here = || query.site.clone().or_else(Capture::here);
    let named = here().and_then(|stack| site::test_on(stack.addresses()));
    let open = unattributed::open_tests();
    match (named, open.as_slice()) {
        (Some(name), open) => {
            open.iter().filter(|test| test.name() == name).for_each(|test| test.record(query))
        }
        (None, [only]) => only.record(query),
        (None, _) => unattributed::report(query),
    }
}
