//! A `tracing` subscriber between the drivers and the user's own subscriber.
//!
//! It is set as the *scoped* default of the threads that a test owns, never as the global one. It takes what the sources
//! want and forwards everything else, and that too, to whatever would have been the thread's default without it.

mod global;
mod inner;
mod logged;
mod origin;
mod requester;
mod spans;
mod subscriber;
mod wrapped;

use std::cell::Cell;
#[cfg(inherit_threads)]
use std::cell::RefCell;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock};

use tracing_core::dispatcher::{self, DefaultGuard, Dispatch};
use tracing_core::subscriber::NoSubscriber;

use self::origin::{DispatcherOrigin, Purpose};
use self::spans::Spans;
use self::subscriber::{Deaf, Tee};
pub use self::wrapped::subscriber;
use super::BuiltIn;
use super::copies::TRACING;
use crate::alloc::{Driver, DriverWork, pause, set_on_driver};
use crate::callers;
use crate::inconclusive::Inconclusive;
use crate::lock::lock;
use crate::scope::{Phase, Role, Scope, current, unattributed};

/// What the tee keeps with each test.
#[derive(Default)]
struct PerTest {
    /// The tee in front of what was the default of the test's thread.
    dispatch: OnceLock<Dispatch>,
    /// The spans of all tees that stand in front of a default which only a thread of the test has.
    spans: Arc<Spans>,
    /// Dispatchers that were made on the test's threads during its body.
    origins: Mutex<Vec<Arc<DispatcherOrigin>>>,
    /// Queries seen, and those seen since the last of them.
    seen: AtomicUsize,
    seen_since: AtomicUsize,
    /// Executions that sqlx began in the body, and those of which it told.
    begun: AtomicUsize,
    told: AtomicUsize,
    /// Somebody else's scoped default was met on a thread of the test.
    shadowed: AtomicBool,
    /// It could not be told whether a span was asked for to be sent to a worker of SQLite.
    unknown_asker: AtomicBool,
    /// Commands that workers of SQLite are executing for the test.
    running: AtomicUsize,
}

/// All that sqlx needs: without its feature, the tee is there for others.
pub(super) const SOURCE: BuiltIn =
    BuiltIn { name: if cfg!(feature = "sqlx") { Some("sqlx") } else { None }, inconclusive };

/// The tee is the default of a thread until this is dropped.
pub(crate) struct AttachedTee {
    _guard: DefaultGuard,
}

thread_local! {
    #[cfg(inherit_threads)]
    /// A thread of a test is attached for its whole life: the guard lies here.
    static FOR_LIFE: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
    /// A dispatcher is being made on this thread, by us.
    static MAKING: Cell<bool> = const { Cell::new(false) };
    /// Canaries that arrived on this thread.
    static CANARIES: Cell<u64> = const { Cell::new(0) };
}

/// Makes the tee the calling thread's default, if it is not already. The caller has paused the counting.
pub(crate) fn attach(scope: &Arc<Scope>) -> Option<AttachedTee> {
    let theirs = default_but_tee()?;
    let tee = per_test(scope.root());
    // A scope that begins under a subscriber of the user's own is in that one's log.
    let theirs = theirs.filter(|_| tee.dispatch.get().is_some());
    tee.shadowed.fetch_or(theirs.is_some() && !are_drivers_watched(), Relaxed);
    let guard = match theirs {
        Some(theirs) => dispatcher::set_default(&in_front_of(theirs, &tee.spans)),
        None => dispatcher::set_default(dispatch_of(scope.root())),
    };
    Some(AttachedTee { _guard: guard })
}

/// Nothing where a tee is the calling thread's default; otherwise that of somebody else's, if it is a scoped one.
fn default_but_tee() -> Option<Option<Dispatch>> {
    dispatcher::get_default(|default| {
        (!default.is::<Tee>()).then(|| is_scoped(default).then(|| default.clone()))
    })
}

/// A tee in front of somebody's scoped default.
fn in_front_of(theirs: Dispatch, spans: &Arc<Spans>) -> Dispatch {
    make(|| Dispatch::new(Tee::in_front_of(theirs, Arc::clone(spans))))
}

/// Whether it was set for some thread or stretch of code, by somebody else.
fn is_scoped(default: &Dispatch) -> bool {
    !default.is::<Tee>() && !default.is::<NoSubscriber>() && !global::is_global(default)
}

/// The tee for a thread that is being started.
#[cfg(inherit_threads)]
pub(crate) struct Inherited(Dispatch);

/// That of the calling thread, so that a span is known wherever it is carried. The caller has paused the counting.
#[cfg(inherit_threads)]
pub(crate) fn inherited(scope: &Arc<Scope>) -> Inherited {
    let own = dispatcher::get_default(|default| default.is::<Tee>().then(|| default.clone()));
    Inherited(own.unwrap_or_else(|| match scope.root().phase() {
        // A test that is still to come has no tee yet: its thread may get a default that others do not have.
        Phase::Unclaimed => shared().clone(),
        _ => dispatch_of(scope.root()).clone(),
    }))
}

