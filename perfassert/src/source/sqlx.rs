//! What sqlx logs: one event of target `sqlx::query` for each execution, in any version that logs to `tracing`.

use std::fmt;
use std::time::Duration;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Metadata};

use super::Execution;
use super::execution::hash;
use crate::scope::Database;

/// Whether this callsite is sqlx's, be it the event itself or sqlx asking whether to log.
pub(super) fn is_query(metadata: &Metadata<'_>) -> bool {
    cfg!(feature = "sqlx") && metadata.target() == "sqlx::query" && !metadata.is_span()
}

/// One execution, as sqlx logs it.
#[derive(Default)]
pub(super) struct LoggedExecution {
    summary: String,
    statement: String,
    /// The rows that were returned. Too few when the caller stopped reading early.
    rows: Option<u64>,
    /// Those that were changed; of a statement that failed, none.
    changed: Option<u64>,
    took: Option<Duration>,
}

impl LoggedExecution {
    /// Reads an event of [`is_query`].
    pub(super) fn by(event: &Event<'_>) -> Self {
        let mut logged = LoggedExecution::default();
        event.record(&mut logged);
        logged
    }

    /// `db.statement` is empty when the text is no longer than its four-word summary; otherwise the text stands between
    /// line breaks.
    pub(super) fn execution(&self) -> Execution<'_> {
        let inner = self.statement.strip_prefix("\n\n").unwrap_or(&self.statement);
        let inner = inner.strip_suffix('\n').unwrap_or(inner);
        let execution = Execution::new(if self.statement.is_empty() { &self.summary } else { inner });
        let execution = match self.rows {
            Some(rows) => execution.rows(rows),
            None => execution,
        };
        let execution = match (self.changed, self.rows) {
            // What returns its rows is not read to its end, where the number of those that it changed comes.
            (Some(changed), rows) => execution.changed(changed.max(rows.unwrap_or(0))),
            (None, _) => execution,
        };
        let execution = match sqlite_connection() {
            Some(connection) => execution.sent_to(Database::Connection(connection)),
            None => execution,
        };
        match self.took {
            Some(took) => execution.took(took),
            None => execution,
        }
    }
}

/// Whether the calling thread is one on which sqlx runs SQLite for whoever sent it a command, and a span with it.
pub(super) fn is_sqlite_worker() -> bool {
    thread_local! {
        static IS_WORKER: bool =
            std::thread::current().name().is_some_and(|name| name.starts_with("sqlx-sqlite-worker"));
    }
    IS_WORKER.try_with(|is_worker| *is_worker).unwrap_or(false)
}

/// Each connection to SQLite has a worker of its own.
fn sqlite_connection() -> Option<u64> {
    is_sqlite_worker().then(|| hash(&std::thread::current().id()))
}

impl Visit for LoggedExecution {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.statement = value.to_owned(),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "rows_returned" => self.rows = Some(value),
            "rows_affected" => self.changed = Some(value),
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).ok();
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}
