//! A `tracing` subscriber between the drivers and the user's own subscriber.
//!
//! It is set as the *scoped* default of the threads that a test owns, never as the global one. It takes what the sources
//! want and forwards everything else, and that too, to whatever would have been the thread's default without it.

mod global;
mod spans;
mod subscriber;

use std::cell::Cell;
#[cfg(inherit_threads)]
use std::cell::RefCell;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use tracing_core::dispatcher::{self, DefaultGuard, Dispatch};
use tracing_core::subscriber::NoSubscriber;

use self::subscriber::{Deaf, Tee};
use crate::alloc::pause;
use crate::scope::{Blind, Scope, current};

/// What the tee keeps with each test.
#[derive(Default)]
struct PerTest {
    /// The tee in front of what was the default of the test's thread.
    dispatch: OnceLock<Dispatch>,
    /// Dispatchers that were made on the test's threads while it was open.
    made: AtomicUsize,
    /// Queries seen since the last of them.
    seen_since: AtomicUsize,
}

/// The tee is the default of a thread until this is dropped.
pub(crate) struct Attached {
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
pub(crate) fn attach(scope: &Arc<Scope>) -> Option<Attached> {
    let is_tee = dispatcher::get_default(|default| default.is::<Tee>());
    (!is_tee).then(|| Attached { _guard: dispatcher::set_default(dispatch_of(scope.root())) })
}

/// The same for the rest of the thread's life. The caller has paused the counting.
#[cfg(inherit_threads)]
pub(crate) fn attach_for_life(scope: &Arc<Scope>) {
    let guard = dispatcher::set_default(dispatch_of(scope.root()));
    let _ = FOR_LIFE.try_with(|for_life| for_life.borrow_mut().replace(guard));
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
            let nobody = default.is::<NoSubscriber>();
            if !nobody && global::is_global(default) {
                global::found(default);
            } else if !nobody {
                return make(|| Dispatch::new(Tee::in_front_of(default.clone())));
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

/// Making a dispatcher asks all subscribers again for their interests, and that is how we notice one of the user's.
fn make<T>(dispatcher: impl FnOnce() -> T) -> T {
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
    if let Some(scope) = current() {
        let tee = per_test(scope.root());
        tee.made.fetch_add(1, Relaxed);
        tee.seen_since.store(0, Relaxed);
    }
}

/// A query reached its scope.
fn on_query(scope: &Arc<Scope>) {
    per_test(scope.root()).seen_since.fetch_add(1, Relaxed);
}

/// What keeps a query on the calling thread from reaching us.
pub(crate) fn blind(scope: &Arc<Scope>) -> Option<Blind> {
    let _paused = pause();
    if !canary_arrives() {
        return Some(not_arriving());
    }
    let tee = per_test(scope.root());
    let made = tee.made.load(Relaxed) > 0;
    // A dispatcher that was made and is not the global default can only be a scoped one, in front of us.
    (made && tee.seen_since.load(Relaxed) == 0 && global::find().is_none()).then(shadowed)
}

/// Sends an event through the same gates as a driver's: compiled-in level, cached interest, the thread's default.
fn canary_arrives() -> bool {
    let before = CANARIES.get();
    tracing::debug!(target: CANARY, "canary");
    CANARIES.get() == before + 1
}

const CANARY: &str = "perfassert::canary";

fn not_arriving() -> Blind {
    if tracing::level_filters::STATIC_MAX_LEVEL < tracing::Level::DEBUG {
        let level = tracing::level_filters::STATIC_MAX_LEVEL;
        return Blind::to_queries(
            format!(
                "`tracing` is compiled with a maximum level of {level}, and sqlx logs its queries at DEBUG"
            ),
            "remove the feature `max_level_*` or `release_max_level_*` of `tracing` for the tests",
        );
    }
    shadowed()
}

fn shadowed() -> Blind {
    Blind::to_queries(
        "a `tracing` subscriber that was set for this thread only hides the drivers' events",
        "set it before the test's body, or for the whole process: `tracing_subscriber::fmt().try_init()` instead \
               of `set_default` or `with_default`",
    )
}
