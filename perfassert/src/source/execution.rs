//! One execution of a text, on its way into a scope.

use std::collections::HashSet;
use std::sync::Arc;

use super::cache::Cache;
use crate::alloc::pause;
use crate::scope::{Query, Scope, current};
use crate::site::Capture;
use crate::sql::{Class, Normalized, statements};

/// One text that a driver executed, for a driver that perfassert does not listen to.
///
/// ```
/// # use perfassert::{Metric, measure, source::Execution};
/// let (_, counts) = measure("report", || Execution::new("SELECT total FROM orders WHERE id = 7").rows(1).record());
/// assert_eq!(counts.get(&Metric::Queries), Some(1));
/// ```
#[derive(Clone, Debug)]
#[must_use = "it counts when it is recorded"]
pub struct Execution<'a> {
    sql: &'a str,
    rows: Option<u64>,
    failed: bool,
}

impl<'a> Execution<'a> {
    /// Of the text as it was sent. What is kept of it has no values: see [`normalize`](crate::sql::normalize).
    pub fn new(sql: &'a str) -> Self {
        Execution { sql, rows: None, failed: false }
    }

    /// How many rows came back.
    pub fn rows(self, rows: u64) -> Self {
        Execution { rows: Some(rows), ..self }
    }

    /// The database refused it, or it was broken off. It counts like any other.
    ///
    /// ```
    /// # use perfassert::{Metric, measure, source::Execution};
    /// let (_, counts) = measure("order", || Execution::new("INSERT INTO orders VALUES (7)").failed().record());
    /// assert_eq!(counts.get(&Metric::Queries), Some(1));
    /// ```
    pub fn failed(self) -> Self {
        Execution { failed: true, ..self }
    }

    /// Counts it for the scope of the calling thread or task; outside of any it is nobody's.
    ///
    /// Its call site is the line of the user's code that led here.
    pub fn record(self) {
        let _paused = pause();
        if let Some(scope) = current() {
            self.record_for(&scope, None);
        }
    }

    /// Counts it for `scope`. The call site is the one that the driver carried along, or the calling thread's.
    pub(crate) fn record_for(self, scope: &Arc<Scope>, carried: Option<Capture>) {
        let statements = statements_of(self.sql);
        let wanted = || statements.iter().any(|statement| scope.wants_site(statement));
        let site = carried.or_else(|| wanted().then(Capture::here).flatten());
        let first = statements.iter().position(|statement| statement.class == Class::Application);
        // Of several statements the driver does not tell whose the rows are, and which of them failed.
        let is_one = statements.len() == 1;
        let mut sent = HashSet::new();
        for (index, statement) in statements.iter().enumerate() {
            scope.record(&Query {
                statement: Arc::clone(statement),
                is_round_trip: first == Some(index),
                is_repeated: !is_one && !sent.insert((statement.class, statement.fingerprint)),
                site: site.clone(),
                rows: self.rows.filter(|_| is_one),
                failed: self.failed && is_one,
            });
        }
    }
}

/// The statements of a text. Texts come again and again. The caller has paused the counting.
pub(super) fn statements_of(sql: &str) -> Arc<Vec<Arc<Normalized>>> {
    static KNOWN: Cache<Vec<Arc<Normalized>>> = Cache::new();
    KNOWN.get_or_make(sql, |sql| statements(sql).into_iter().map(Arc::new).collect())
}
