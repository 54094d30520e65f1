//! A stretch of a benchmark that is counted: an iteration, or several.

use std::ops::Add;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::alloc::{Owner, pause};
use crate::callers;
use crate::enter::{Entered, enter};
use crate::functions::by_itself;
use crate::scope::{Inheritance, Role, Scope};

/// What was obtained in a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "criterion"), expect(unreachable_pub, reason = "it is for a trait of criterion's"))]
pub struct ObtainedMemory {
    pub(crate) allocs: u64,
    pub(crate) bytes: u64,
}

impl ObtainedMemory {
    /// What of it is more than `less`.
    pub(crate) fn beyond(self, less: Self) -> Self {
        ObtainedMemory {
            allocs: self.allocs.saturating_sub(less.allocs),
            bytes: self.bytes.saturating_sub(less.bytes),
        }
    }

    /// The share of one of several iterations, rounded up, so that no increase is lost.
    pub(crate) fn share_of(self, iterations: u64) -> Self {
        ObtainedMemory { allocs: self.allocs.div_ceil(iterations), bytes: self.bytes.div_ceil(iterations) }
    }
}

impl Add for ObtainedMemory {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        ObtainedMemory { allocs: self.allocs + other.allocs, bytes: self.bytes + other.bytes }
    }
}

/// A stretch that has begun. It is left when this is dropped.
#[cfg_attr(not(feature = "criterion"), expect(unreachable_pub, reason = "it is for a trait of criterion's"))]
pub struct Stretch {
    before: ObtainedMemory,
    _entered: Entered,
}

impl Stretch {
    pub(crate) fn begin() -> Self {
        let entered = enter(scope(), Inheritance::Threads);
        Stretch { before: obtained(), _entered: entered }
    }

    /// What was obtained in it.
    pub(crate) fn end(self) -> ObtainedMemory {
        obtained().beyond(self.before)
    }
}

/// The scope of all stretches: the counters of a scope are kept for ever, and there are millions of stretches.
fn scope() -> &'static Arc<Scope> {
    static SCOPE: OnceLock<Arc<Scope>> = OnceLock::new();
    SCOPE.get_or_init(|| {
        let _paused = pause();
        if let Some(dir) = std::env::var_os("CARGO_MANIFEST_DIR") {
            callers::tell(&super::target().unwrap_or_default(), Path::new(&dir), &[]);
        }
        by_itself("benchmark", Role::Section)
    })
}

fn obtained() -> ObtainedMemory {
    let _paused = pause();
    let application = scope().allocated().totals.of(Owner::Application);
    ObtainedMemory { allocs: application.calls(), bytes: application.bytes }
}
