//! Who is told of what happens in the scopes of this process as it happens: a process that has joined a test tells that test.

use std::sync::{Arc, OnceLock};

use super::{Query, Scope};

/// What it is told. The counting is paused meanwhile.
pub(crate) struct Listener {
    /// A request or section has begun.
    pub(crate) began: fn(&Arc<Scope>),
    /// Whether a request has failed, or its name, is known now.
    pub(crate) answered: fn(&Scope),
    /// So much was added to a counter.
    pub(crate) counted: fn(&Arc<Scope>, &str, i64),
    /// A query was executed in this very scope.
    pub(crate) executed: fn(&Scope, &Query),
}

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// From now on `listener` is told. The first stays.
pub(crate) fn listen(listener: Listener) {
    let _ = LISTENER.set(listener);
}

/// Tells whoever listens, if somebody does.
pub(super) fn tell(what: impl FnOnce(&Listener)) {
    if let Some(listener) = LISTENER.get() {
        what(listener);
    }
}
