//! One execution of a text, on its way into a scope.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use perfassert_record::hash_values;

use super::cache::Cache;
use crate::alloc::pause;
use crate::mix::Mixer;
use crate::scope::{Database, MissingDetail, Query, Scope, current};
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
    changed: Option<u64>,
    failed: bool,
    binds: Option<u64>,
    took: Option<Duration>,
    database: Option<Database>,
}

impl<'a> Execution<'a> {
    /// Of the text as it was sent. What is kept of it has no values: see [`normalize`](crate::sql::normalize).
    pub fn new(sql: &'a str) -> Self {
        Execution { sql, rows: None, changed: None, failed: false, binds: None, took: None, database: None }
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

    /// The values of its placeholders. Of these only a hash is kept, in memory, which tells the same statement with other
    /// values (an N+1) from the same with the same (a duplicate). Values that stand in the text are known without this.
    ///
    /// ```
    /// # use perfassert::{Metric, measure, source::Execution};
    /// let sql = "SELECT name FROM customers WHERE id = $1";
    /// let (_, counts) = measure("names", || [7, 8].map(|id| Execution::new(sql).binds(&id).record()));
    /// assert_eq!(counts.get(&Metric::Queries), Some(2));
    /// ```
    pub fn binds(self, values: &(impl Hash + ?Sized)) -> Self {
        Execution { binds: Some(hash(values)), ..self }
    }

    /// How long ago it began, where it is recorded when it ends.
    #[cfg(feature = "tracing-events")]
    pub(super) fn took(self, took: Duration) -> Self {
        Execution { took: Some(took), ..self }
    }

    /// How many rows it changed.
    #[cfg(feature = "tracing-events")]
    pub(super) fn changed(self, changed: u64) -> Self {
        Execution { changed: Some(changed), ..self }
    }

    /// Where it was sent to.
    #[cfg(any(feature = "tracing-events", feature = "rusqlite"))]
    pub(super) fn sent_to(self, database: Database) -> Self {
        Execution { database: Some(database), ..self }
    }

    /// Counts it for the scope of the calling thread or task; outside of any it is nobody's.
    ///
    /// Its call site is the line of the user's code that led here.
    pub fn record(self) {
        self.record_asking(|| None);
    }

    /// The same, for a driver that can be asked for a hash of the values, and is where the scope wants it.
    pub(super) fn record_asking(self, binds: impl FnOnce() -> Option<u64>) {
        let _paused = pause();
        if let Some(scope) = current() {
            self.record_for_asking(&scope, None, binds);
        }
    }

    /// Counts it for `scope`. The call site is the one that the driver carried along, or the calling thread's.
    #[cfg(any(feature = "tracing-events", test))]
    pub(crate) fn record_for(self, scope: &Arc<Scope>, carried: Option<Capture>) {
        self.record_for_asking(scope, carried, || None);
    }

    /// The same, for a driver that can be asked for a hash of the values. Returns what is known of the text.
    pub(super) fn record_for_asking(
        mut self,
        scope: &Arc<Scope>,
        carried: Option<Capture>,
        binds: impl FnOnce() -> Option<u64>,
    ) -> Arc<Text> {
        let began = self.took.and_then(|took| Instant::now().checked_sub(took));
        let text = text_of(self.sql);
        let wanted = text.parts.iter().map(|part| scope.wants(&part.statement));
        let wanted = wanted.fold(MissingDetail::default(), |all, one| MissingDetail {
            site: all.site || one.site,
            values: all.values || one.values,
        });
        let site = carried.or_else(|| wanted.site.then(Capture::here).flatten());
        // Of several statements the driver does not tell whose the rows and the values are, and which of them failed.
        let is_one = text.parts.len() == 1;
        if is_one && self.binds.is_none() && wanted.values && text.values.has_placeholders {
            self.binds = binds();
        }
        let values = match self.binds {
            None if text.values.has_placeholders => None,
            None => Some(text.values.hash),
            Some(binds) => Some(hash(&(text.values.hash, binds))),
        };
        for part in &text.parts {
            scope.record(&Query {
                statement: Arc::clone(&part.statement),
                is_round_trip: part.is_round_trip,
                is_repeated: part.is_repeated,
                site: site.clone(),
                rows: self.rows.filter(|_| is_one),
                changed: self.changed.filter(|_| is_one),
                failed: self.failed && is_one,
                values: values.filter(|_| is_one),
                began,
                database: self.database,
            });
        }
        text
    }
}

/// Only equality means anything, and only in this process.
pub(super) fn hash(values: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = Mixer::default();
    values.hash(&mut hasher);
    hasher.finish()
}

/// What is known from a text alone.
pub(super) struct Text {
    parts: Vec<TextStatement>,
    values: Values,
}

/// The values that stand in a text, to compare with those of another one. They do not leave the process, and neither does the hash.
struct Values {
    hash: u64,
    /// There are others, which are not in the text.
    has_placeholders: bool,
}

impl Values {
    fn of(sql: &str) -> Self {
        let mut hasher = Mixer::default();
        let has_placeholders = hash_values(sql, &mut hasher);
        Values { hash: hasher.finish(), has_placeholders }
    }
}

/// A statement of a text.
struct TextStatement {
    statement: Arc<Normalized>,
    /// It is the first of the application's.
    is_round_trip: bool,
    /// The same statement stands before it.
    is_repeated: bool,
}

impl Text {
    fn of(sql: &str) -> Self {
        let statements = statements(sql);
        let first = statements.iter().position(|statement| statement.class == Class::Application);
        let mut sent = HashSet::new();
        let parts = statements.into_iter().enumerate().map(|(index, statement)| TextStatement {
            is_round_trip: first == Some(index),
            is_repeated: !sent.insert((statement.class, statement.fingerprint)),
            statement: Arc::new(statement),
        });
        Text { parts: parts.collect(), values: Values::of(sql) }
    }

    /// The statement, if there is one only.
    #[cfg(any(feature = "diesel", feature = "rusqlite"))]
    pub(super) fn only(&self) -> Option<&Arc<Normalized>> {
        match self.parts.as_slice() {
            [only] => Some(&only.statement),
            _ => None,
        }
    }
}

/// Texts come again and again. The caller has paused the counting.
pub(super) fn text_of(sql: &str) -> Arc<Text> {
    static KNOWN: Cache<Text> = Cache::new();
    KNOWN.get_or_make(sql, Text::of)
}
