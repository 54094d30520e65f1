//! Loggers of ours: one around the user's, and one for who has none. Neither is installed unless the user does so.

use std::fmt;
use std::sync::Mutex;

use log::{LevelFilter, Log, Metadata, Record};

use super::{
    CANARY, canary_arrives, forwarding, is_drivers, level, on_canary, on_question, on_record, raise_level,
};
use crate::alloc::pause;
use crate::lock::lock;
use crate::scope::{Inheritance, Role, Scope, push};
use crate::source::attach;

/// Listens, and hands on to the user's own logger what that would get without us.
struct Listening<L> {
    inner: L,
}

impl<L: Log> Log for Listening<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        if is_query(metadata) {
            on_question(metadata.target());
            return true;
        }
        level::is_users(metadata.level()) && self.inner.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if record.target() == CANARY {
            return on_canary();
        }
        if is_query(record.metadata()) {
            on_record(record.args());
        }
        if level::is_users(record.level()) {
            forwarding(|| self.inner.log(record));
        }
    }

    fn flush(&self) {
        self.inner.flush();
    }
}

/// The driver logs what it executes at DEBUG.
fn is_query(metadata: &Metadata<'_>) -> bool {
    metadata.level() == log::Level::Debug && is_drivers(metadata.target())
}

struct NoLogger;

impl Log for NoLogger {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _record: &Record<'_>) {}

    fn flush(&self) {}
}

/// Installs a logger that listens to tokio-postgres and writes nothing, for tests that have no logger. Call it in each
/// test's set-up: after the first time it does nothing.
///
/// It does nothing either where the driver is heard already, by way of `tracing_log::LogTracer` (which
/// `tracing_subscriber::fmt().init()` installs) or of [`init_with`].
///
/// # Errors
///
/// There is another logger, from which nothing is heard.
///
/// ```
/// perfassert::tokio_postgres::init()?;
/// perfassert::tokio_postgres::init()?;
/// # Ok::<_, perfassert::tokio_postgres::AnotherLogger>(())
/// ```
pub fn init() -> Result<(), AnotherLogger> {
    init_with(NoLogger, LevelFilter::Off)
}

/// Installs a logger of your own, with the maximum level that you want, in place of `log::set_boxed_logger` and
/// `log::set_max_level`. It gets, filters and writes what it does otherwise, and tokio-postgres is listened to besides.
///
/// As [`init`], it does nothing after the first time, or where the driver is heard already.
///
/// # Errors
///
/// There is another logger, from which nothing is heard.
///
/// ```
/// # mod env_logger {
/// #     pub struct Logger;
/// #     impl Logger {
/// #         pub fn from_default_env() -> Logger { Logger }
/// #         pub fn filter(&self) -> log::LevelFilter { log::LevelFilter::Warn }
/// #     }
/// #     impl log::Log for Logger {
/// #         fn enabled(&self, _: &log::Metadata<'_>) -> bool { false }
/// #         fn log(&self, _: &log::Record<'_>) {}
/// #         fn flush(&self) {}
/// #     }
/// # }
/// let mine = env_logger::Logger::from_default_env();
/// let level = mine.filter();
/// perfassert::tokio_postgres::init_with(mine, level)?;
/// # Ok::<_, perfassert::tokio_postgres::AnotherLogger>(())
/// ```
pub fn init_with(logger: impl Log + 'static, level: LevelFilter) -> Result<(), AnotherLogger> {
    let _paused = pause();
    let mut installed = lock(&INSTALLED);
    if !*installed && log::set_boxed_logger(Box::new(Listening { inner: logger })).is_ok() {
        level::install(level);
        *installed = true;
    }
    if *installed || is_heard() { Ok(()) } else { Err(AnotherLogger(())) }
}

/// Whether the logger is ours.
static INSTALLED: Mutex<bool> = Mutex::new(false);

/// Whether a canary is seen by nobody but us.
pub(in super::super) fn is_ours() -> bool {
    *lock(&INSTALLED)
}

/// Whether the driver would be heard in a test.
fn is_heard() -> bool {
    let scope = Scope::open("tokio_postgres::init", Role::Unmeasured, None);
    let _attached = attach(&scope);
    let entered = push(&scope, Inheritance::Nobody);
    raise_level();
    let arrives = canary_arrives();
    drop(entered);
    scope.end();
    arrives
}

/// There is a logger already, and tokio-postgres is not heard through it. Its text says what to do.
#[derive(Debug)]
pub struct AnotherLogger(());

impl fmt::Display for AnotherLogger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "another logger is installed already, which does not show perfassert the queries of tokio-postgres: \
             install that one with `perfassert::tokio_postgres::init_with`",
        )
    }
}

impl std::error::Error for AnotherLogger {}
