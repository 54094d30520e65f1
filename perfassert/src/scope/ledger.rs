//! The statements of one scope: each once, with how often and from where.

use std::collections::HashMap;
use std::sync::Arc;

use crate::site::Capture;
use crate::sql::{Fingerprint, Normalized};

/// Call sites are captured for the first few executions of a statement in a scope: a capture costs more than a query.
const SITES_PER_STATEMENT: usize = 8;

/// One execution that a source saw.
#[derive(Clone)]
pub(crate) struct Query {
    pub(crate) statement: Arc<Normalized>,
    pub(crate) site: Option<Capture>,
    /// How many rows came back, where the driver tells.
    pub(crate) rows: Option<u64>,
}

/// The statements of a scope in the order of their first execution.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    index: HashMap<Fingerprint, usize>,
}

/// One statement of a [`Ledger`].
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) statement: Arc<Normalized>,
    /// Executions in the scope and everything inside it.
    pub(crate) count: u64,
    /// Executions in the scope itself.
    pub(crate) own: u64,
    /// Where the first of them came from.
    pub(crate) sites: Vec<Capture>,
    /// The most rows that one of them returned, where the driver tells.
    pub(crate) rows: Option<u64>,
}

impl Ledger {
    /// `own` says that no scope further inside has taken the query as well.
    pub(super) fn add(&mut self, query: &Query, own: bool) {
        let fingerprint = query.statement.fingerprint;
        let index = *self.index.entry(fingerprint).or_insert_with(|| {
            self.entries.push(Entry {
                statement: Arc::clone(&query.statement),
                count: 0,
                own: 0,
                sites: Vec::new(),
                rows: None,
            });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[index];
        // One text may hold several statements.
        let executed = u64::from(query.statement.statements.max(1));
        entry.count += executed;
        entry.own += if own { executed } else { 0 };
        entry.rows = entry.rows.max(query.rows);
        if let Some(site) = query.site.as_ref().filter(|_| entry.sites.len() < SITES_PER_STATEMENT) {
            entry.sites.push(site.clone());
        }
    }

    pub(super) fn wants_site(&self, fingerprint: Fingerprint) -> bool {
        self.index
            .get(&fingerprint)
            .is_none_or(|index| self.entries[*index].sites.len() < SITES_PER_STATEMENT)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
