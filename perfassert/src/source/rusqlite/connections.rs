//! The connections that we listen to, by a number each, and whether somebody else has taken our place on one.
//!
//! SQLite has room for one trace hook on a connection, and tells nobody that it was replaced. But it tells the hook that the
//! connection is being closed, and when the connection is gone, it drops what was registered with it. Who is told of the second
//! and not of the first has been replaced.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use crate::alloc::pause;
use crate::inconclusive::Inconclusive;
use crate::lock::lock;
use crate::scope::{Phase, Scope, current};
use crate::source::opened_by_another_driver;

struct Connection {
    /// The test that opened it.
    opener: Weak<Scope>,
    /// Our hook was told that it is being closed.
    is_closing: bool,
}

#[derive(Default)]
struct Connections {
    last: usize,
    open: Option<HashMap<usize, Connection>>,
}

static CONNECTIONS: Mutex<Connections> = Mutex::new(Connections { last: 0, open: None });

/// The number of a connection that is being opened on the calling thread, if it is ours to listen to.
pub(super) fn open() -> Option<usize> {
    let _paused = pause();
    if opened_by_another_driver() {
        return None;
    }
    let opener = current().map(|scope| Arc::downgrade(scope.root())).unwrap_or_default();
    let mut connections = lock(&CONNECTIONS);
    connections.last += 1;
    let number = connections.last;
    let open = connections.open.get_or_insert_default();
    open.insert(number, Connection { opener, is_closing: false });
    Some(number)
}

/// The hook is still ours.
pub(super) fn closing(number: usize) {
    let _paused = pause();
    if let Some(connection) = lock(&CONNECTIONS).open.as_mut().and_then(|open| open.get_mut(&number)) {
        connection.is_closing = true;
    }
}

/// The connection is gone.
pub(super) fn closed(number: usize) {
    let _paused = pause();
    let connection = lock(&CONNECTIONS).open.as_mut().and_then(|open| open.remove(&number));
    let Some(connection) = connection.filter(|connection| !connection.is_closing) else { return };
    let closer = current().map(|scope| Arc::clone(scope.root()));
    let opener = connection
        .opener
        .upgrade()
        .filter(|opener| closer.as_ref().is_none_or(|closer| !Arc::ptr_eq(opener, closer)));
    for test in opener.iter().chain(&closer).filter(|test| test.phase() == Phase::Open) {
        test.set_inconclusive(replaced());
    }
}

fn replaced() -> Inconclusive {
    Inconclusive::to_queries(
        "the application has set a trace hook of its own on a connection of SQLite, where there is room for one",
        "leave `Connection::trace` and `Connection::trace_v2` unset in the tests that are measured",
    )
}
