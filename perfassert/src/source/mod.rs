//! What feeds queries into scopes, and whether it can see.
//!
//! A source sees of a scope only that it is current, and hands it what happened.

#[cfg(feature = "sqlx")]
mod sqlx;
#[cfg(feature = "sqlx")]
mod tee;

use std::sync::Arc;

use crate::scope::{Blind, Scope};

/// What the sources have set on a thread, taken back when dropped.
pub(crate) struct Attached {
    #[cfg(feature = "sqlx")]
    _tee: Option<tee::Attached>,
}

/// The drivers that this build listens to, as messages name them.
pub(crate) const DRIVERS: &str = if cfg!(feature = "sqlx") { "sqlx" } else { "" };

/// From now on the sources see what the calling thread does for `scope`.
pub(crate) fn attach(scope: &Arc<Scope>) -> Attached {
    #[cfg(not(feature = "sqlx"))]
    let _ = scope;
    Attached {
        #[cfg(feature = "sqlx")]
        _tee: tee::attach(scope),
    }
}

/// What the sources set on a thread that the calling one starts.
#[cfg(inherit_threads)]
pub(crate) struct Heritage {
    #[cfg(feature = "sqlx")]
    tee: tee::Heritage,
}

/// See [`Heritage`]; the thread will begin its life in `scope`.
#[cfg(inherit_threads)]
pub(crate) fn heritage(scope: &Arc<Scope>) -> Heritage {
    #[cfg(not(feature = "sqlx"))]
    let _ = scope;
    Heritage {
        #[cfg(feature = "sqlx")]
        tee: tee::heritage(scope),
    }
}

#[cfg(inherit_threads)]
impl Heritage {
    /// Sets it on the calling thread, for the rest of its life.
    pub(crate) fn attach(self) {
        #[cfg(feature = "sqlx")]
        self.tee.attach();
    }
}

/// What keeps the sources from seeing the calling thread, on which `scope` is current.
pub(crate) fn blind(scope: &Arc<Scope>) -> Option<Blind> {
    #[cfg(feature = "sqlx")]
    return tee::blind(scope);
    #[cfg(not(feature = "sqlx"))]
    {
        let _ = scope;
        None
    }
}
