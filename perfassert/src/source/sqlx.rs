//! What sqlx logs: one event of target `sqlx::query` for each execution, in any version that logs to `tracing`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Metadata};

use super::linked::SQLX_SQLITE;
use super::{BuiltIn, Execution, tee};
use crate::lock::lock;
use crate::mix::Mixing;
use crate::site::{Capture, functions_at};

/// The tee, which is all that sqlx needs: without its feature, it is there for others.
pub(super) const SOURCE: BuiltIn =
    BuiltIn { name: if cfg!(feature = "sqlx") { Some("sqlx") } else { None }, blind: tee::blind };

/// Whether this callsite is sqlx's, be it the event itself or sqlx asking whether to log.
pub(super) fn is_query(metadata: &Metadata<'_>) -> bool {
    cfg!(feature = "sqlx") && metadata.target() == "sqlx::query" && !metadata.is_span()
}

/// Whether sqlx asks whether to log: `enabled!` has a callsite that is neither an event nor a span.
pub(super) fn is_question(metadata: &Metadata<'_>) -> bool {
    is_query(metadata) && !metadata.is_event()
}

/// One execution, as sqlx logs it.
#[derive(Default)]
pub(super) struct Logged {
    summary: String,
    statement: String,
    /// The rows that were returned. Too few when the caller stopped reading early.
    rows: Option<u64>,
}

impl Logged {
    /// Reads an event of [`is_query`].
    pub(super) fn by(event: &Event<'_>) -> Self {
        let mut logged = Logged::default();
        event.record(&mut logged);
        logged
    }

    /// `db.statement` is empty when the text is no longer than its four-word summary; otherwise the text stands between
    /// line breaks.
    pub(super) fn execution(&self) -> Execution<'_> {
        let inner = self.statement.strip_prefix("\n\n").unwrap_or(&self.statement);
        let inner = inner.strip_suffix('\n').unwrap_or(inner);
        let execution = Execution::new(if self.statement.is_empty() { &self.summary } else { inner });
        match self.rows {
            Some(rows) => execution.rows(rows),
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

/// Whether it is sqlx that asks for the current span now: to take it to a worker of SQLite, if it has such workers.
///
/// The caller has paused the counting.
pub(super) fn takes_span_to_worker() -> bool {
    cfg!(feature = "sqlx")
        && SQLX_SQLITE.is_linked()
        && Capture::here().is_some_and(|stack| stack.addresses().iter().find_map(whose).unwrap_or(false))
}

/// Whether the calls that return to `address` are sqlx's. `None` for those in between: ours, and what serves everybody.
fn whose(address: &usize) -> Option<bool> {
    static KNOWN: Mutex<Option<HashMap<usize, Option<bool>, Mixing>>> = Mutex::new(None);
    let mut known = lock(&KNOWN);
    let known = known.get_or_insert_with(HashMap::default);
    *known.entry(*address).or_insert_with(|| functions_at(*address).iter().find_map(|name| is_sqlxs(name)))
}

/// Whether the function is sqlx's; see [`whose`].
fn is_sqlxs(function: &str) -> Option<bool> {
    // The end of a transaction may have become part of the function that drops it.
    if let Some((_, dropped)) = function.split_once("drop_in_place<") {
        return dropped.starts_with("sqlx").then_some(true);
    }
    let path =
        function.trim_start_matches(['<', '&', '(']).trim_start_matches("mut ").trim_start_matches("dyn ");
    match path.split("::").next()? {
        "perfassert" | "backtrace" | "tracing" | "tracing_core" | "core" | "std" | "alloc" => None,
        name => Some(name.starts_with("sqlx")),
    }
}

impl Visit for Logged {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_tells_whose_it_is() {
        let check = |function: &str, expected| assert_eq!(is_sqlxs(function), expected, "{function}");
        check("sqlx_sqlite::connection::worker::ConnectionWorker::execute::{closure#0}", Some(true));
        check("<sqlx_core::ext::async_stream::TryAsyncStream<T> as Stream>::poll_next", Some(true));
        check("core::ptr::drop_in_place<sqlx_core::transaction::Transaction<Sqlite>>", Some(true));
        check("core::ptr::drop_in_place<shop::Cart>", None);
        check("<tracing::instrument::Instrumented<shop::load> as core::future::Future>::poll", None);
        check("tracing::span::Span::current", None);
        check("perfassert::source::tee::subscriber::Tee::current_span", None);
        check("shop::orders::list::{closure#0}", Some(false));
        check("<&mut shop::Cart as Drop>::drop", Some(false));
        check("tracing_opentelemetry::span_ext::context", Some(false));
    }
}
