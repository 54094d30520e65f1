//! Whom a count belongs to: a tree of [`Scope`]s, and which of them is current on a thread.
//!
//! A test is the root. Below it stand endpoints (one scope per request), named sections, and what is left out on
//! request. A count goes to the innermost open scope of the task or thread that caused it, and rolls up to its parents
//! once: statements and counters when they are recorded, allocations when somebody asks.

mod allocated;
mod attempts;
mod current;
mod ids;
mod inner;
mod late;
mod lines;
mod listener;
mod parts;
mod pool;
mod process;
mod queries;
mod repeats;
mod statement_counts;

mod set_ups;
mod slot;
mod summary;
pub(crate) mod unattributed;
mod unmarked;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock};

use allocated::FromChildren;
pub(crate) use allocated::{Allocated, ChildPlace, Detail, ObtainedByChildren};
#[cfg(any(inherit_threads, feature = "tracing-events"))]
pub(crate) use current::abandon_base;
pub(crate) use current::{Inheritance, PushedScope, current, is_forked, measured, push};
#[cfg(inherit_threads)]
pub(crate) use current::{adopt, forget_all, inherited};
#[cfg(feature = "tracing-events")]
pub(crate) use current::{as_nobody, leads_elsewhere};
use ids::Ids;
use inner::Inner;
pub(crate) use late::{settle, settle_async};
pub(crate) use lines::Lines;
use listener::tell;
pub(crate) use listener::{Listener, listen};
use parts::Parts;
use pool::Pools;
#[cfg(inherit_threads)]
pub(crate) use process::only_test;
#[cfg(any(feature = "snapshot", inherit_threads))]
pub(crate) use process::runs_one_test;
use set_ups::SetUps;
use slot::Slot;
#[cfg(feature = "rusqlite")]
pub(crate) use statement_counts::Effect;
pub(crate) use statement_counts::{Database, Entry, MissingDetail, Query, StatementCounts};
pub(crate) use summary::{LeftOut, Summary};

use crate::alloc::{Gauge, Keeping, Place, Shard, Stack, Totals, pause};
use crate::inconclusive::Inconclusive;
use crate::lock::lock;

/// What a scope stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A test, or a [`measure`](crate::measure) outside of any: the root.
    Test,
    /// One request of an endpoint.
    Endpoint,
    /// A named part.
    Section,
    /// So many iterations of one piece of work.
    Iterations(u64),
    /// Set-up that is nobody's.
    Unmeasured,
    /// The threads of pools that are the process's.
    Pool,
}

/// How far a scope has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// The process's, before its one test has begun.
    Unclaimed,
    /// The test function runs, its body does not yet: nothing counts.
    Preparing,
    /// Counting.
    Open,
    /// What still comes is no longer this scope's.
    Ended,
}

/// Whom a count belongs to.
pub(crate) struct Scope {
    /// Absent until the scope is claimed.
    name: OnceLock<String>,
    /// What the name turned out to be when it was better known.
    better_name: OnceLock<String>,
    role: Role,
    parent: Option<Arc<Scope>>,
    /// The outermost of its parents.
    root: Option<Arc<Scope>>,
    /// The innermost set-up around it.
    set_up: Option<Arc<Scope>>,
    phase: AtomicU8,
    /// This scope's counters by thread.
    shards: Mutex<Vec<(u64, &'static Shard)>>,
    /// The scopes inside this one, which count here as well.
    inner: Mutex<Inner>,
    /// How closely allocations are looked at. Not at all until the scope is claimed.
    detail: Mutex<Detail>,
    /// Its live bytes, if they are asked for.
    gauge: Mutex<Option<&'static Gauge>>,
    /// Of the root: a scope in it has a gauge.
    has_gauges: AtomicBool,
    keeping: Mutex<Option<Keeping>>,
    /// What had been counted when the body began.
    start: Mutex<Totals>,
    /// What had been allocated when the body was over.
    frozen: OnceLock<Allocated>,
    /// Where the blocks were obtained that were alive then, with their number and bytes.
    alive: OnceLock<Vec<(Stack, u64, u64)>>,
    /// Where everything had been obtained by then.
    places: OnceLock<Vec<Place>>,
    statement_counts: Mutex<StatementCounts>,
    counters: Mutex<BTreeMap<String, i64>>,
    /// The requests and sections of a test.
    parts: Mutex<Parts>,
    /// Whether an endpoint's request was answered by a server error, or not at all.
    failed: AtomicBool,
    /// Handles of its spans, and of those of the scopes inside it, that somebody still holds.
    held: AtomicUsize,
    /// What is left out of a test at the moment, and what came from elsewhere meanwhile.
    set_ups: SetUps,
    /// A query was heard, be it one of the set-up.
    hears: AtomicBool,
    /// The thread that runs the test function around the body, while it does.
    function_thread: AtomicU64,
    /// Statements that ran while this test was open on threads that no open test had started.
    unattributed: Mutex<StatementCounts>,
    /// Another test was open while this one was.
    had_company: AtomicBool,
    /// What the pools of the process allocated meanwhile.
    pools: Mutex<Pools>,
    /// What kept the sources from seeing.
    inconclusive: Mutex<Vec<Inconclusive>>,
    /// What it is called in a `traceparent`.
    pub(crate) ids: Ids,
    /// Nobody has claimed the scope, which counts all the same: the test has no attribute.
    is_unmarked: AtomicBool,
    /// What a test keeps of its child processes.
    pub(crate) children: Slot,
    /// What they have allocated.
    from_children: Mutex<FromChildren>,
    /// What a source keeps with a test.
    #[cfg(feature = "tracing-events")]
    pub(crate) slot: Slot,
}

impl Scope {
    /// A test of which no more is wanted than numbers.
    #[cfg(test)]
    pub(crate) fn test(name: &str) -> Arc<Scope> {
        Self::test_with(Detail::default(), name)
    }

