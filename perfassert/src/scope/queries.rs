//! What a scope is told of queries: each counts for the scope that it was sent in, and for those around it.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

#[cfg(feature = "rusqlite")]
use super::Effect;
use super::{MissingDetail, Phase, Query, Role, Scope, pool, tell, thread_number, unattributed};
use crate::lock::lock;
use crate::sql::Normalized;

impl Scope {
    /// Takes a query that was executed on behalf of this scope.
    ///
    /// A query of the set-up is dropped, and so is one of what the test attribute does after the body: `#[sqlx::test]` drops its
    /// database. Any other for a test that has ended is unattributed.
    pub(crate) fn record(self: &Arc<Self>, query: &Query) {
        let root = self.root();
        root.hears.store(true, Relaxed);
        match root.phase() {
            Phase::Unclaimed | Phase::Preparing => {}
            Phase::Ended if root.function_thread.load(Relaxed) == thread_number() => {}
            Phase::Ended => unattributed::report(query),
            Phase::Open if root.role == Role::Pool => {
                if self.counting().next().is_some() {
                    pool::record(query);
                }
            }
            Phase::Open => {
                let is_beside = root.is_setting_up();
                for (depth, scope) in self.counting().enumerate() {
                    let mut statement_counts = lock(&scope.statement_counts);
                    statement_counts.add(query, scope.judges(depth));
                    if is_beside {
                        statement_counts.note_beside_set_up(query);
                    }
                    drop(statement_counts);
                    if depth == 0 {
                        tell(|listener| (listener.executed)(scope, query));
                    }
                }
            }
        }
    }

    /// Whether a query of this test was heard, be it one of the set-up.
    pub(crate) fn hears(&self) -> bool {
        self.hears.load(Relaxed)
    }

    /// Whether this scope is judged by what was sent `depth` scopes further in: what a request or section did is judged there.
    fn judges(&self, depth: usize) -> bool {
        depth == 0 || self.role != Role::Test
    }

    /// An execution of `statement` for this scope, recorded when it began, has failed.
    #[cfg(feature = "diesel")]
    pub(crate) fn fail(self: &Arc<Self>, statement: &Normalized) {
        if self.root().phase() == Phase::Open {
            for scope in self.counting() {
                lock(&scope.statement_counts).fail(statement);
            }
        }
    }

    /// An execution of `statement` that was recorded when it began has ended.
    #[cfg(feature = "rusqlite")]
    pub(crate) fn record_effect(self: &Arc<Self>, statement: &Normalized, effect: Effect) {
        if self.root().phase() == Phase::Open {
            for (depth, scope) in self.counting().enumerate() {
                lock(&scope.statement_counts).ended(statement, effect, scope.judges(depth));
            }
        }
    }

    /// What is still to be known of a statement that is executed here: nothing where it does not count.
    pub(crate) fn wants(self: &Arc<Self>, statement: &Normalized) -> MissingDetail {
        let taking = match self.root().phase() {
            Phase::Unclaimed | Phase::Preparing => None,
            Phase::Ended => Some(self),
            Phase::Open => self.counting().next(),
        };
        taking.map(|scope| lock(&scope.statement_counts).wants(statement)).unwrap_or_default()
    }
}
