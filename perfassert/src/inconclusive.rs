//! Why not everything could be seen.

/// Why a gate could not see, and what to do about it. The test then fails with both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inconclusive {
    /// What is in the way.
    pub(crate) cause: String,
    /// What to do about it.
    pub(crate) help: String,
    /// What it is in the way of.
    pub(crate) of: Visibility,
}

/// What can be seen of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    Queries,
    Allocations,
    Everything,
}

impl Inconclusive {
    /// Queries could not be seen: what is in the way, and what to do about it, each a sentence without a full stop.
    ///
    /// ```
    /// # use perfassert::source::Inconclusive;
    /// Inconclusive::to_queries("the driver's trace hook was taken by somebody else", "set yours through `my_driver::chain`");
    /// ```
    #[must_use]
    pub fn to_queries(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Inconclusive { cause: cause.into(), help: help.into(), of: Visibility::Queries }
    }

    /// Allocations could not be seen.
    pub(crate) fn to_allocations(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Inconclusive { cause: cause.into(), help: help.into(), of: Visibility::Allocations }
    }

    /// Nothing could be seen for sure.
    pub(crate) fn to_everything(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Inconclusive { cause: cause.into(), help: help.into(), of: Visibility::Everything }
    }
}
