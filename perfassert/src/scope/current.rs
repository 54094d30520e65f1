//! Which scope is current on a thread.
//!
//! The thread has a *base*, the scope that it was started in, and a stack of what was entered since. Entries leave the
//! stack in any order (spans do). The innermost decides, and the allocator's hook is told at every change.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Arc;

#[cfg(inherit_threads)]
use super::process;
use super::{Phase, Scope};
#[cfg(any(inherit_threads, feature = "tracing-events"))]
use crate::alloc::pause;
use crate::alloc::set_current;

/// Whether threads that are started inside an entered scope begin their life in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inheritance {
    /// They do.
    Threads,
    /// They do not, because the scope is a task's: a runtime may start a thread for its pool in the middle of one
    /// request, and use it for every other.
    Nobody,
}

struct Frame {
    token: u64,
    scope: Arc<Scope>,
    #[cfg_attr(not(inherit_threads), expect(dead_code))]
    inheritance: Inheritance,
}

struct ThreadScopes {
    base: Option<Arc<Scope>>,
    frames: Vec<Frame>,
    next_token: u64,
    /// The thread is nobody's for the moment, and what it starts is too.
    #[cfg_attr(not(inherit_threads), allow(dead_code))]
    is_hidden: bool,
}

impl ThreadScopes {
    fn innermost(&self) -> Option<&Arc<Scope>> {
        self.frames.last().map(|frame| &frame.scope).or(self.base.as_ref())
    }

    /// Tells the allocator's hook.
    fn publish(&self) {
        set_current(self.innermost().map(|scope| scope.shard_here()));
    }
}

thread_local! {
    static SCOPES: RefCell<ThreadScopes> =
        const { RefCell::new(ThreadScopes { base: None, frames: Vec::new(), next_token: 0, is_hidden: false }) };
}

/// The innermost scope of the calling thread. The process's is nobody's until its test begins.
pub(crate) fn current() -> Option<Arc<Scope>> {
    let innermost = with(|scopes| scopes.innermost().cloned()).flatten();
    innermost.filter(|scope| scope.phase() != Phase::Unclaimed)
}

/// The same, where a measured test or [`measure`](crate::measure) has opened it: the scope of a test that has no attribute, as far as is
/// known, is for the first that turns up.
pub(crate) fn measured() -> Option<Arc<Scope>> {
    current().filter(|scope| !scope.root().is_unmarked())
}

/// Whether a span of `scope`, when it is entered, changes whom the calling thread counts for.
///
/// Inside a scope that was entered on this thread, a span of one of its parents does not lead back out.
#[cfg(feature = "tracing-events")]
pub(crate) fn leads_elsewhere(scope: &Arc<Scope>) -> bool {
    let leads = with(|scopes| match scopes.innermost() {
        Some(innermost) if Arc::ptr_eq(innermost, scope) => false,
        Some(innermost) => scopes.frames.is_empty() || !scope.encloses(innermost),
        None => true,
    });
    leads.unwrap_or(true)
}

/// Puts `scope` on top of the calling thread's stack until the guard is dropped.
pub(crate) fn push(scope: &Arc<Scope>, inheritance: Inheritance) -> PushedScope {
    set_current(None);
    let token = with(|scopes| {
        let token = scopes.next_token;
        scopes.next_token += 1;
        scopes.frames.push(Frame { token, scope: Arc::clone(scope), inheritance });
        scopes.publish();
        token
    });
    PushedScope { token, _not_send: PhantomData }
}

/// See [`push`].
#[must_use = "the scope is left as soon as the guard is dropped"]
pub(crate) struct PushedScope {
    token: Option<u64>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for PushedScope {
    fn drop(&mut self) {
        set_current(None);
        let left = with(|scopes| {
            let index = scopes.frames.iter().rposition(|frame| Some(frame.token) == self.token)?;
            Some(scopes.frames.remove(index))
        });
        // May be the scope's last owner: dropped while nothing is borrowed and nothing counts.
        drop(left);
        with(|scopes| scopes.publish());
    }
}

/// The scope in which a thread that is started now begins its life; where `is_once` by a one-time initialiser, the thread serves whoever
/// comes.
#[cfg(inherit_threads)]
pub(crate) fn inherited(is_on_main_thread: bool, is_once: impl FnOnce() -> bool) -> Option<Arc<Scope>> {
    let (inherited, is_hidden) = with(|scopes| {
        let frame = scopes.frames.iter().rev().find(|frame| frame.inheritance == Inheritance::Threads);
        (frame.map(|frame| &frame.scope).or(scopes.base.as_ref()).cloned(), scopes.is_hidden)
    })?;
    let inherited = inherited.or_else(|| if is_hidden { None } else { process::scope(is_on_main_thread) })?;
    Some(serving(inherited, is_once))
}

/// The scope of a thread that is started in `scope`: the pools' where a one-time initialiser starts it, which `is_once` tells.
#[cfg(inherit_threads)]
pub(super) fn serving(scope: Arc<Scope>, is_once: impl FnOnce() -> bool) -> Arc<Scope> {
    let is_pool = !scope.is_pools() && !process::is_one_tests() && is_once();
    if is_pool { super::pool::pool() } else { scope }
}

/// The calling thread belongs to `scope` for the rest of its life.
#[cfg(inherit_threads)]
pub(crate) fn adopt(scope: Arc<Scope>) {
    if scope.is_pools() {
        // Whose it is may stand far out on the stack.
        crate::callers::want_whole_stacks();
    }
    with(|scopes| {
        scopes.base = Some(scope);
        scopes.publish();
    });
}

/// The calling thread belongs to nobody from now on, except for what it enters.
///
/// For a thread that serves whoever sends it work, and says for whom by a span.
#[cfg(any(inherit_threads, feature = "tracing-events"))]
pub(crate) fn abandon_base() {
    let paused = pause();
    let base = with(|scopes| scopes.base.take());
    drop(base);
    drop(paused);
    with(|scopes| scopes.publish());
}

thread_local! {
    static IS_FORKED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Whether this process was forked in the middle of a test: what it does is nobody's, and locks of ours may stay locked in it.
pub(crate) fn is_forked() -> bool {
    IS_FORKED.get()
}

/// The calling thread is that of a process which was forked in the middle of a test: it is nobody's from now on, and takes no lock of ours,
/// which another thread may have held. Nothing is freed.
#[cfg(inherit_threads)]
pub(crate) fn forget_all() {
    IS_FORKED.set(true);
    let forgotten = with(|scopes| {
        scopes.is_hidden = true;
        (scopes.base.take(), std::mem::take(&mut scopes.frames))
    });
    std::mem::forget(forgotten);
}

/// Runs `ask` as if the calling thread were nobody's: threads that it starts are nobody's either.
#[cfg(feature = "tracing-events")]
pub(crate) fn as_nobody<T>(ask: impl FnOnce() -> T) -> T {
    let _paused = pause();
    let hidden = with(|scopes| {
        scopes.is_hidden = true;
        (scopes.base.take(), std::mem::take(&mut scopes.frames))
    });
    let answer = ask();
    if let Some((base, frames)) = hidden {
        with(|scopes| {
            scopes.base = base;
            scopes.frames = frames;
            scopes.is_hidden = false;
        });
    }
    answer
}

/// `None` when the thread's locals are gone already, or when the allocator asks in the middle of a change.
fn with<T>(access: impl FnOnce(&mut ThreadScopes) -> T) -> Option<T> {
    SCOPES.try_with(|scopes| Some(access(&mut *scopes.try_borrow_mut().ok()?))).ok().flatten()
}
