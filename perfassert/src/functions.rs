//! Measuring what no attribute reaches, each for closures and for futures.

use std::sync::Arc;

use crate::alloc::pause;
use crate::callers::{depends_on_timing, notice, tell_own};
use crate::counts::Counts;
use crate::enter::{Measured, enter};
use crate::observation;
use crate::scope::{Detail, Inheritance, Role, Scope, current, is_forked, settle, settle_async};
use crate::source::Execution;

/// Runs `work` as a section of the current test, or by itself outside of any, and returns what it counted.
///
/// Threads that `work` starts count for the section. Its live bytes and their peak are exact, so each allocation takes about 100 ns.
///
/// ```
/// let (words, counts) = perfassert::measure("split", || "a b c".split(' ').collect::<Vec<_>>());
/// assert_eq!(words.len(), 3);
/// # #[cfg(feature = "allocator")]
/// assert_eq!(counts.get(&perfassert::Metric::Allocs), Some(1));
/// ```
pub fn measure<T>(name: &str, work: impl FnOnce() -> T) -> (T, Counts) {
    notice(&work);
    let scope = section(name);
    let output = inside(&scope, Inheritance::Threads, work);
    (output, counts(&scope))
}

/// [`measure`] for a future, wherever it is polled.
///
/// Tasks and threads that it spawns count for the test, not for the section.
pub async fn measure_async<F: Future>(name: &str, work: F) -> (F::Output, Counts) {
    notice(&work);
    let scope = section(name);
    let output = Measured::new(work, Arc::clone(&scope), Inheritance::Nobody).await;
    settle_async(&scope).await;
    scope.end();
    (output, counts(&scope))
}

/// Runs `work` as set-up: what it does counts for nobody, nor do the threads that it starts until it is over.
///
/// What a server does that the test has started counts for the test, also where the set-up calls it. Requests that carry
/// [`traceparent`](crate::traceparent), asked for in here, to a middleware of perfassert's are set-up as well.
///
/// ```
/// # #[cfg(feature = "allocator")] {
/// let (cache, counts) = perfassert::measure("look-up", || perfassert::unmeasured(|| vec![0_u8; 1024]));
/// assert_eq!(counts.get(&perfassert::Metric::Allocs), Some(0));
/// # drop(cache); }
/// ```
pub fn unmeasured<T>(work: impl FnOnce() -> T) -> T {
    match current() {
        Some(outer) => inside(&Scope::set_up(outer), Inheritance::Threads, work),
        None => work(),
    }
}

/// [`unmeasured`] for a future.
///
/// Threads that it starts are left out until it is over; tasks that it spawns count for the test.
pub async fn unmeasured_async<F: Future>(work: F) -> F::Output {
    let Some(outer) = current() else { return work.await };
    let scope = Scope::set_up(outer);
    let _ends = EndGuard(Arc::clone(&scope));
    let output = Measured::new(work, Arc::clone(&scope), Inheritance::Threads).await;
    settle_async(&scope).await;
    output
}

/// Runs `work` as one request of an endpoint that no middleware sees: a job, a command, an operation of GraphQL. One that panics is a failed
/// request.
///
/// ```
/// # use perfassert::{endpoint, max_count, counter};
/// endpoint("job send-invoices", || counter("mail.sent").add(1));
/// ```
pub fn endpoint<T>(name: &str, work: impl FnOnce() -> T) -> T {
    if is_forked() {
        return work();
    }
    notice(&work);
    let scope = request(name);
    let _fails = FailsByPanic(Arc::clone(&scope));
    inside(&scope, Inheritance::Threads, work)
}

/// [`endpoint`] for a future.
///
/// Tasks and threads that it spawns count for the test, not for the endpoint.
pub async fn endpoint_async<F: Future>(name: &str, work: F) -> F::Output {
    if is_forked() {
        return work.await;
    }
    notice(&work);
    let scope = request(name);
    let _fails = FailsByPanic(Arc::clone(&scope));
    Measured::new(work, scope, Inheritance::Nobody).await
}

/// `work`, to be run wherever and by whomever: it counts for the scope in which it was made, and not for the thread that runs it.
///
/// A pool of the process, such as rayon's global one or a runtime in a `static`, serves all tests, and a thread of it cannot know for
/// which. What is handed to it without being carried makes the gates of the tests that are open inconclusive, unless only one is.
///
/// ```
/// let (sum, counts) = perfassert::measure("on a pool", || {
///     let work = perfassert::carry(|| vec![1_u64, 2].iter().sum::<u64>());
///     rayon::join(work, || ()).0
/// });
/// assert_eq!(sum, 3);
/// # #[cfg(feature = "allocator")]
/// assert_eq!(counts.get(&perfassert::Metric::Allocs), Some(1));
/// ```
///
/// For a closure that is called for each of many items there is [`carry_each`].
pub fn carry<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let scope = current();
    move || carried(scope.as_ref(), work)
}

