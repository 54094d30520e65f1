//! How far a count moves by itself.

use std::fmt;

use perfassert_record::counts::Metric;
use perfassert_record::record::TestId;

/// What was counted, in one look or in several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least that was counted.
    pub least: i64,
    /// The most that was counted.
    pub most: i64,
}

impl Range {
    /// The same in each look.
    #[must_use]
    pub fn exactly(n: i64) -> Self {
        Range { least: n, most: n }
    }

    /// Whether it was not the same in each look.
    #[must_use]
    pub fn moves(self) -> bool {
        self.least < self.most
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.least, self.most)
    }
}

/// A count that was not the same in every repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The test.
    pub test: TestId,
    /// The endpoint; `None` for the whole test.
    pub endpoint: Option<String>,
    /// What was counted.
    pub metric: Metric,
    /// Whether it was counted in all requests of the endpoint together, and not in the dearest.
    pub is_sum: bool,
    /// How far apart the counts lay.
    pub range: Range,
}

/// Whether a count must be the same in each run: queries, and counters of the user's own.
#[must_use]
pub fn is_exact(metric: &Metric) -> bool {
    matches!(metric, Metric::Queries | Metric::Counter(_))
}
