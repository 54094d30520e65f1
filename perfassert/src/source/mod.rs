//! What feeds statements into scopes, and whether it can see.
//!
//! The drivers that perfassert knows are features of the crate. For any other, call [`query`](crate::query) wherever your code
//! sees a statement go by. A [`Source`] besides tells whether that place still sees them, so that a gate on queries fails, and
//! says why, when it does not.
//!
//! ```
//! use perfassert::source::{self, Inconclusive, Execution, Source};
//! # mod oracle {
//! #     pub struct Event<'a> { pub sql: &'a str, pub rows: u64 }
//! #     pub fn on_statement(_: fn(&Event<'_>)) {}
//! #     pub fn has_hook() -> bool { true }
//! # }
//!
//! struct Oracle;
//!
//! impl Source for Oracle {
//!     fn name(&self) -> &str {
//!         "oracle"
//!     }
//!
//!     fn check(&self) -> Result<(), Inconclusive> {
//!         let gone = || Inconclusive::to_queries("the statement hook of oracle was removed", "call `listen` after `oracle::init`");
//!         oracle::has_hook().then_some(()).ok_or_else(gone)
//!     }
//! }
//!
//! fn listen() {
//!     oracle::on_statement(|event| Execution::new(event.sql).rows(event.rows).record());
//!     source::add(&Oracle);
//! }
//! # listen();
//! ```

mod cache;
#[cfg(any(feature = "diesel", feature = "tracing-events"))]
mod copies;
#[cfg(feature = "diesel")]
pub(crate) mod diesel;
mod execution;
#[cfg(feature = "tracing-events")]
mod linked;
#[cfg(feature = "rusqlite")]
mod rusqlite;
#[cfg(feature = "tracing-events")]
mod sqlx;
#[cfg(feature = "tracing-events")]
mod tee;
#[cfg(feature = "tokio-postgres")]
#[doc(hidden)] // at the root
pub mod tokio_postgres;

use std::sync::{Arc, Mutex};

pub use self::execution::Execution;
#[cfg(feature = "tracing-events")]
#[doc(hidden)] // at the root
pub use self::tee::subscriber;
pub use crate::inconclusive::Inconclusive;

use crate::alloc::pause;
use crate::lock::lock;
use crate::scope::Scope;

/// What tells of the statements that a driver executes. See the [module](self) for an example.
pub trait Source: Sync {
    /// The driver, as messages name it.
    fn name(&self) -> &str;

    /// Whether a statement that the calling thread executes now would be told of.
    ///
    /// Asked on the test's thread when the body begins and when it has ended. What it allocates is in no count.
    ///
    /// # Errors
    ///
    /// If not, why: every gate on queries of the test fails with that.
    fn check(&self) -> Result<(), Inconclusive>;
}

/// Those that were added.
static ADDED: Mutex<Vec<&'static dyn Source>> = Mutex::new(Vec::new());

/// From now on `source` is asked, in each test, whether it can see. Adding it again changes nothing.
pub fn add(source: &'static dyn Source) {
    let _paused = pause();
    let mut added = lock(&ADDED);
    if !added.iter().any(|known| known.name() == source.name()) {
        added.push(source);
    }
}

/// A source of perfassert's own.
struct BuiltIn {
    /// The driver, as messages name it. None where it serves others only.
    name: Option<&'static str>,
    /// What keeps it from seeing the calling thread, on which the scope is current.
    inconclusive: fn(&Arc<Scope>) -> Option<Inconclusive>,
}

/// Those that were compiled in, in the order in which messages name them.
const BUILT_IN: &[BuiltIn] = &[
    #[cfg(feature = "tracing-events")]
    tee::SOURCE,
    #[cfg(feature = "diesel")]
    diesel::SOURCE,
    #[cfg(feature = "rusqlite")]
    rusqlite::SOURCE,
    #[cfg(feature = "tokio-postgres")]
    tokio_postgres::SOURCE,
];

/// What this process listens to, as messages name it.
pub(crate) fn names() -> Vec<String> {
    let built_in = BUILT_IN.iter().filter_map(|source| source.name).map(str::to_owned);
    built_in.chain(lock(&ADDED).iter().map(|source| source.name().to_owned())).collect()
}

/// What the sources have set on a thread, taken back when dropped.
pub(crate) struct AttachedSources {
    #[cfg(feature = "tracing-events")]
    _tee: Option<tee::AttachedTee>,
}

/// From now on the sources see what the calling thread does for `scope`.
pub(crate) fn attach(scope: &Arc<Scope>) -> AttachedSources {
    #[cfg(not(feature = "tracing-events"))]
    let _ = scope;
    AttachedSources {
        #[cfg(feature = "tracing-events")]
        _tee: tee::attach(scope),
    }
}

/// What the sources set on a thread that the calling one starts.
#[cfg(inherit_threads)]
pub(crate) struct Inherited {
    #[cfg(feature = "tracing-events")]
    tee: tee::Inherited,
}

/// See [`Inherited`]; the thread will begin its life in `scope`.
#[cfg(inherit_threads)]
pub(crate) fn inherited(scope: &Arc<Scope>) -> Inherited {
    #[cfg(not(feature = "tracing-events"))]
    let _ = scope;
    Inherited {
        #[cfg(feature = "tracing-events")]
        tee: tee::inherited(scope),
    }
}

#[cfg(inherit_threads)]
impl Inherited {
    /// Sets it on the calling thread, for the rest of its life.
    pub(crate) fn attach(self) {
        #[cfg(feature = "tracing-events")]
        self.tee.attach();
    }
}

/// What keeps the sources from seeing the calling thread, on which `scope` is current.
pub(crate) fn inconclusive(scope: &Arc<Scope>) -> Vec<Inconclusive> {
    let _paused = pause();
    let added = lock(&ADDED).clone();
    let built_in = BUILT_IN.iter().filter_map(|source| (source.inconclusive)(scope));
    built_in.chain(added.iter().filter_map(|source| source.check().err())).collect()
}

/// Whether the connection of SQLite that is being opened on the calling thread is another driver's, whose own source
/// tells of its statements.
#[cfg(feature = "rusqlite")]
fn opened_by_another_driver() -> bool {
    #[cfg(feature = "sqlx")]
    let is_sqlx = sqlx::is_sqlite_worker();
    #[cfg(not(feature = "sqlx"))]
    let is_sqlx = false;
    #[cfg(feature = "diesel")]
    let is_diesel = diesel::is_connecting();
    #[cfg(not(feature = "diesel"))]
    let is_diesel = false;
    is_sqlx || is_diesel
}
