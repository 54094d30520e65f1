//! What was seen of a scope, as plain data.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::{Allocated, Entry, ObtainedByChildren, Role, Scope};
use crate::alloc::{Place, Stack};
use crate::lock::lock;

/// See the module.
#[derive(PartialEq)]
pub(crate) struct Summary {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) failed: bool,
    /// The statements, with what became of each.
    pub(crate) statements: Vec<Entry>,
    pub(crate) beside_set_up: LeftOut,
    pub(crate) counters: BTreeMap<String, i64>,
    pub(crate) allocated: Allocated,
    /// What of it the application obtained in child processes.
    pub(crate) by_children: ObtainedByChildren,
    /// Whose code allocated was looked at.
    pub(crate) has_owners: bool,
    pub(crate) places: Vec<Place>,
    /// Where the blocks were obtained that were alive at the end, with their number and bytes.
    pub(crate) alive: Vec<(Stack, u64, u64)>,
}

/// What was done while something was left out of the test.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) struct LeftOut {
    pub(crate) queries: u64,
    /// Of the whole test.
    pub(crate) allocs: u64,
}

impl Scope {
    /// What was seen of it so far.
    pub(crate) fn summary(&self) -> Summary {
        let statement_counts = lock(&self.statement_counts);
        let (statements, queries) = (statement_counts.settled(), statement_counts.beside_set_up());
        drop(statement_counts);
        let mut places = self.places();
        places.sort_by_key(|place| place.stack.as_ptr().addr());
        Summary {
            name: self.name().to_owned(),
            role: self.role(),
            failed: self.failed(),
            statements,
            beside_set_up: LeftOut { queries, allocs: self.allocs_beside_set_up() },
            counters: self.counters(),
            allocated: self.allocated(),
            by_children: self.obtained_by_children(),
            has_owners: self.detail().owners,
            places,
            alive: self.alive().to_vec(),
        }
    }
}

impl Summary {
    /// Without values and times that nothing is judged by, so that what was alike is equal.
    pub(super) fn without_values(mut self) -> Self {
        let is_repeated = self.statements.iter().any(|entry| entry.count > 1);
        self.statements.iter_mut().for_each(|entry| entry.forget(is_repeated));
        self
    }
}

impl Hash for Summary {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.allocated.totals.hash(state);
        for entry in &self.statements {
            (entry.statement.fingerprint, entry.count, entry.all_rows).hash(state);
        }
    }
}
