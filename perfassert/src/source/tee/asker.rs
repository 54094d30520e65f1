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
pub(super) enum Asker {
    Sqlx,
    Other,
    /// One of them: the function may have others in it, of which the build does not tell.
    Unknown,
}

/// By the calling thread's stack. The caller has paused the counting.
pub(super) fn asker() -> Asker {
    if cfg!(not(feature = "sqlx")) || !SQLX_SQLITE.is_linked() {
        return Asker::Other;
    }
    let asker = Capture::here().and_then(|stack| stack.addresses().iter().find_map(at));
    asker.unwrap_or(Asker::Unknown)
}

/// Whose the calls are that return to `address`. `None` for those in between.
fn at(address: &usize) -> Option<Asker> {
    static KNOWN: Mutex<Option<HashMap<usize, Option<Asker>, Mixing>>> = Mutex::new(None);
    let mut known = lock(&KNOWN);
    let known = known.get_or_insert_with(HashMap::default);
    *known.entry(*address).or_insert_with(|| functions_at(*address).iter().find_map(of))
}

fn of(function: &Function) -> Option<Asker> {
    match (&function.file, &function.name) {
        (Some(file), _) => of_package(&package(file)),
        (None, Some(name)) => match of_package(&crate_name(name).replace('_', "-")) {
            Some(Asker::Other) => Some(Asker::Unknown),
            asker => asker,
        },
        (None, None) => Some(Asker::Unknown),
    }
}

fn of_package(package: &str) -> Option<Asker> {
    match package {
        "perfassert" | "backtrace" | "tracing" | "tracing-core" | "core" | "std" | "alloc" => None,
        "sqlx" | "sqlx-core" | "sqlx-sqlite" => Some(Asker::Sqlx),
        _ => Some(Asker::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: Option<&str>, name: Option<&str>, expected: Option<Asker>) {
        let function = Function { name: name.map(str::to_owned), file: file.map(Into::into), line: None };
        assert_eq!(of(&function), expected, "{file:?}, {name:?}");
    }

    #[test]
    fn a_file_tells_whose_a_function_is() {
        let check = |file: &str, expected| check(Some(file), Some("poll<T>"), expected);
        check("/home/me/.cargo/registry/src/x/sqlx-sqlite-0.9.0/src/connection/worker.rs", Some(Asker::Sqlx));
        check(
            "/home/me/.cargo/registry/src/x/sqlx-core-0.9.0-beta.1/src/ext/async_stream.rs",
            Some(Asker::Sqlx),
        );
        check("/home/me/.cargo/git/checkouts/sqlx-1f/2e/sqlx-sqlite/src/lib.rs", Some(Asker::Sqlx));
        check("/home/me/shop/vendor/sqlx-core/src/lib.rs", Some(Asker::Sqlx));
        check("/home/me/.cargo/registry/src/x/tracing-0.1.44/src/span.rs", None);
        check("/home/me/.cargo/registry/src/x/tracing-core-0.1.36/src/dispatcher.rs", None);
        check("/rustc/59807616e/library/core/src/future/future.rs", None);
        check(concat!(env!("CARGO_MANIFEST_DIR"), "/src/source/tee/subscriber.rs"), None);
        check(
            "/home/me/.cargo/registry/src/x/tracing-opentelemetry-0.34.0/src/span_ext.rs",
            Some(Asker::Other),
        );
        check("/home/me/shop/core/src/orders.rs", Some(Asker::Other));
        check("/home/me/sqlx-shop/src/orders.rs", Some(Asker::Other));
        check("/home/me/shop/tests/api.rs", Some(Asker::Other));
        check("src/orders.rs", Some(Asker::Other));
    }

    #[test]
    fn a_name_without_a_file_tells_of_the_driver_only() {
        let check = |name: &str, expected| check(None, Some(name), expected);
        check("sqlx_sqlite::connection::worker::ConnectionWorker::execute::{closure#0}", Some(Asker::Sqlx));
        check("<sqlx_core::ext::async_stream::TryAsyncStream<T> as Stream>::poll_next", Some(Asker::Sqlx));
        check("<tracing::instrument::Instrumented<T> as core::future::Future>::poll", None);
        check("tracing_core::dispatcher::get_default", None);
        check("<futures_util::future::Map<Fut, F> as core::future::Future>::poll", Some(Asker::Unknown));
        check("<&mut shop::Cart as Drop>::drop", Some(Asker::Unknown));
        check("poll", Some(Asker::Unknown));
        assert_eq!(of(&Function { name: None, file: None, line: None }), Some(Asker::Unknown));
    }
}