/// [`carry`] for a closure that is called for each of many items, on whatever threads.
///
/// ```
/// use rayon::prelude::*;
///
/// let names = ["ann", "bo"].par_iter().map(perfassert::carry_each(|name: &&str| name.to_uppercase()));
/// assert_eq!(names.collect::<Vec<_>>(), ["ANN", "BO"]);
/// ```
pub fn carry_each<A, T>(work: impl Fn(A) -> T) -> impl Fn(A) -> T {
    let scope = current();
    move |item| carried(scope.as_ref(), || work(item))
}

/// [`carry`] for a future, on any executor.
///
/// Tasks and threads that it spawns count for whoever they counted for without it.
///
/// ```no_run
/// # use std::sync::LazyLock;
/// static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());
///
/// # async fn load() {}
/// let loading = RUNTIME.spawn(perfassert::carry_async(load()));
/// ```
pub fn carry_async<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let scope = current();
    async move {
        match scope {
            Some(scope) => Measured::new(work, scope, Inheritance::Nobody).await,
            None => work.await,
        }
    }
}

fn carried<T>(scope: Option<&Arc<Scope>>, work: impl FnOnce() -> T) -> T {
    let _entered = scope.map(|scope| enter(scope, Inheritance::Threads));
    work()
}

/// States that a query was executed, for a driver that perfassert does not listen to: call it from your own wrapper.
///
/// A text of several statements is one round trip, and each of its statements a query.
///
/// What else is known of it, an [`Execution`] takes; whether the wrapper still sees all, a [`Source`](crate::source::Source)
/// tells.
///
/// ```
/// let (_, counts) = perfassert::measure("report", || perfassert::query("SELECT total FROM orders WHERE id = 7"));
/// assert_eq!(counts.get(&perfassert::Metric::Queries), Some(1));
/// ```
pub fn query(sql: &str) {
    Execution::new(sql).record();
}

/// A counter of your own, by its name. The attribute `#[max_count("cache.miss" = 3)]` limits it.
///
/// A limit above 0 fails where the test has never counted it, as a name that is written otherwise would pass for ever. One that may
/// stay at 0 is counted as that: `counter("retry").add(0)`.
#[must_use]
pub fn counter(name: &str) -> Counter<'_> {
    Counter { name }
}

/// See [`counter`].
#[derive(Clone, Copy, Debug)]
pub struct Counter<'a> {
    name: &'a str,
}

impl Counter<'_> {
    /// Adds `n` to the counter in the current scope; outside of any it does nothing.
    pub fn add(&self, n: i64) {
        if let Some(scope) = current() {
            let _paused = pause();
            scope.count(self.name, n);
        }
    }
}

/// A section that is measured in full.
fn section(name: &str) -> Arc<Scope> {
    tell_own(None);
    let outer = current();
    let around = outer.as_ref().map(|outer| outer.detail()).unwrap_or_default();
    let detail = Detail { owners: true, memory: true, ..around };
    Scope::open_with(detail, name, Role::Section, outer)
}

fn request(name: &str) -> Arc<Scope> {
    numbers(name, Role::Endpoint)
}

/// What is counted as closely as the test around it.
pub(crate) fn numbers(name: &str, role: Role) -> Arc<Scope> {
    match current() {
        Some(outer) => Scope::open(name, role, Some(outer)),
        None => by_itself(name, role),
    }
}

/// What stands in no test. A program that depends on no timing is looked at no closer than for its numbers.
pub(crate) fn by_itself(name: &str, role: Role) -> Arc<Scope> {
    tell_own(None);
    let detail = Detail { owners: depends_on_timing(), ..Detail::default() };
    Scope::open_with(detail, name, role, None)
}

pub(crate) fn inside<T>(scope: &Arc<Scope>, inheritance: Inheritance, work: impl FnOnce() -> T) -> T {
    let _ends = EndGuard(Arc::clone(scope));
    let entered = enter(scope, inheritance);
    let output = work();
    drop(entered);
    settle(scope);
    output
}

/// Ends its scope when dropped, also by a panic.
struct EndGuard(Arc<Scope>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Marks its request as failed when a panic drops it.
struct FailsByPanic(Arc<Scope>);

impl Drop for FailsByPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _paused = pause();
            self.0.set_failed(true);
        }
    }
}

pub(crate) fn counts(scope: &Arc<Scope>) -> Counts {
    let _paused = pause();
    observation::counts(&scope.summary(), scope.root())
}