    /// A test that does not count yet: see [`begin`](Self::begin).
    ///
    /// Where the process runs one test only, that owns the threads which were started before it, too.
    pub(crate) fn test_with(detail: Detail, name: impl Into<String>) -> Arc<Scope> {
        let scope = process::claim().unwrap_or_else(|| Self::new(Role::Test, None, Phase::Preparing));
        scope.set_name(name);
        scope.set_detail(detail);
        // Of threads that were there before it.
        scope.watch_shards();
        unattributed::watch(&scope);
        scope
    }

    /// A scope that counts from now on, inside `parent` if there is one, and as closely as that.
    pub(crate) fn open(name: impl Into<String>, role: Role, parent: Option<Arc<Scope>>) -> Arc<Scope> {
        let around = parent.as_ref().map(|parent| parent.detail()).unwrap_or_default();
        // Of a section nobody has asked for more than its share of the test's.
        let detail = Detail { memory: around.memory && role == Role::Endpoint, ..around };
        Self::open_with(detail, name, role, parent)
    }

    /// The same, looked at as closely as it is said.
    pub(crate) fn open_with(
        detail: Detail,
        name: impl Into<String>,
        role: Role,
        parent: Option<Arc<Scope>>,
    ) -> Arc<Scope> {
        let scope = Self::new(role, parent, Phase::Preparing);
        scope.set_name(name);
        scope.set_detail(detail);
        let is_part =
            scope.parent.is_some() && matches!(role, Role::Endpoint | Role::Section | Role::Iterations(_));
        // A request that is set-up is no part of the test.
        if is_part && !scope.is_left_out() {
            let _paused = pause();
            if let Some(around) = scope.counting().nth(1) {
                around.begin_inside(&scope);
            }
            tell(|listener| (listener.began)(&scope));
        }
        scope.start_counting();
        scope
    }

    /// What is left out of `around` from now on.
    ///
    /// Threads that it starts serve every test afterwards, if all this happens in a one-time initialiser.
    pub(crate) fn set_up(around: Arc<Scope>) -> Arc<Scope> {
        #[cfg(inherit_threads)]
        let around = current::serving(around, crate::callers::is_in_one_time_initialiser);
        around.root().begin_set_up();
        Self::open("set-up", Role::Unmeasured, Some(around))
    }

    /// How closely its allocations are looked at.
    pub(crate) fn detail(&self) -> Detail {
        *lock(&self.detail)
    }

    fn set_detail(&self, detail: Detail) {
        *lock(&self.detail) = detail;
    }

    /// In place of a test that is gone: what still comes is no longer a test's.
    pub(crate) fn ended() -> Arc<Scope> {
        Self::new(Role::Test, None, Phase::Ended)
    }

    fn new(role: Role, parent: Option<Arc<Scope>>, phase: Phase) -> Arc<Scope> {
        let _paused = pause();
        let root = parent.as_ref().map(|parent| Arc::clone(parent.root()));
        let set_up = parent.as_ref().and_then(|parent| match parent.role {
            Role::Unmeasured => Some(Arc::clone(parent)),
            _ => parent.set_up.clone(),
        });
        Arc::new(Scope {
            name: OnceLock::new(),
            better_name: OnceLock::new(),
            role,
            parent,
            root,
            set_up,
            phase: AtomicU8::new(phase as u8),
            shards: Mutex::default(),
            inner: Mutex::default(),
            detail: Mutex::default(),
            gauge: Mutex::default(),
            has_gauges: AtomicBool::new(false),
            keeping: Mutex::default(),
            alive: OnceLock::new(),
            places: OnceLock::new(),
            start: Mutex::default(),
            statement_counts: Mutex::default(),
            counters: Mutex::default(),
            parts: Mutex::default(),
            failed: AtomicBool::new(false),
            held: AtomicUsize::new(0),
            set_ups: SetUps::default(),
            hears: AtomicBool::new(false),
            function_thread: AtomicU64::new(0),
            unattributed: Mutex::default(),
            had_company: AtomicBool::new(false),
            pools: Mutex::default(),
            inconclusive: Mutex::default(),
            frozen: OnceLock::new(),
            ids: Ids::default(),
            is_unmarked: AtomicBool::new(false),
            children: Slot::default(),
            from_children: Mutex::default(),
            #[cfg(feature = "tracing-events")]
            slot: Slot::default(),
        })
    }

