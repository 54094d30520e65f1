//! What tells a loop from a batch, a retry and a duplicate: kept of each statement, and of no execution.

use std::collections::HashSet;
use std::time::Instant;

use super::attempts::{Attempts, Transactions};
use super::lines::Lines;
use super::{Database, Query};
use crate::mix::Mixing;
use crate::sql::{Class, Kind};

/// Distinct values that are kept, as hashes.
const VALUES: usize = 256;

/// Values that cost something to ask for are asked for this often, and then as often as stacks are.
const VALUES_FIRST: u64 = 16;

/// Distinct databases that are kept.
const DATABASES: usize = 64;

/// What there has been in a scope up to some moment.
#[derive(Clone, Default)]
pub(super) struct SoFar {
    /// Transactions and failures, where the scope is judged by them.
    ends: Transactions,
    /// Statements of the application that were not `SELECT`s.
    writes: u64,
    /// Connections that were set up meanwhile: a pool has opened them, beside others to the same database.
    opened: Vec<Database>,
}

impl SoFar {
    pub(super) fn add(&mut self, query: &Query, is_judged: bool) {
        let statement = &query.statement;
        self.writes += u64::from(statement.class == Class::Application && statement.kind != Kind::Select);
        if is_judged {
            self.ends.add(query);
        }
        let opened = query.database.filter(|_| statement.class == Class::Session);
        if let Some(opened) = opened.filter(|opened| !self.opened.contains(opened)) {
            self.opened.push(opened);
        }
    }

    /// A statement that was added before has failed.
    #[cfg(feature = "diesel")]
    pub(super) fn fail(&mut self) {
        self.ends.fail();
    }

    /// A statement that was added before has met nothing that it expected.
    #[cfg(feature = "rusqlite")]
    pub(super) fn meet_nothing(&mut self) {
        self.ends.meet_nothing();
    }
}

/// The executions of a statement that may be an N+1: those that are no batch, or all where the batches are looked at as well.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Repeats {
    /// Texts in which it was sent: one of them may hold it several times.
    pub(crate) texts: u64,
    pub(crate) lines: Lines,
    pub(crate) values: Values,
    pub(crate) databases: Databases,
    pub(crate) attempts: Attempts,
    /// How many executions were not undone, when all is over.
    pub(crate) kept: u64,
    /// How many writes there had been at the last execution.
    writes: u64,
    pub(crate) has_writes_between: bool,
}

/// What is known of the values that a statement was executed with.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Values {
    /// Of how many executions they are known.
    pub(crate) known: u64,
    distinct: Distinct,
}

/// The different ones.
#[derive(Clone, PartialEq)]
enum Distinct {
    /// Their hashes: neither shown nor stored.
    Hashes(HashSet<u64, Mixing>),
    /// How many there were, when all is over.
    Number(usize),
}

impl Default for Distinct {
    fn default() -> Self {
        Distinct::Hashes(HashSet::default())
    }
}

impl Repeats {
    /// `so_far` is what there has been in the scope.
    pub(super) fn add(&mut self, query: &Query, so_far: &SoFar) {
        self.has_writes_between |= self.texts > 0 && self.writes != so_far.writes;
        self.writes = so_far.writes;
        self.texts += 1;
        self.attempts.add(&so_far.ends);
        self.databases.add(query, so_far);
        self.lines.add(query.site.as_ref());
        if let Some(values) = query.values {
            self.values.add(values);
        }
    }

    /// All is over.
    pub(super) fn settle(&mut self, so_far: &SoFar) {
        (self.attempts, self.kept) = self.attempts.kept(&so_far.ends);
    }

    /// The scope is over: only numbers are kept.
    pub(super) fn forget(&mut self) {
        self.values.distinct = Distinct::Number(self.values.number());
        self.databases.last_ended = None;
    }

    pub(super) fn wants_values(&self) -> bool {
        self.values.known < VALUES_FIRST || self.lines.wants_next()
    }
}

impl Values {
    fn add(&mut self, values: u64) {
        self.known += 1;
        match &mut self.distinct {
            Distinct::Hashes(hashes) if hashes.len() < VALUES => drop(hashes.insert(values)),
            Distinct::Hashes(_) | Distinct::Number(_) => {}
        }
    }

    fn number(&self) -> usize {
        match &self.distinct {
            Distinct::Hashes(hashes) => hashes.len(),
            Distinct::Number(number) => *number,
        }
    }

    /// Whether nothing is said of executions without values by the few that have some.
    pub(crate) fn are_known_of_enough(&self, texts: u64) -> bool {
        self.known >= texts.min(VALUES_FIRST)
    }

    /// How many different ones there were; of very many, so many at least.
    pub(crate) fn distinct(&self) -> u64 {
        self.number() as u64
    }

    /// Whether there were more different ones than were kept.
    pub(crate) fn are_many(&self) -> bool {
        self.number() >= VALUES
    }
}

/// The databases that a statement was sent to.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Databases {
    /// Each with how often, up to so many.
    counts: Vec<(Database, u64)>,
    /// Executions of which it is not known.
    unknown: u64,
    /// When the last one ended, of a driver that tells when they began.
    last_ended: Option<Instant>,
    /// One began before another had ended: a pool opens connections for that.
    are_side_by_side: bool,
}

impl Databases {
    fn add(&mut self, query: &Query, so_far: &SoFar) {
        let database = query.database.filter(|database| !so_far.opened.contains(database));
        let known = database.and_then(|database| {
            let index = self.counts.iter().position(|(known, _)| *known == database);
            index.or_else(|| {
                (self.counts.len() < DATABASES).then(|| {
                    self.counts.push((database, 0));
                    self.counts.len() - 1
                })
            })
        });
        match known {
            Some(index) => self.counts[index].1 += 1,
            None => self.unknown += 1,
        }
        if let (Some(began), Some(_)) = (query.began, query.database) {
            self.are_side_by_side |= self.last_ended.is_some_and(|ended| began < ended);
            self.last_ended = Some(Instant::now());
        }
    }

    /// Whether the executions went to several databases, and to none of them `threshold` times. Of connections it is only known
    /// where each has executed the statement once, one after the other.
    pub(crate) fn are_several(&self, threshold: u64) -> bool {
        let is_few = |(database, count): &(Database, u64)| match database {
            Database::Named(_) => *count < threshold,
            Database::Connection(_) => *count == 1 && !self.are_side_by_side,
        };
        self.unknown == 0 && self.counts.len() > 1 && self.counts.iter().all(is_few)
    }
}
