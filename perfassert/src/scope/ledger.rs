//! The statements of one scope: each once, with how often and from where.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::site::Capture;
use crate::sql::{Class, Fingerprint, Normalized};

/// Call sites are captured for the first few executions of a statement in a scope: a capture costs more than a query.
const SITES_PER_STATEMENT: usize = 8;

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
}

/// The statements of a scope in the order of their first execution.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    /// A pool's ping and the application's own `SELECT 1` have one fingerprint, and are two.
    index: HashMap<(Class, Fingerprint), usize, BuildHasherDefault<OfHashes>>,
}

/// One statement of a [`Ledger`].
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) statement: Arc<Normalized>,
    /// Executions in the scope and everything inside it.
    pub(crate) count: u64,
    /// Texts in which it was sent, in the scope and everything inside it: one of them may hold it several times.
    pub(crate) texts: u64,
    /// Those in the scope itself.
    pub(crate) own_texts: u64,
    /// The texts that were sent for it, where it was the first of the application's in its text.
    pub(crate) round_trips: u64,
    /// Where the first of them came from.
    pub(crate) sites: Vec<Capture>,
    /// The most rows that one of them returned, where the driver tells.
    pub(crate) rows: Option<u64>,
    /// How many of them failed, where the driver tells.
    pub(crate) failed: u64,
}

impl Ledger {
    /// `own` says that no scope further inside has taken the query as well.
    pub(super) fn add(&mut self, query: &Query, own: bool) {
        let index = *self.index.entry(key(&query.statement)).or_insert_with(|| {
            self.entries.push(Entry {
                statement: Arc::clone(&query.statement),
                count: 0,
                texts: 0,
                own_texts: 0,
                round_trips: 0,
                sites: Vec::new(),
                rows: None,
                failed: 0,
            });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[index];
        entry.count += 1;
        entry.texts += u64::from(!query.is_repeated);
        entry.own_texts += u64::from(own && !query.is_repeated);
        entry.round_trips += u64::from(query.is_round_trip);
        entry.rows = entry.rows.max(query.rows);
        entry.failed += u64::from(query.failed);
        if let Some(site) =
            query.site.as_ref().filter(|_| !query.is_repeated && entry.sites.len() < SITES_PER_STATEMENT)
        {
            entry.sites.push(site.clone());
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
        }
    }

    pub(super) fn wants_site(&self, statement: &Normalized) -> bool {
        self.index
            .get(&key(statement))
            .is_none_or(|index| self.entries[*index].sites.len() < SITES_PER_STATEMENT)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// A fingerprint is a hash already, of a text that nobody chooses to harm us with.
#[derive(Default)]
struct OfHashes(u64);

impl Hasher for OfHashes {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = self.0.rotate_left(8) ^ word;
    }

    fn write_isize(&mut self, discriminant: isize) {
        self.write_u64(discriminant.cast_unsigned() as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What tells two statements apart.
fn key(statement: &Normalized) -> (Class, Fingerprint) {
    (statement.class, statement.fingerprint)
}