    fn set_name(&self, name: impl Into<String>) {
        let _paused = pause();
        let _ = self.name.set(name.into());
    }

    /// The name is known better than when the scope was opened. That happens once.
    pub(crate) fn rename(&self, name: String) {
        let _ = self.better_name.set(name);
        tell(|listener| (listener.answered)(self));
    }

    pub(crate) fn name(&self) -> &str {
        self.better_name.get().or(self.name.get()).map_or("", String::as_str)
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Acquire) {
            0 => Phase::Unclaimed,
            1 => Phase::Preparing,
            2 => Phase::Open,
            _ => Phase::Ended,
        }
    }

    /// The scope and its parents, from the inside out.
    pub(crate) fn lineage(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Scope>> {
        std::iter::successors(Some(self), |scope| scope.parent.as_ref())
    }

    /// Whether there is none around it.
    pub(crate) fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// The outermost scope: the test.
    pub(crate) fn root(self: &Arc<Self>) -> &Arc<Scope> {
        self.root.as_ref().unwrap_or(self)
    }

    /// The body begins: what was counted before is set-up.
    pub(crate) fn begin(&self) {
        let _paused = pause();
        self.start_counting();
    }

    /// The scope is over. Threads that it started and that live on count for its parent, if that is open.
    pub(crate) fn end(self: &Arc<Self>) {
        let _paused = pause();
        self.stop_counting();
    }

    /// Runs the test function that the body stands in, on the calling thread.
    pub(crate) fn around<T>(&self, function: impl FnOnce() -> T) -> T {
        self.function_thread.store(thread_number(), Relaxed);
        let output = function();
        self.function_thread.store(0, Relaxed);
        output
    }

    /// Whether the body is over.
    #[cfg(feature = "tracing-events")]
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.get().is_some()
    }

    /// Adds to a counter of the user's own.
    pub(crate) fn count(self: &Arc<Self>, counter: &str, n: i64) {
        if self.root().phase() == Phase::Open {
            for scope in self.counting() {
                *lock(&scope.counters).entry(counter.to_owned()).or_insert(0) += n;
            }
            tell(|listener| (listener.counted)(self, counter, n));
        }
    }

    /// The scopes that something which happened here counts for: up to a set-up that is left out.
    pub(crate) fn counting(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Scope>> {
        self.lineage()
            .take_while(|scope| scope.role != Role::Unmeasured || scope.phase() == Phase::Ended)
            .filter(|scope| scope.role != Role::Unmeasured)
    }

    /// Whether it is a set-up that is left out, or inside one: what is done here does not count for the test.
    pub(crate) fn is_left_out(&self) -> bool {
        std::iter::successors(Some(self), |scope| scope.set_up.as_deref())
            .any(|scope| scope.role == Role::Unmeasured && scope.phase() != Phase::Ended)
    }

    /// Whether `self` is `other` or one of its parents.
    pub(crate) fn encloses(self: &Arc<Self>, other: &Arc<Scope>) -> bool {
        other.lineage().any(|scope| Arc::ptr_eq(scope, self))
    }

    pub(crate) fn statement_counts(&self) -> StatementCounts {
        lock(&self.statement_counts).clone()
    }

    pub(crate) fn counters(&self) -> BTreeMap<String, i64> {
        lock(&self.counters).clone()
    }

    /// States that a source could not see all of this test.
    pub(crate) fn set_inconclusive(&self, inconclusive: Inconclusive) {
        lock(&self.inconclusive).push(inconclusive);
    }

    pub(crate) fn inconclusive(&self) -> Vec<Inconclusive> {
        lock(&self.inconclusive).clone()
    }

    pub(crate) fn unattributed(&self) -> StatementCounts {
        lock(&self.unattributed).clone()
    }

    /// The request was answered by a server error, or not at all.
    pub(crate) fn set_failed(&self, failed: bool) {
        if self.failed.swap(failed, Relaxed) != failed {
            tell(|listener| (listener.answered)(self));
        }
    }

    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Relaxed)
    }
}

/// A number for the calling thread that no other thread of the process ever has.
fn thread_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static NUMBER: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
    }
    if NUMBER.get() == 0 {
        NUMBER.set(NEXT.fetch_add(1, Relaxed));
    }
    NUMBER.get()
}

#[cfg(test)]
mod tests;
