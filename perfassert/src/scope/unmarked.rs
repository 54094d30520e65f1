//! The process's scope, handed to its one test: to the test's thread before it is known whether the test has an attribute, and to that.

#[cfg(inherit_threads)]
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

#[cfg(inherit_threads)]
use super::{Detail, abandon_base, process, unattributed};
use super::{Phase, Scope, StatementCounts};
use crate::alloc::pause;
use crate::lock::lock;

impl Scope {
    /// The process's scope, for its one test, which has no attribute as far as is known. None where the test has begun.
    #[cfg(inherit_threads)]
    pub(crate) fn unmarked_with(detail: Detail, name: impl Into<String>) -> Option<Arc<Scope>> {
        let scope = process::claim_unmarked()?;
        scope.set_name(name);
        scope.set_detail(detail);
        scope.watch_shards();
        unattributed::watch(&scope);
        Some(scope)
    }

    /// Makes this scope the calling test's. Whether nobody has done so before.
    pub(super) fn claim(&self) -> bool {
        let (unclaimed, claimed) = (Phase::Unclaimed as u8, Phase::Preparing as u8);
        self.phase.compare_exchange(unclaimed, claimed, AcqRel, Acquire).is_ok() || self.claim_from_unmarked()
    }

    /// The test has an attribute after all: what was counted so far is set-up.
    fn claim_from_unmarked(&self) -> bool {
        if !self.is_unmarked.swap(false, AcqRel) {
            return false;
        }
        let _paused = pause();
        // The thread is the test's by what it enters: it may run another one after this.
        #[cfg(inherit_threads)]
        abandon_base();
        self.phase.store(Phase::Preparing as u8, Release);
        *lock(&self.gauge) = None;
        *lock(&self.statement_counts) = StatementCounts::default();
        lock(&self.counters).clear();
        lock(&self.parts).begin_anew();
        *lock(&self.unattributed) = StatementCounts::default();
        lock(&self.inconclusive).clear();
        true
    }

    /// Whether this is the scope of a test that has no attribute.
    pub(crate) fn is_unmarked(&self) -> bool {
        self.is_unmarked.load(Acquire)
    }
}
