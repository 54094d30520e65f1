//! What feeds queries into scopes, and whether it can see.
//!
//! A source sees of a scope only that it is current, and hands it what happened.

#[cfg(feature = "sqlx")]
mod sqlx;
#[cfg(feature = "sqlx")]
mod tee;

use std::fmt;
use std::sync::Arc;

use crate::scope::Scope;

/// What the sources keep with each test.
#[cfg(feature = "sqlx")]
#[derive(Default)]
pub(crate) struct PerTest {
    pub(crate) tee: tee::PerTest,
}

/// What the sources have set on a thread, taken back when dropped.
pub(crate) struct Attached {
    #[cfg(feature = "sqlx")]
    _tee: Option<tee::Attached>,
}

/// Why a source cannot see everything that it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blind {
    /// What is in the way.
    pub(crate) cause: String,
    /// What to do about it.
    pub(crate) help: String,
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

impl fmt::Display for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}