#[cfg(inherit_threads)]
impl Inherited {
    /// Makes it the calling thread's default for the rest of its life. The caller has paused the counting.
    pub(crate) fn attach(self) {
        let guard = dispatcher::set_default(&self.0);
        let _ = FOR_LIFE.try_with(|for_life| for_life.borrow_mut().replace(guard));
    }
}

fn per_test(test: &Scope) -> &PerTest {
    test.slot.get()
}

/// The tee for a test: the process's own, or one in front of a default that only the test's thread has.
fn dispatch_of(test: &Scope) -> &Dispatch {
    per_test(test).dispatch.get_or_init(|| {
        dispatcher::get_default(|default| {
            if default.is::<Tee>() {
                return default.clone();
            }
            if is_scoped(default) {
                return in_front_of(default.clone(), &per_test(test).spans);
            }
            if !default.is::<NoSubscriber>() {
                global::found(default);
            }
            shared().clone()
        })
    })
}

/// The tee in front of the process's global default, whatever that is or will be.
fn shared() -> &'static Dispatch {
    static SHARED: OnceLock<Dispatch> = OnceLock::new();
    SHARED.get_or_init(|| {
        make(|| {
            // With a single dispatcher `tracing-core` asks only the current thread whether a callsite is wanted, and the
            // first event on a thread that is not ours would switch the callsite off for the whole process.
            std::mem::forget(Dispatch::new(Deaf));
            Dispatch::new(Tee::in_front_of_global())
        })
    })
}

/// Makes a tee, which from then on hears of drivers at work.
///
/// Making a dispatcher asks all subscribers again for their interests, and that is how we notice one of the user's.
fn make<T>(dispatcher: impl FnOnce() -> T) -> T {
    set_on_driver(on_driver);
    let outer = MAKING.replace(true);
    let made = dispatcher();
    MAKING.set(outer);
    made
}

/// Somebody made a dispatcher on this thread, or had the interests rebuilt.
fn on_rebuild() {
    if MAKING.get() {
        return;
    }
    let _paused = pause();
    global::ask_again();
    let is_measured =
        |scope: &Arc<Scope>| scope.role() != Role::Unmeasured && scope.root().phase() == Phase::Open;
    if let Some(scope) = current().filter(is_measured) {
        let tee = per_test(scope.root());
        let origin = DispatcherOrigin::here(global::is_known(), tee.seen.load(Relaxed) > 0);
        lock(&tee.origins).push(Arc::new(origin));
        tee.seen_since.store(0, Relaxed);
    }
}

/// A query reached its scope.
fn on_query(scope: &Arc<Scope>) {
    let tee = per_test(scope.root());
    tee.seen.fetch_add(1, Relaxed);
    tee.seen_since.fetch_add(1, Relaxed);
    if is_measured(scope) {
        tee.told.fetch_add(1, Relaxed);
    }
}

/// A driver allocates on the calling thread. Whatever it does there for a test, the tee has to be in front to be told of it.
fn on_driver(driving: DriverWork) {
    let is_tee = dispatcher::get_default(|default| default.is::<Tee>());
    if is_tee && !driving.executes || driving.driver == Some(Driver::TokioPostgres) && !logged::is_needed() {
        return;
    }
    let Some(scope) = current().filter(is_measured) else { return };
    let tee = per_test(scope.root());
    tee.shadowed.fetch_or(!is_tee, Relaxed);
    tee.begun.fetch_add(usize::from(driving.executes), Relaxed);
}

/// Whether what is executed in `scope` now counts for a test.
fn is_measured(scope: &Arc<Scope>) -> bool {
    scope.root().phase() == Phase::Open && scope.counting().next().is_some()
}

/// A query was executed for nobody whom we know, on a thread that serves several: for somebody who is not measured, or for
/// a test that hides behind a dispatcher of its own.
fn on_nobodys_query() {
    for test in unattributed::open_tests() {
        let tee = per_test(&test);
        tee.shadowed.fetch_or(made_a_scoped_one(tee) != Some(false), Relaxed);
    }
}

/// A query came without the span that the tee sends along, on a thread that was started for `scope`.
fn on_hidden_query(scope: &Arc<Scope>) {
    per_test(scope.root()).shadowed.store(true, Relaxed);
}

/// The current span was asked for in `scope`, and it cannot be told for whom.
fn on_unknown_asker(scope: &Arc<Scope>) {
    per_test(scope.root()).unknown_asker.store(true, Relaxed);
}

/// A worker of SQLite begins to execute a command for `scope`, or has ended it.
fn on_worker(scope: &Arc<Scope>, begins: bool) {
    let running = &per_test(scope.root()).running;
    if begins {
        running.fetch_add(1, Relaxed)
    } else {
        running.fetch_sub(1, Relaxed)
    };
}

