//! Who asks for the current span: sqlx does, to take it to a worker of SQLite along with a command.
//!
//! Told by the stack: by the package whose file the innermost function stands in that is neither ours nor everybody's.

use std::collections::HashMap;
use std::sync::Mutex;

use super::super::linked::SQLX_SQLITE;
use crate::lock::lock;
use crate::mix::Mixing;
use crate::site::{Capture, Function, crate_name, functions_at, package};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpanRequester {
    Sqlx,
    Other,
    /// One of them: the function may have others in it, of which the build does not tell.
    Unknown,
}

/// By the calling thread's stack. The caller has paused the counting.
pub(super) fn requester() -> SpanRequester {
    if cfg!(not(feature = "sqlx")) || !SQLX_SQLITE.is_linked() {
        return SpanRequester::Other;
    }
    let requester = Capture::here().and_then(|stack| stack.addresses().iter().find_map(at));
    requester.unwrap_or(SpanRequester::Unknown)
}

/// Whose the calls are that return to `address`. `None` for those in between.
fn at(address: &usize) -> Option<SpanRequester> {
    static KNOWN: Mutex<Option<HashMap<usize, Option<SpanRequester>, Mixing>>> = Mutex::new(None);
    let mut known = lock(&KNOWN);
    let known = known.get_or_insert_with(HashMap::default);
    *known.entry(*address).or_insert_with(|| functions_at(*address).iter().find_map(of))
}

fn of(function: &Function) -> Option<SpanRequester> {
    match (&function.file, &function.name) {
        (Some(file), _) => of_package(&package(file)),
        (None, Some(name)) => match of_package(&crate_name(name).replace('_', "-")) {
            Some(SpanRequester::Other) => Some(SpanRequester::Unknown),
            requester => requester,
        },
        (None, None) => Some(SpanRequester::Unknown),
    }
}

fn of_package(package: &str) -> Option<SpanRequester> {
    match package {
        "perfassert" | "backtrace" | "tracing" | "tracing-core" | "core" | "std" | "alloc" => None,
        "sqlx" | "sqlx-core" | "sqlx-sqlite" => Some(SpanRequester::Sqlx),
        _ => Some(SpanRequester::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: Option<&str>, name: Option<&str>, expected: Option<SpanRequester>) {
        let function = Function { name: name.map(str::to_owned), file: file.map(Into::into), line: None };
        assert_eq!(of(&function), expected, "{file:?}, {name:?}");
    }

    #[test]
    fn a_file_tells_whose_a_function_is() {
        let check = |file: &str, expected| check(Some(file), Some("poll<T>"), expected);
        check(
            "/home/me/.cargo/registry/src/x/sqlx-sqlite-0.9.0/src/connection/worker.rs",
            Some(SpanRequester::Sqlx),
        );
        check(
            "/home/me/.cargo/registry/src/x/sqlx-core-0.9.0-beta.1/src/ext/async_stream.rs",
            Some(SpanRequester::Sqlx),
        );
        check("/home/me/.cargo/git/checkouts/sqlx-1f/2e/sqlx-sqlite/src/lib.rs", Some(SpanRequester::Sqlx));
        check("/home/me/shop/vendor/sqlx-core/src/lib.rs", Some(SpanRequester::Sqlx));
        check("/home/me/.cargo/registry/src/x/tracing-0.1.44/src/span.rs", None);
        check("/home/me/.cargo/registry/src/x/tracing-core-0.1.36/src/dispatcher.rs", None);
        check("/rustc/59807616e/library/core/src/future/future.rs", None);
        check(concat!(env!("CARGO_MANIFEST_DIR"), "/src/source/tee/subscriber.rs"), None);
        check(
            "/home/me/.cargo/registry/src/x/tracing-opentelemetry-0.34.0/src/span_ext.rs",
            Some(SpanRequester::Other),
        );
        check("/home/me/shop/core/src/orders.rs", Some(SpanRequester::Other));
        check("/home/me/sqlx-shop/src/orders.rs", Some(SpanRequester::Other));
        check("/home/me/shop/tests/api.rs", Some(SpanRequester::Other));
        check("src/orders.rs", Some(SpanRequester::Other));
    }

    #[test]
    fn a_name_without_a_file_tells_of_the_driver_only() {
        let check = |name: &str, expected| check(None, Some(name), expected);
        check(
            "sqlx_sqlite::connection::worker::ConnectionWorker::execute::{closure#0}",
            Some(SpanRequester::Sqlx),
        );
        check(
            "<sqlx_core::ext::async_stream::TryAsyncStream<T> as Stream>::poll_next",
            Some(SpanRequester::Sqlx),
        );
        check("<tracing::instrument::Instrumented<T> as core::future::Future>::poll", None);
        check("tracing_core::dispatcher::get_default", None);
        check(
            "<futures_util::future::Map<Fut, F> as core::future::Future>::poll",
            Some(SpanRequester::Unknown),
        );
        check("<&mut shop::Cart as Drop>::drop", Some(SpanRequester::Unknown));
        check("poll", Some(SpanRequester::Unknown));
        assert_eq!(of(&Function { name: None, file: None, line: None }), Some(SpanRequester::Unknown));
    }
}
