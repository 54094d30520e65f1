//! How far allocations may rise.

use perfassert::counts::Metric;

use super::Policy;
use crate::diff::{MetricChange, ScopeChange};

/// How far allocations may rise, by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// The policy's share of the baseline's count.
    pub share: i64,
    /// The policy's fixed number.
    pub absolute: i64,
    /// One for each statement: handing it to a driver's worker may wake a task or not.
    pub statements: i64,
    /// The greater of the two sides' spreads between repeats.
    pub spread: i64,
}

impl Tolerance {
    pub(super) fn new(scope: &ScopeChange, change: &MetricChange, policy: &Policy) -> Option<Self> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "it is rounded down"
        )]
        let share = (change.before? as f64 * policy.allocs_relative) as i64;
        let statements = scope.metric(&Metric::Queries).map_or(0, |queries| queries.after);
        Some(Tolerance { share, absolute: policy.allocs_absolute, statements, spread: change.moves() })
    }

    /// The whole.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.share + self.absolute + self.statements + self.spread
    }
}
