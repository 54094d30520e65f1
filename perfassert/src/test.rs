//! What the attributes expand to: one call around the test function, and one around its body where that is a future.
//!
//! The outer call opens the test's scope around everything that the test attribute generates, so that every thread of the
//! runtime belongs to it. Counting starts when the body does.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;

use crate::alloc::pause;
use crate::callers;
use crate::child;
use crate::children;
use crate::counts::Metric;
use crate::enter::{Measured, Started, enter, threads_inherit};
use crate::explain;
use crate::gate::{self, Ending};
use crate::inconclusive::Inconclusive;
use crate::invitation::is_run_by_a_test;
use crate::observation::Observation;
use crate::record::{self, Record};
use crate::rules::Rules;
use crate::scope::{Detail, Inheritance, Phase, Role, Scope, measured, settle, settle_async};
#[cfg(feature = "snapshot")]
use crate::snapshot;
use crate::source;
use crate::spec::{Gate, Test};

/// How a test function's return value tells that the test failed.
#[diagnostic::on_unimplemented(
    message = "a measured function cannot return `{Self}`",
    label = "it is measured here",
    note = "measured functions return `()`, a `Result` or a `std::process::ExitCode`: their failures are told from \
            budgets that were exceeded"
)]
pub trait Outcome {
    /// Whether the test failed by itself.
    fn is_failure(&self) -> bool;

    /// What a test returns that did not panic though it should, where the harness has such tests.
    fn without_panic() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

impl Outcome for () {
    fn is_failure(&self) -> bool {
        false
    }