/// What keeps a query on the calling thread from reaching us.
pub(crate) fn inconclusive(scope: &Arc<Scope>) -> Option<Inconclusive> {
    let _paused = pause();
    let tee = per_test(scope.root());
    if !canary_arrives() {
        return Some(not_arriving(tee));
    }
    if tee.unknown_asker.load(Relaxed) {
        return Some(unknown_asker());
    }
    if scope.is_frozen() && tee.running.load(Relaxed) > 0 {
        return Some(still_running());
    }
    if tee.shadowed.load(Relaxed) || !are_drivers_watched() && hides(tee) {
        return Some(shadowed());
    }
    let (begun, told) = (tee.begun.load(Relaxed), tee.told.load(Relaxed));
    (scope.is_frozen() && begun > told).then(|| match TRACING.has_copies() {
        true => TRACING.inconclusive("sqlx logs there"),
        false => not_logged(begun, told),
    })
}

/// Whether drivers are seen at work by what they allocate: then a dispatcher hides nothing under which none did.
fn are_drivers_watched() -> bool {
    callers::CAN_LOOK && crate::alloc::is_installed() && callers::inconclusive().is_none()
}

/// Whether a dispatcher that was made on a thread of the test may hide queries, as far as the making tells.
fn hides(tee: &PerTest) -> bool {
    made_a_scoped_one(tee).unwrap_or_else(|| tee.seen_since.load(Relaxed) == 0)
}

/// Whether a dispatcher was made on a thread of the test that can only be a scoped one, in front of us. `None` if that
/// may be.
fn made_a_scoped_one(tee: &PerTest) -> Option<bool> {
    let origins = lock(&tee.origins).clone();
    if origins.is_empty() {
        return Some(false);
    }
    let is_global_known = global::find().is_some();
    let only = <&[_; 1]>::try_from(origins.as_slice()).ok();
    if is_global_known && only.is_some_and(|[only]| !only.beside_global) {
        // It has become the global default.
        return Some(false);
    }
    let mut may_be = false;
    for origin in &origins {
        match origin.purpose() {
            Purpose::Some => return Some(true),
            Purpose::Everybody => {}
            // One that was made before the first query, beside a global default, is most often a `try_init`.
            Purpose::Unknown => {
                may_be |= if origin.beside_global { origin.after_queries } else { !is_global_known };
            }
        }
    }
    if may_be { None } else { Some(false) }
}

/// Sends an event through the same gates as a driver's: compiled-in level, cached interest, the thread's default.
fn canary_arrives() -> bool {
    let before = CANARIES.get();
    tracing::debug!(target: CANARY, "canary");
    CANARIES.get() == before + 1
}

const CANARY: &str = "perfassert::canary";

fn not_arriving(tee: &PerTest) -> Inconclusive {
    if tracing::level_filters::STATIC_MAX_LEVEL < tracing::Level::DEBUG {
        let level = tracing::level_filters::STATIC_MAX_LEVEL;
        return Inconclusive::to_queries(
            format!(
                "`tracing` is compiled with a maximum level of {level}, and sqlx logs its queries at DEBUG"
            ),
            "remove the feature `max_level_*` or `release_max_level_*` of `tracing` for the tests",
        );
    }
    // Nobody is in front of us, and neither are we the default any more.
    let is_hidden = dispatcher::get_default(is_scoped) || made_a_scoped_one(tee) == Some(true);
    if is_hidden { shadowed() } else { unset() }
}

fn not_logged(begun: usize, told: usize) -> Inconclusive {
    Inconclusive::to_queries(
        format!("sqlx logged only {told} of {begun} executed statements"),
        "leave the statement log of each connection on in tests, at any level: no `log_statements(LevelFilter::Off)`,\n\
         `log_slow_statements(LevelFilter::Off, ...)`, `disable_statement_logging()`, or `sqlx_logging(false)`",
    )
}

fn still_running() -> Inconclusive {
    Inconclusive::to_queries(
        "a query was still running some time after the test's body had ended, and could not be waited for",
        "let the test wait for its queries: one that is dropped or timed out goes on in the database",
    )
}

/// The guard of a default sets, when it is dropped, what was the default before it, whoever has come since.
fn unset() -> Inconclusive {
    Inconclusive::to_queries(
        "the test's body dropped the guard of a scoped `tracing` subscriber (`set_default`) from before it, and that took \
               perfassert off this thread, too",
        "let the guard live for longer than the body, `std::mem::forget` it where it is made, or set the subscriber for the \
               whole process: `tracing_subscriber::fmt().try_init()`",
    )
}

fn unknown_asker() -> Inconclusive {
    Inconclusive::to_queries(
        "under `perfassert::subscriber` sqlx has to be known by its place on the stack, to follow its queries to the workers of SQLite, \
               and this build does not tell which functions were compiled into others",
        "set `debug = \"line-tables-only\"` in the profile of the tests, or leave out `perfassert::subscriber` in this build",
    )
}

fn shadowed() -> Inconclusive {
    Inconclusive::to_queries(
        "a `tracing` subscriber that was set for this thread only hides the drivers' events",
        "set it before the test's body, or for the whole process: `tracing_subscriber::fmt().try_init()` instead \
               of `set_default` or `with_default`",
    )
}
