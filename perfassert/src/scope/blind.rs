//! Why not everything could be seen.

/// Why a gate could not see, and what to do about it. The test then fails with both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// What is in the way.
    pub(crate) cause: String,
    /// What to do about it.
    pub(crate) help: String,
    /// Whether it is in the way of queries only.
    pub(crate) of_queries: bool,
}

impl Blind {
    /// Queries could not be seen: what is in the way, and what to do about it, each a sentence without a full stop.
    ///
    /// ```
    /// # use perfassert::source::Blind;
    /// Blind::to_queries("the driver's trace hook was taken by somebody else", "set yours through `my_driver::chain`");
    /// ```
    #[must_use]
    pub fn to_queries(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Blind { cause: cause.into(), help: help.into(), of_queries: true }
    }

    /// Nothing could be seen for sure.
    pub(crate) fn to_everything(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Blind { cause: cause.into(), help: help.into(), of_queries: false }
    }
}
