//! The statements of one scope: each once, with how often and from where.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

#[cfg(feature = "rusqlite")]
use super::attempts::has_met_nothing;
use super::lines::Lines;
use super::repeats::{Repeats, SoFar};
use crate::mix::Mixing;
use crate::site::Capture;
use crate::sql::{Class, Fingerprint, Normalized};

/// One execution that a source saw.
#[derive(Clone)]
pub(crate) struct Query {
    pub(crate) statement: Arc<Normalized>,
    /// Whether it is the first of the application's statements in the text that was sent, and so a round trip.
    pub(crate) is_round_trip: bool,
    /// Whether the same statement stands before it in the text that was sent.
    pub(crate) is_repeated: bool,
    pub(crate) site: Option<Capture>,
    /// How many rows came back, where the driver tells.
    pub(crate) rows: Option<u64>,
    /// Whether it is known to have failed.
    pub(crate) failed: bool,
    /// A hash of its values, where they are known.
    pub(crate) values: Option<u64>,
    /// How many rows it changed, where the driver tells.
    pub(crate) changed: Option<u64>,
    /// When it began, of a driver that tells of executions when they end.
    pub(crate) began: Option<Instant>,
    /// Where it was sent to, as far as that is known.
    pub(crate) database: Option<Database>,
}

/// Where a statement was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(all(feature = "sqlx", feature = "rusqlite")), allow(dead_code))]
pub(crate) enum Database {
    /// A database, known by a hash of its name.
    Named(u64),
    /// A connection: several of them may lead to one database.
    Connection(u64),
}

/// What an execution did, of a driver that tells when it is over.
#[cfg(feature = "rusqlite")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effect {
    pub(crate) rows: u64,
    pub(crate) changed: u64,
}

impl Query {
    /// One of which nothing is known but the statement.
    pub(crate) fn of(statement: Arc<Normalized>) -> Self {
        Query {
            statement,
            is_round_trip: true,
            is_repeated: false,
            site: None,
            rows: None,
            failed: false,
            values: None,
            changed: None,
            began: None,
            database: None,
        }
    }
}

/// What a scope still wants to know of a statement, and costs something to find out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MissingDetail {
    pub(crate) site: bool,
    pub(crate) values: bool,
}

/// The statements of a scope in the order of their first execution.
#[derive(Clone, Default)]
pub(crate) struct StatementCounts {
    entries: Vec<Entry>,
    /// A pool's ping and the application's own `SELECT 1` have one fingerprint, and are two.
    index: HashMap<(Class, Fingerprint), usize, Mixing>,
    so_far: SoFar,
    /// Queries that were sent while something was left out of the test.
    beside_set_up: u64,
}

/// One statement of a [`StatementCounts`].
#[derive(Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) statement: Arc<Normalized>,
    /// Executions in the scope and everything inside it.
    pub(crate) count: u64,
    /// The texts that were sent for it, where it was the first of the application's in its text.
    pub(crate) round_trips: u64,
    /// Where they came from.
    pub(crate) lines: Lines,
    /// Those by which the scope is judged: a test by its own, and not by those of the requests in it.
    pub(crate) repeats: Repeats,
    /// The same with those that did something for many at once, if there was one of these.
    pub(crate) with_batches: Repeats,
    /// The most rows that one of them returned, where the driver tells.
    pub(crate) rows: Option<u64>,
    /// The rows that all of them returned.
    pub(crate) all_rows: u64,
    /// The rows that the last of them returned.
    pub(crate) last_rows: Option<u64>,
    /// When the first of them began, and the last, as far as is known.
    pub(crate) began: Option<(Instant, Instant)>,
    /// How many of them failed, where the driver tells.
    pub(crate) failed: u64,
}