    fn without_panic() -> Option<Self> {
        Some(())
    }
}

impl<T, E> Outcome for Result<T, E> {
    fn is_failure(&self) -> bool {
        self.is_err()
    }
}

impl Outcome for ExitCode {
    fn is_failure(&self) -> bool {
        *self != ExitCode::SUCCESS
    }
}

/// Runs and judges a test that is a plain function.
#[track_caller]
pub fn run<T: Outcome>(test: &'static Test, body: impl FnOnce() -> T) -> T {
    callers::notice(&body);
    let scope = open(test);
    let entered = enter(&scope, Inheritance::Threads);
    let result = count(test, &scope, || catch_unwind(AssertUnwindSafe(body)));
    drop(entered);
    conclude(test, &[], &scope, result)
}

/// Runs and judges a test whose body is a future, which some attribute's function drives to its end. The body itself is
/// wrapped in [`body`].
#[track_caller]
pub fn around<T: Outcome>(test: &'static Test, function: impl FnOnce() -> T) -> T {
    if measured().is_some() {
        // Inside another measured function: the body opens a section of that.
        return function();
    }
    let (scope, result) = surround(test, function);
    conclude(test, &[], &scope, result)
}

/// Runs a function whose body is marked as such, in a scope of its own.
pub(crate) fn surround<T>(
    test: &'static Test,
    function: impl FnOnce() -> T,
) -> (Arc<Scope>, std::thread::Result<T>) {
    callers::notice(&function);
    let scope = open(test);
    let entered = enter(&scope, Inheritance::Threads);
    let result = scope.around(|| catch_unwind(AssertUnwindSafe(function)));
    if (result.is_ok() || test.should_panic) && scope.phase() == Phase::Preparing {
        scope.set_inconclusive(never_began());
    }
    scope.end();
    drop(entered);
    (scope, result)
}

/// Measures the body of a test that is a future.
///
/// Inside [`around`] that judges. Otherwise this does: a section of a measured test, or, where nothing is known of what
/// drives the future, a gate that cannot see.
pub async fn body<F>(test: &'static Test, future: F) -> F::Output
where
    F: Future,
    F::Output: Outcome,
{
    callers::notice(&future);
    let outer = measured().map(|scope| Arc::clone(scope.root()));
    if let Some(scope) = outer.filter(|scope| scope.phase() == Phase::Preparing) {
        return count_async(test, &scope, future).await.unwrap_or_else(|panic| resume_unwind(panic));
    }
    let scope = open(test);
    if scope.role() == Role::Test {
        scope.set_inconclusive(nobody_around());
    }
    let alone = count_async(test, &scope, future);
    let result = Measured::new(alone, Arc::clone(&scope), Inheritance::Threads).await;
    conclude(test, &[], &scope, result)
}

/// Counts a body that runs on this thread.
pub(crate) fn count<T>(test: &Test, scope: &Arc<Scope>, body: impl FnOnce() -> T) -> T {
    let started = begin(test, scope);
    let output = body();
    scope.freeze();
    settle(scope);
    finish(scope, started);
    output
}

/// Counts a body that is a future, also where it panics.
pub(crate) async fn count_async<F: Future>(
    test: &Test,
    scope: &Arc<Scope>,
    future: F,
) -> std::thread::Result<F::Output> {
    let started = begin(test, scope);
    let mut future = pin!(future);
    let result = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await;
    scope.freeze();
    settle_async(scope).await;
    finish(scope, started);
    result
}

fn open(test: &'static Test) -> Arc<Scope> {
    let _paused = pause();
    prepare(test);
    match measured() {
        Some(outer) => Scope::open(test.function, Role::Section, Some(outer)),
        None => {
            tell_callers(test);
            note_beginning(test);
            Scope::test_with(detail(test), test.name())
        }
    }
}

/// Tells everybody who has to know of a test before it is measured.
fn prepare(test: &'static Test) {
    children::look_around();
    if let Some(root) = test.workspace_root() {
        crate::site::set_workspace(root.to_owned());
    }
    crate::site::set_test(test.name());
    explain::begin();
}

/// Tells whose code is whose in the program of a test.
fn tell_callers(test: &'static Test) {
    let package = test.workspace().map_or(Path::new(test.manifest_dir), |workspace| &workspace.package);
    callers::tell(test.crate_name(), package, crate::rules::drivers(test));
}

/// Opens the scope of a test that has no attribute, and counts from now on. The calling thread starts that of the test.
#[cfg(inherit_threads)]
pub(crate) fn begin_unmarked(test: &'static Test) -> Option<Arc<Scope>> {
    prepare(test);
    tell_callers(test);
    callers::notice_main();
    let scope = Scope::unmarked_with(detail(test), test.name())?;
    let entered = enter(&scope, Inheritance::Threads);
    look(&scope);
    drop(entered);
    begin_body(&scope);
    Some(scope)
}

/// The thread of such a test is over, on which this is called.
#[cfg(inherit_threads)]
pub(crate) fn finish_unmarked(test: &'static Test, scope: &Arc<Scope>) {
    finish(scope, Started::nowhere());
    if let Err(error) = explain::write(test, scope) {
        panic!("perfassert: writing the explanation of {}: {error}", test.name());
    }
}

/// Has the subcommand know that a record is to follow: `std::process::exit` ends a test that its runner calls passed.
fn note_beginning(test: &Test) {
    let Some(dir) = std::env::var_os(record::DIR_VARIABLE).filter(|_| !is_run_by_a_test()) else {
        return;
    };
    if let Err(error) = record::begin(Path::new(&dir), &test.id()) {
        panic!("perfassert: noting that {} begins: {error}", test.name());
    }
}

/// How closely the allocations of a test are looked at. What a gate may have to name is kept from the beginning.
fn detail(test: &'static Test) -> Detail {
    let limits = |gate: &Gate| gate.limits().into_iter().map(|(metric, _)| metric).collect::<Vec<_>>();
    let is_limited = |of: &[Metric]| test.gates.iter().flat_map(limits).any(|metric| of.contains(&metric));
    let is_memory_limited =
        is_limited(&[Metric::BytesPeak, Metric::BytesLive]) || crate::rules::limits_memory(test);
    let memory = explain::is_wanted() || is_memory_limited;
    let grows =
        test.gates.iter().any(|gate| matches!(gate, Gate::Scaling(scaling) if scaling.allocs.is_some()));
    let places = memory || grows || is_limited(&[Metric::Allocs, Metric::AllocsPerIter, Metric::Bytes]);
    Detail { owners: true, places, memory }
}

fn begin(test: &Test, scope: &Arc<Scope>) -> Started {
    let paused = pause();
    if !threads_inherit() && test.multi_thread {
        scope.set_inconclusive(threads_are_nobodys());
    }
    look(scope);
    let started = Started::so_far();
    drop(paused);
    begin_body(scope);
    started
}

/// What there was before is set-up, in this process and in those that it has started.
fn begin_body(scope: &Scope) {
    let paused = pause();
    children::of(scope).begin();
    drop(paused);
    scope.begin();
}

/// The body is over, and late queries have arrived.
fn finish(scope: &Arc<Scope>, started: Started) {
    let _paused = pause();
    look(scope);
    for inconclusive in callers::inconclusive().into_iter().chain(started.inconclusive()) {
        scope.set_inconclusive(inconclusive);
    }
    if scope.role() == Role::Test {
        child::collect(scope);
    }
    scope.end();
}

fn look(scope: &Arc<Scope>) {
    for inconclusive in source::inconclusive(scope) {
        scope.set_inconclusive(inconclusive);
    }
}

fn never_began() -> Inconclusive {
    Inconclusive::to_everything(
        "the test's body never ran on a thread of the test",
        "put the attributes of perfassert above the test attribute",
    )
}

fn nobody_around() -> Inconclusive {
    Inconclusive::to_everything(
        "no known test attribute runs this async function, so its tasks cannot be attributed",
        "put a test attribute on the function itself, say #[tokio::test], next to those of perfassert",
    )
}

fn threads_are_nobodys() -> Inconclusive {
    Inconclusive::to_everything(
        "the test runs on several threads, and here threads do not belong to the test that starts them \
                (that takes Linux with glibc and the default feature `inherit-threads`)",
        "use the current-thread runtime for this test: #[tokio::test]",
    )
}

/// What a test is judged by, which has ended and is `scope`.
pub(crate) fn rules(test: &'static Test, scope: &Scope) -> Rules {
    let parts = scope.parts();
    let requests = parts.iter().filter(|part| part.role == Role::Endpoint);
    let mut endpoints: Vec<_> = requests.map(|part| part.name.as_str()).collect();
    endpoints.sort_unstable();
    endpoints.dedup();
    Rules::of(test, &endpoints)
}

/// Judges, writes the record, and hands on the test's own outcome, or panics with the gates'.
///
/// `smaller` are the runs before, of a test that runs with several sizes.
#[track_caller]
pub(crate) fn conclude<T: Outcome>(
    test: &'static Test,
    smaller: &[(usize, Arc<Scope>)],
    scope: &Arc<Scope>,
    result: std::thread::Result<T>,
) -> T {
    let paused = pause();
    let ending = match &result {
        Err(_) if test.should_panic => Ending::PanickedAsItShould,
        Ok(outcome) if !test.should_panic && !outcome.is_failure() => Ending::Finished,
        _ => Ending::Failed,
    };
    let rules = rules(test, scope);
    let observed = Observation::of(scope, smaller, &rules);
    let verdict = gate::judge(&rules.gates, &observed);
    let mut difference = Ok(());
    if scope.role() == Role::Test {
        let record = || gate::record(test, &rules, &observed, &verdict, ending);
        if ending != Ending::Failed && !is_run_by_a_test() {
            if let Err(error) = explain::write(test, scope) {
                panic!("perfassert: writing the explanation of {}: {error}", test.name());
            }
        }
        match std::env::var_os(record::DIR_VARIABLE) {
            Some(_) if is_run_by_a_test() => {}
            Some(dir) => {
                if let Err(error) = record::append(Path::new(&dir), &record()) {
                    panic!("perfassert: writing the record of {}: {error}", test.name());
                }
            }
            // Counts that are not all of them are nothing to commit.
            None if ending != Ending::Failed && verdict.inconclusive.is_empty() => {
                difference = compare(test, &rules, record);
            }
            None => {}
        }
    }
    let message = (ending != Ending::Failed).then(|| gate::render(&test.name(), &verdict)).flatten();
    drop(verdict);
    drop(observed);
    drop(rules);
    match (result, message, difference) {
        (Ok(_), Some(message), _) => panic!("{message}"),
        (Ok(outcome), None, Ok(())) => {
            drop(paused);
            outcome
        }
        (Err(panic), None, Ok(())) | (Ok(_), None, Err(panic)) => resume_unwind(panic),
        (Err(panic), message, _) => fail_without_panic(message).unwrap_or_else(|| resume_unwind(panic)),
    }
}

/// Fails a test that panicked as it should: any panic, a gate's too, would be taken for that one.
#[expect(clippy::print_stderr, reason = "the harness shows it with the failure")]
fn fail_without_panic<T: Outcome>(message: Option<String>) -> Option<T> {
    let outcome = T::without_panic()?;
    // insta has said itself what differs.
    if let Some(message) = message {
        eprintln!("{message}\n");
    }
    eprintln!("perfassert: the test panicked as it should; it fails by returning instead");
    Some(outcome)
}

/// Compares with the snapshot, if there is to be one. insta's panic is handed back: the budgets speak first.
#[cfg(feature = "snapshot")]
#[track_caller]
fn compare(test: &Test, rules: &Rules, record: impl FnOnce() -> Record) -> std::thread::Result<()> {
    match test.assert_snapshot.filter(|_| rules.has_snapshot()) {
        Some(assert) => catch_unwind(AssertUnwindSafe(|| snapshot::check(test, assert, &record()))),
        None => Ok(()),
    }
}

#[cfg(not(feature = "snapshot"))]
fn compare(_test: &Test, _rules: &Rules, _record: impl FnOnce() -> Record) -> std::thread::Result<()> {
    Ok(())
}
