//! tokio-postgres, `postgres` around it, and the pools of both.
//!
//! The driver has one voice, the records that it gives to the `log` crate, on the thread that calls it. They reach perfassert in
//! one of three ways, none of which takes the logger from you:
//!
//! 1. Where records of `log` become events of `tracing`, there is nothing to do. That is so with
//!    `tracing_log::LogTracer`, which `tracing_subscriber::fmt().init()` installs by default. What your filter says of
//!    tokio-postgres does not matter.
//! 2. A logger of your own, such as `env_logger`'s, is installed with [`init_with`].
//! 3. Where there is no logger, the set-up of the tests calls [`init`].
//!
//! ```
//! # #[cfg(feature = "macros")] mod tests {
//! #[perfassert::max_queries(2)]
//! #[test]
//! fn loads_an_order() {
//!     perfassert::tokio_postgres::init().unwrap();
//!     // let client = ...
//! }
//! # }
//! ```
//!
//! Both may stand at the beginning of a test; what the driver executed before is not seen.
//!
//! A program that contains tokio-postgres, and in which it is not heard, fails every gate on queries. One that does not contain
//! it is none the worse for the feature, which another package of the workspace may have turned on.
//!
//! What counts is each execution that the driver logs: `query` and its kin, `execute`, `simple_query`, `batch_execute`,
//! `copy_in`, `copy_out`. **Not logged, and so not seen,** are `query_typed` and its kin, `execute_typed`, portals, and the
//! rollback of a transaction that is dropped. For these call [`query`](crate::query) beside them.

mod decode;
mod level;
mod logger;

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

pub(super) use self::decode::is_drivers;
pub(super) use self::logger::is_ours as is_heard_by_a_logger;
pub use self::logger::{AnotherLogger, init, init_with};

use super::copies::LOG;
use super::linked::TOKIO_POSTGRES;
use super::{BuiltIn, Execution, Inconclusive};
use crate::alloc::pause;
use crate::scope::Scope;

pub(super) const SOURCE: BuiltIn = BuiltIn { name: Some("tokio-postgres"), inconclusive };

/// The target of our own records. It begins as the driver's do, so that a filter treats both alike.
pub(super) const CANARY: &str = "tokio_postgres::perfassert_canary";

thread_local! {
    /// Canaries that arrived on this thread.
    static ARRIVED: Cell<u64> = const { Cell::new(0) };
    /// Questions whether one would be wanted.
    static ASKED: Cell<u64> = const { Cell::new(0) };
    /// Our logger has taken the record that it is handing on.
    static FORWARDING: Cell<bool> = const { Cell::new(false) };
}

/// What became an event of `tracing`.
pub(super) fn on_event(is_canary: bool, message: &str) {
    if FORWARDING.get() {
        return;
    }
    match is_canary {
        true => on_canary(),
        false => execute(message),
    }
}

fn on_canary() {
    ARRIVED.set(ARRIVED.get() + 1);
}

/// A record of the driver's.
fn on_record(message: &fmt::Arguments<'_>) {
    let _paused = pause();
    execute(&message.to_string());
}

fn execute(message: &str) {
    if let Some((sql, values)) = decode::executed(message) {
        Execution::new(&sql).binds(values).record();
    }
}

/// Runs `inner`, which may lead back to us.
fn forwarding(inner: impl FnOnce()) {
    let outer = FORWARDING.replace(true);
    inner();
    FORWARDING.set(outer);
}

/// Sends a record through the same gates as the driver's: compiled-in level, global level, the logger.
fn canary_arrives() -> bool {
    let before = ARRIVED.get();
    log::debug!(target: CANARY, "canary");
    ARRIVED.get() == before + 1
}

/// Has the driver's records let through, if they would get to us then: the level of any other logger is its own affair.
fn raise_level() {
    let before = ASKED.get();
    let canary = log::Metadata::builder().level(log::Level::Debug).target(CANARY).build();
    let _ = log::logger().enabled(&canary);
    if ASKED.get() > before {
        level::raise();
    }
}

/// Somebody asks whether we want a record of that target: a canary may come without its record.
pub(super) fn on_question(target: &str) {
    if target == CANARY {
        ASKED.set(ASKED.get() + 1);
    }
}

/// What keeps the driver's records on the calling thread from reaching us, if this program has the driver.
fn inconclusive(scope: &Arc<Scope>) -> Option<Inconclusive> {
    let _paused = pause();
    // The set-up of a test may stand at the beginning of its body: so the verdict is at the end.
    if !scope.is_frozen() {
        raise_level();
        return None;
    }
    // Without the driver there is no canary either, which a logger that is not ours might write down. Nor is the program
    // searched for the driver where that is heard anyway.
    if LOG.has_copies() && TOKIO_POSTGRES.is_linked() {
        return Some(LOG.inconclusive("tokio-postgres logs there"));
    }
    if logger::is_ours() && canary_arrives() || !TOKIO_POSTGRES.is_linked() || canary_arrives() {
        return None;
    }
    Some(if log::STATIC_MAX_LEVEL < log::LevelFilter::Debug {
        let level = log::STATIC_MAX_LEVEL;
        Inconclusive::to_queries(
            format!(
                "`log` is compiled with a maximum level of {level}, and tokio-postgres logs its queries at DEBUG"
            ),
            "remove the feature `max_level_*` or `release_max_level_*` of `log` for the tests",
        )
    } else if (log::LevelFilter::Error..log::LevelFilter::Debug).contains(&log::max_level()) {
        Inconclusive::to_queries(
            format!(
                "the maximum level of `log` is {}, and tokio-postgres logs its queries at DEBUG",
                log::max_level()
            ),
            "leave `log::set_max_level` out of the test; `perfassert::tokio_postgres::init_with` takes a level",
        )
    } else {
        Inconclusive::to_queries(
            "tokio-postgres tells of its queries through the `log` crate, and no logger passes them on",
            "in the set-up of the tests call `perfassert::tokio_postgres::init().unwrap();`\n\
             if they have a logger, install that with `perfassert::tokio_postgres::init_with`",
        )
    })
}
