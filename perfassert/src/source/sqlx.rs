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

/// The SQL text of an event of [`is_query`].
///
/// `db.statement` is empty when the text is no longer than its four-word summary; otherwise the text stands between line
/// breaks.
pub(super) fn sql(event: &Event<'_>) -> String {
    let mut text = Text::default();
    event.record(&mut text);
    let Text { summary, statement } = text;
    if statement.is_empty() {
        return summary;
    }
    let inner = statement.strip_prefix("\n\n").unwrap_or(&statement);
    inner.strip_suffix('\n').unwrap_or(inner).to_owned()
}

/// Whether the calling thread is one on which sqlx runs SQLite for whoever sent it a command, and a span with it.
pub(super) fn is_sqlite_worker() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with("sqlx-sqlite-worker"))
}

#[derive(Default)]
struct Text {
    summary: String,
    statement: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.statement = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}
