//! What `#[scaling]` expands to: one call with a function for each size, and one around the test's body.
//!
//! Each size runs like a test by itself: in a scope of its own, with a runtime and a database of its own where the test attribute
//! makes one, counted from where the body begins. They run one after the other.

use std::panic::resume_unwind;
use std::sync::Arc;

use crate::alloc::pause;
use crate::inconclusive::Inconclusive;
use crate::scope::{Phase, Scope, current};
use crate::spec::{Gate, Scaling, Test};
use crate::test::{Outcome, conclude, count, count_async, surround};

/// One size, and the test function that runs with it.
#[derive(Debug)]
pub struct Size<T> {
    /// How many of whatever the test works on.
    pub n: usize,
    /// Carries the user's test attributes.
    pub run: fn() -> T,
}

/// Runs a test with each of several sizes, which ascend, and judges how its counts grow. What else there is to judge, and the
/// record, is of the last.
///
/// The first size runs twice. What is done once per process is done then, and charged to no size; and a test that does not
/// send the same again is not deterministic.
#[track_caller]
pub fn scaling<T: Outcome>(test: &'static Test, sizes: &[Size<T>]) -> T {
    let (mut runs, mut ended): (Vec<(usize, Arc<Scope>)>, Vec<u64>) = (Vec::new(), Vec::new());
    // One panic is enough for a test that should.
    let mut panicked = None;
    let (last, smaller) = sizes.split_last().expect("the attribute has sizes");
    for Size { n, run } in smaller.first().into_iter().chain(smaller) {
        let (scope, result) = surround(test, run);
        let _paused = pause();
        match result {
            Err(panic) if test.should_panic => panicked = Some(panic),
            result if tell_failure(test, *n, &result) => {
                // There is nothing to compare.
                return conclude(test, &runs, &scope, result);
            }
            _ => {}
        }
        ended.push(scope.allocs_so_far());
        runs.push((*n, scope));
    }
    let (scope, result) = surround(test, last.run);
    let paused = pause();
    tell_failure(test, last.n, &result);
    let late: u64 = runs.iter().zip(&ended).map(|((_, scope), ended)| scope.allocs_so_far() - ended).sum();
    if late > LATE && test.gates.iter().any(is_about_allocs) {
        let every = runs.iter().map(|(_, scope)| scope).chain([&scope]);
        every.for_each(|scope| scope.set_inconclusive(threads_are_of_another_size(late)));
    }
    drop(paused);
    let result = result.and_then(|outcome| panicked.map_or(Ok(outcome), Err));
    conclude(test, &runs, &scope, result)
}

/// Whether a size failed by itself. What it says then is its own and knows of no size, so that is told beside it.
#[expect(clippy::print_stderr, reason = "the harness shows it where it shows the failure")]
fn tell_failure<T: Outcome>(test: &Test, n: usize, result: &std::thread::Result<T>) -> bool {
    let how = match result {
        Ok(outcome) if !outcome.is_failure() => return false,
        Ok(_) => "failed",
        Err(_) if test.should_panic => return false,
        Err(_) => "panicked",
    };
    eprintln!("perfassert: {} {how} with n = {n}", test.name());
    true
}

/// A thread may be about to end when its size does.
const LATE: u64 = 16;

fn is_about_allocs(gate: &Gate) -> bool {
    matches!(gate, Gate::Scaling(Scaling { allocs: Some(_), .. }))
}

fn threads_are_of_another_size(late: u64) -> Inconclusive {
    Inconclusive::to_everything(
        format!(
            "{late} allocations were made on threads that an earlier size had started, and may be a later one's"
        ),
        "start the threads, the runtime or the pool inside the test instead of in a `static`",
    )
}

/// Counts the body of one size.
pub fn sized<T>(test: &'static Test, body: impl FnOnce() -> T) -> T {
    match preparing() {
        Some(scope) => count(test, &scope, body),
        None => body(),
    }
}

/// Counts the body of one size that is a future.
pub async fn sized_async<F: Future>(test: &'static Test, body: F) -> F::Output {
    match preparing() {
        Some(scope) => count_async(test, &scope, body).await.unwrap_or_else(|panic| resume_unwind(panic)),
        None => body.await,
    }
}

/// The scope that waits for its body; without one, [`scaling`] says that none came.
fn preparing() -> Option<Arc<Scope>> {
    current().map(|scope| Arc::clone(scope.root())).filter(|scope| scope.phase() == Phase::Preparing)
}
