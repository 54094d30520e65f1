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

/// The same for the rest of the thread's life.
#[cfg(inherit_threads)]
pub(crate) fn attach_for_life(scope: &Arc<Scope>) {
    #[cfg(not(feature = "sqlx"))]
    let _ = scope;
    #[cfg(feature = "sqlx")]
    tee::attach_for_life(scope);
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
