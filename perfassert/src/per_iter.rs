//! Allocations per operation: a hot path, run again and again.

use std::hint::black_box;
use std::panic::Location;

use crate::alloc::pause;
use crate::callers::notice;
use crate::counts::{Counts, Metric};
use crate::functions::{counts, inside, numbers, unmeasured};
use crate::observation::rounded_up;
use crate::scope::{Inheritance, Role};

/// Runs `work` once without counting, so that what is done once is done, and then `n` times, and returns what those counted.
///
/// In a test the iterations are a section of it, and count for the test as well. `#[max_allocs(per_iter = 3)]` limits each of them, and
/// `cargo perfassert diff` compares them exactly. What `work` returns is dropped inside the iteration.
///
/// ```
/// use perfassert::{Metric, per_iter};
///
/// let mut line = String::new();
/// let counted = per_iter(100, || {
///     line.clear();
///     line.push_str("127.0.0.1 GET /");
///     line.to_uppercase()
/// });
/// # #[cfg(feature = "allocator")]
/// assert_eq!(counted.get(&Metric::Allocs), Some(1));
/// ```
///
/// # Panics
///
/// When `n` is 0.
#[track_caller]
pub fn per_iter<T>(n: u64, mut work: impl FnMut() -> T) -> PerIter {
    assert!(n > 0, "perfassert::per_iter: without an iteration there is nothing to count; n is at least 1");
    notice(&work);
    let mut iterate = || drop(black_box(work()));
    unmeasured(&mut iterate);
    let paused = pause();
    let caller = Location::caller();
    let scope = numbers(&format!("{}:{}", caller.file(), caller.line()), Role::Iterations(n));
    drop(paused);
    inside(&scope, Inheritance::Threads, || (0..n).for_each(|_| iterate()));
    PerIter { iterations: n, total: counts(&scope) }
}

/// What the iterations of [`per_iter`] counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerIter {
    iterations: u64,
    total: Counts,
}

impl PerIter {
    /// How many iterations were counted.
    #[must_use]
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// The number of `metric` in one iteration, or `None` if it was not measured.
    ///
    /// Where the iterations differ it is their mean, rounded up: 101 allocations in 100 iterations are 2.
    #[must_use]
    pub fn get(&self, metric: &Metric) -> Option<i64> {
        self.total.get(metric).map(|total| rounded_up(total, self.iterations))
    }

    /// What all iterations counted together.
    #[must_use]
    pub fn total(&self) -> &Counts {
        &self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(total: i64, iterations: u64, expected: i64) {
        let total = [(Metric::Allocs, total)].into_iter().collect();
        assert_eq!(PerIter { iterations, total }.get(&Metric::Allocs), Some(expected));
    }

    #[test]
    fn no_share_is_rounded_down() {
        check(0, 100, 0);
        check(1, 100, 1);
        check(100, 100, 1);
        check(101, 100, 2);
        check(7, 1, 7);
        check(-101, 100, -1);
        check(i64::MAX, u64::MAX, 1);
    }

    #[test]
    #[should_panic(expected = "n is at least 1")]
    fn no_iteration() {
        per_iter(0, || ());
    }
}
