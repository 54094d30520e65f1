//! What tells a loop from a batch, a retry and a duplicate: kept of each statement, and of no execution.

use std::collections::HashSet;

use super::Query;
use super::lines::Lines;
use crate::mix::Mixing;
use crate::sql::{Class, Kind, Normalized};

/// Distinct values that are kept, as hashes.
const VALUES: usize = 256;

/// Values that cost something to ask for are asked for this often, and then as often as stacks are.
const VALUES_FIRST: u64 = 16;

/// What there has been in a scope up to some moment.
#[derive(Clone, Copy, Default)]
pub(super) struct SoFar {
    /// Transactions that were rolled back, in whole or in part.
    rollbacks: u64,
    /// Statements of the application that were not `SELECT`s.
    writes: u64,
}

impl SoFar {
    pub(super) fn add(&mut self, statement: &Normalized) {
        let is_rollback = statement.class == Class::Transaction && statement.text.starts_with("ROLLBACK");
        self.rollbacks += u64::from(is_rollback);
        self.writes += u64::from(statement.class == Class::Application && statement.kind != Kind::Select);
    }
}

/// The executions of a statement that may be an N+1: those that are no batch.
#[derive(Clone, Default)]
pub(crate) struct Repeats {
    /// Texts in which it was sent: one of them may hold it several times.
    pub(crate) texts: u64,
    pub(crate) lines: Lines,
    pub(crate) values: Values,
    /// Failures of its own.
    failures: u64,
    /// How many failures and rollbacks there had been at the last execution.
    broken_off: u64,
    in_attempt: u64,
    /// How many writes there had been at the last execution.
    writes: u64,
    pub(crate) has_writes_between: bool,
    /// The most texts between two failures or rollbacks.
    pub(crate) most_in_attempt: u64,
}

/// What is known of the values that a statement was executed with.
#[derive(Clone, Default)]
pub(crate) struct Values {
    /// Of how many executions they are known.
    pub(crate) known: u64,
    /// Hashes: neither shown nor stored.
    distinct: HashSet<u64, Mixing>,
}

impl Repeats {
    /// `so_far` is what there has been in the scope.
    pub(super) fn add(&mut self, query: &Query, so_far: SoFar) {
        let broken_off = so_far.rollbacks + self.failures;
        if self.broken_off != broken_off {
            self.broken_off = broken_off;
            self.in_attempt = 0;
        }
        self.has_writes_between |= self.texts > 0 && self.writes != so_far.writes;
        self.writes = so_far.writes;
        self.texts += 1;
        self.in_attempt += 1;
        self.most_in_attempt = self.most_in_attempt.max(self.in_attempt);
        self.lines.add(query.site.as_ref());
        if let Some(values) = query.values {
            self.values.add(values);
        }
        if query.failed {
            self.fail();
        }
    }

    /// An execution that was added before has failed.
    pub(super) fn fail(&mut self) {
        self.failures += 1;
    }

    pub(super) fn wants_values(&self) -> bool {
        self.values.known < VALUES_FIRST || self.lines.wants_next()
    }
}

impl Values {
    fn add(&mut self, values: u64) {
        self.known += 1;
        if self.distinct.len() < VALUES {
            self.distinct.insert(values);
        }
    }

    /// Whether nothing is said of executions without values by the few that have some.
    pub(crate) fn are_known_of_enough(&self, texts: u64) -> bool {
        self.known >= texts.min(VALUES_FIRST)
    }

    /// How many different ones there were; of very many, so many at least.
    pub(crate) fn distinct(&self) -> u64 {
        self.distinct.len() as u64
    }

    /// Whether there were more different ones than were kept.
    pub(crate) fn are_many(&self) -> bool {
        self.distinct.len() >= VALUES
    }
}
