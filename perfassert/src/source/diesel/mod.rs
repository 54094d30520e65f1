//! What diesel and diesel-async tell their instrumentation: each connection has one, made by the default when the
//! connection is.
//!
//! Ours is the default before `main`, so that no connection is earlier. An application that sets one of its own takes
//! its place: [`watch`] and [`watch_default`] put ours in front of that, and [`check`] notices where nobody did.

mod event;
#[cfg(feature = "tokio-postgres")]
pub(super) mod under_way;
mod user_instrumentation;
mod watched;

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use ::diesel::connection::{
    Instrumentation, InstrumentationEvent, get_default_instrumentation, set_default_instrumentation,
};

#[cfg(feature = "rusqlite")]
pub(super) use self::event::is_connecting;
#[cfg(feature = "tokio-postgres")]
pub(super) use self::under_way::is_under_way;
pub use self::watched::{Watched, watch};

use super::copies::DIESEL;
use super::{BuiltIn, Inconclusive};
use crate::alloc::pause;

pub(super) const SOURCE: BuiltIn =
    BuiltIn { name: Some("diesel"), inconclusive: |_| other_copy().or_else(|| check().err()) };

/// How long another test may take between two lines: the one that replaces the default, and the one that watches it.
const SETTLE: Duration = Duration::from_millis(50);

/// There were moments in which a connection could be made without us. It may live in a pool, and serve any test.
static MISSED: AtomicBool = AtomicBool::new(false);

ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn before_main() {
        watch_default();
    }
}

/// Puts perfassert in front of the default instrumentation that the application has set.
///
/// Call it right after that, before the application connects: a connection keeps what it began with. Calling it again
/// changes nothing.
///
/// An instrumentation without any data of its own, such as a closure that captures nothing, goes on being called, for
/// every connection. One that has some is left in its place, because each connection needs an instance of its own and
/// only the application can make it: gates on queries then fail and say so, and [`watch`] is the way.
///
/// ```
/// use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
///
/// // Somewhere in the application.
/// fn start_logging() {
///     fn log() -> Option<Box<dyn Instrumentation>> {
///         Some(Box::new(|event: InstrumentationEvent<'_>| println!("{event:?}")))
///     }
///     set_default_instrumentation(log).unwrap();
/// }
///
/// // In the test, before the application connects.
/// start_logging();
/// perfassert::diesel::watch_default();
/// ```
pub fn watch_default() {
    let _paused = pause();
    let default: fn() -> _ = match default() {
        Default::None => ours,
        Default::Theirs(instance) => match user_instrumentation::keep(instance) {
            true => in_front_of_theirs,
            false => return,
        },
        Default::Ours => return,
    };
    // An error says that somebody panicked while setting it. Then it stays as it is, and `check` sees that.
    let _ = set_default_instrumentation(default);
}

/// What a connection that is made now gets.
enum Default {
    None,
    /// Ours, alone or somewhere in theirs.
    Ours,
    Theirs(Box<dyn Instrumentation>),
}

fn default() -> Default {
    let made = watched::made_here();
    match get_default_instrumentation() {
        None => Default::None,
        Some(_) if watched::made_here() != made => Default::Ours,
        Some(instance) => Default::Theirs(instance),
    }
}

// Neither takes memory, so a connection costs what it costs without us.

fn ours() -> Option<Box<dyn Instrumentation>> {
    fn nobody(_: InstrumentationEvent<'_>) {}
    Some(Box::new(watch(nobody)))
}

fn in_front_of_theirs() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(watch(user_instrumentation::call)))
}

/// Another copy has a default of its own, which knows nothing of us. Its connections may live in any pool.
fn other_copy() -> Option<Inconclusive> {
    DIESEL.has_copies().then(|| DIESEL.inconclusive("its connections execute"))
}

/// Whether every connection of this process told us what it did, as far as the default goes. The caller has paused the
/// counting.
fn check() -> Result<(), Inconclusive> {
    let start = Instant::now();
    let mut found = default();
    while !matches!(found, Default::Ours) && start.elapsed() < SETTLE {
        std::thread::yield_now();
        found = default();
    }
    match found {
        Default::Ours if !MISSED.load(Relaxed) => Ok(()),
        Default::Theirs(instance) if !user_instrumentation::is_plain(&*instance) => {
            MISSED.store(true, Relaxed);
            Err(inconclusive(
                "put ours around it, by setting it again before the application connects:\n\
                 diesel::connection::set_default_instrumentation(|| Some(Box::new(perfassert::diesel::watch(/* yours */))))",
            ))
        }
        _ => {
            MISSED.store(true, Relaxed);
            Err(inconclusive(
                "put ours in front of it, by a line behind the one that sets it, before the application connects:\n\
                 perfassert::diesel::watch_default();",
            ))
        }
    }
}

fn inconclusive(help: &str) -> Inconclusive {
    let cause = "the default instrumentation of diesel was replaced: queries of connections that were made since then \
                 are not seen";
    Inconclusive::to_queries(cause, help)
}