impl StatementCounts {
    /// `is_judged` says that the scope is the one to be judged by the query.
    pub(super) fn add(&mut self, query: &Query, is_judged: bool) {
        let index = *self.index.entry(key(&query.statement)).or_insert_with(|| {
            self.entries.push(Entry {
                statement: Arc::clone(&query.statement),
                count: 0,
                round_trips: 0,
                lines: Lines::default(),
                repeats: Repeats::default(),
                with_batches: Repeats::default(),
                rows: None,
                all_rows: 0,
                last_rows: None,
                began: None,
                failed: 0,
            });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[index];
        entry.count += 1;
        entry.round_trips += u64::from(query.is_round_trip);
        entry.returned(query.rows);
        if let Some(began) = query.began {
            let (first, last) = entry.began.unwrap_or((began, began));
            entry.began = Some((first.min(began), last.max(began)));
        }
        entry.failed += u64::from(query.failed);
        if !query.is_repeated {
            entry.lines.add(query.site.as_ref());
            if is_judged {
                entry.repeat(query, &self.so_far);
            }
        }
        self.so_far.add(query, is_judged);
    }

    /// An execution that was added before is over.
    #[cfg(feature = "rusqlite")]
    pub(super) fn ended(&mut self, statement: &Normalized, effect: Effect, is_judged: bool) {
        // It may have begun before the scope did.
        let Some(entry) = self.index.get(&key(statement)).map(|index| &mut self.entries[*index]) else {
            return;
        };
        entry.returned(Some(effect.rows));
        let query = Query {
            changed: Some(effect.changed.max(effect.rows)),
            ..Query::of(Arc::clone(&entry.statement))
        };
        if is_judged && has_met_nothing(&query) {
            self.so_far.meet_nothing();
        }
    }

    /// An execution that was added before has failed.
    #[cfg(feature = "diesel")]
    pub(super) fn fail(&mut self, statement: &Normalized) {
        // A driver may end a ping without the values by which it is known.
        let keys = [key(statement), (Class::Ping, statement.fingerprint)];
        let entry = keys.iter().find_map(|key| self.index.get(key)).map(|index| &mut self.entries[*index]);
        // It may have begun before the scope did.
        if let Some(entry) = entry.filter(|entry| entry.failed < entry.count) {
            entry.failed += 1;
            self.so_far.fail();
        }
    }

    pub(super) fn wants(&self, statement: &Normalized) -> MissingDetail {
        match self.index.get(&key(statement)).map(|index| &self.entries[*index]) {
            Some(entry) => {
                MissingDetail { site: entry.lines.wants_next(), values: entry.repeats.wants_values() }
            }
            None => MissingDetail { site: true, values: true },
        }
    }

    /// The query was sent while something was left out of the test.
    pub(super) fn note_beside_set_up(&mut self, query: &Query) {
        self.beside_set_up += u64::from(query.statement.class == Class::Application);
    }

    /// How many queries were sent while something was left out of the test.
    pub(crate) fn beside_set_up(&self) -> u64 {
        self.beside_set_up
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The statements, with what became of each when all was over.
    pub(crate) fn settled(&self) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        for entry in &mut entries {
            entry.repeats.settle(&self.so_far);
            entry.with_batches.settle(&self.so_far);
        }
        entries
    }
}

impl Entry {
    /// Whether it is about this statement.
    pub(crate) fn is_of(&self, statement: &Normalized) -> bool {
        key(&self.statement) == key(statement)
    }

    /// The scope is over: values and times that nothing is judged by go. In one in which no statement repeats, nothing is by times.
    pub(super) fn forget(&mut self, is_repeated: bool) {
        self.began = self.began.filter(|_| is_repeated);
        self.repeats.forget();
        self.with_batches.forget();
    }

    fn returned(&mut self, rows: Option<u64>) {
        self.rows = self.rows.max(rows);
        self.all_rows += rows.unwrap_or(0);
        self.last_rows = rows.or(self.last_rows);
    }

    /// A list of one value and one of many are the same statement: the one may be an N+1, the other says that it is none, but
    /// where it is sent for each row.
    fn repeat(&mut self, query: &Query, so_far: &SoFar) {
        let is_batch = query.statement.batched;
        if self.with_batches.texts == 0 && is_batch {
            self.with_batches = self.repeats.clone();
        }
        if is_batch || self.with_batches.texts > 0 {
            self.with_batches.add(query, so_far);
        }
        if !is_batch {
            self.repeats.add(query, so_far);
        }
    }
}

/// What tells two statements apart.
fn key(statement: &Normalized) -> (Class, Fingerprint) {
    (statement.class, statement.fingerprint)
}
