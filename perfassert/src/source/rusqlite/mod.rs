//! rusqlite, and whatever else in the process opens connections of SQLite and has no source of its own.
//!
//! SQLite itself is listened to: from before `main`, each connection that is opened gets a trace hook of ours. The hook is
//! called on the thread that executes, when a statement begins, and has its text with placeholders, not with values; and again for
//! each row, and when it ends.

mod connections;
mod hook;
mod under_way;

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::{BuiltIn, Execution, Inconclusive};
use crate::alloc::pause;
use crate::scope::{Database, current};

pub(super) const SOURCE: BuiltIn = BuiltIn { name: Some("rusqlite"), inconclusive: |_| inconclusive() };

thread_local! {
    /// While this thread sends a canary: the events of it that have arrived.
    static CANARY: Cell<Option<CanaryEvents>> = const { Cell::new(None) };
}

/// What has arrived of a canary.
#[derive(Clone, Copy, Default)]
struct CanaryEvents {
    opening: bool,
    statement: bool,
}

/// A connection is being opened on the calling thread. Its number, if it is ours to listen to.
fn on_open() -> Option<usize> {
    if let Ok(Some(seen)) = CANARY.try_with(Cell::get) {
        CANARY.set(Some(CanaryEvents { opening: true, ..seen }));
    }
    connections::open()
}

/// What deadpool asks a connection that comes back to it, with a number of its own. Nobody else writes a placeholder so, and
/// asks for nothing.
const DEADPOOLS_PING: &str = "SELECT $1";

/// What every pool's ping is known by.
const PING: &str = "/* ping */ SELECT ?";

/// The statement at `address` begins on the calling thread. `values` hashes its values.
fn on_statement(sql: &CStr, address: usize, database: Database, values: &dyn Fn() -> Option<u64>) {
    // What the application executes on each new connection is executed on the canary's, too.
    if let Ok(Some(seen)) = CANARY.try_with(Cell::get) {
        return CANARY.set(Some(CanaryEvents { statement: seen.statement || sql == hook::CANARY, ..seen }));
    }
    let _paused = pause();
    // What is valid is looked through faster than what may not be.
    let text = sql.to_str().map_or_else(|_| sql.to_string_lossy(), Cow::Borrowed);
    let text = if text == DEADPOOLS_PING { PING } else { &text };
    let Some(scope) = current() else { return };
    let known = Execution::new(text).sent_to(database).record_for_asking(&scope, None, values);
    if let Some(statement) = known.only() {
        under_way::begin(address, &scope, Arc::clone(statement));
    }
}

/// The statement at `address` has ended. `changed` asks how many rows it changed.
fn on_end(address: usize, changed: impl FnOnce() -> u64) {
    let _paused = pause();
    under_way::end(address, changed);
}

/// What keeps new connections from reaching us. Found once, it is so for good: there may be connections that live on.
fn inconclusive() -> Option<Inconclusive> {
    static BLIND: AtomicBool = AtomicBool::new(false);
    if !BLIND.load(Relaxed) && canary_arrives() {
        return None;
    }
    BLIND.store(true, Relaxed);
    Some(Inconclusive::to_queries(
        "a connection of SQLite that is opened now has no trace hook of perfassert's: the application has taken away \
               all automatic extensions, or has one that sets a trace hook of its own",
        "leave out `reset_auto_extension` (C: `sqlite3_reset_auto_extension`, `sqlite3_shutdown`) and hooks on every \
               connection in the tests; to take back one extension, there is `cancel_auto_extension`",
    ))
}

/// Opens a connection as a driver does. Where that fails, for a reason of the application's, a driver's fails as well, and what
/// counts is that we have heard of it.
fn canary_arrives() -> bool {
    CANARY.set(Some(CanaryEvents::default()));
    let executed = hook::open_and_execute();
    let seen = CANARY.take().unwrap_or_default();
    match executed {
        Some(true) => seen.opening && seen.statement,
        Some(false) => seen.opening,
        None => false,
    }
}
