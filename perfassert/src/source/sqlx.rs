//! What sqlx logs: one event of target `sqlx::query` for each execution, in any version that logs to `tracing`.

use std::fmt;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Metadata};

/// Whether this callsite is sqlx's, be it the event itself or sqlx asking whether to log.
pub(super) fn is_query(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "sqlx::query" && !metadata.is_span()
}

/// Whether sqlx asks whether to log: `enabled!` has a callsite that is neither an event nor a span.
pub(super) fn is_question(metadata: &Metadata<'_>) -> bool {
    is_query(metadata) && !metadata.is_event()
}

/// One execution, as sqlx logs it.
pub(super) struct Execution {
    pub(super) sql: String,
    /// The rows that were returned. Too few when the caller stopped reading early.
    pub(super) rows: Option<u64>,
}

/// Reads an event of [`is_query`].
///
/// `db.statement` is empty when the text is no longer than its four-word summary; otherwise the text stands between line
/// breaks.
pub(super) fn execution(event: &Event<'_>) -> Execution {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let Fields { summary, statement, rows } = fields;
    let inner = statement.strip_prefix("\n\n").unwrap_or(&statement);
    let inner = inner.strip_suffix('\n').unwrap_or(inner);
    Execution { sql: if statement.is_empty() { summary } else { inner.to_owned() }, rows }
}

/// Whether the calling thread is one on which sqlx runs SQLite for whoever sent it a command, and a span with it.
pub(super) fn is_sqlite_worker() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with("sqlx-sqlite-worker"))
}

#[derive(Default)]
struct Fields {
    summary: String,
    statement: String,
    rows: Option<u64>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.statement = value.to_owned(),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = Some(value);
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}
