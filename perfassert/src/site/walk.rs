//! Walking the calling thread's stack.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

/// How far up a stack is walked that is wanted whole.
pub(crate) const WHOLE: usize = 2048;

/// See [`want_whole`].
static WANTS_WHOLE: AtomicBool = AtomicBool::new(false);

/// From now on every stack is kept as a whole, and every query's.
pub(crate) fn want_whole() {
    WANTS_WHOLE.store(true, Relaxed);
}

/// See [`want_whole`].
pub(crate) fn is_whole_wanted() -> bool {
    WANTS_WHOLE.load(Relaxed)
}

/// A place in the frame of a function that is being executed: its callers have their frames above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(pub(super) usize);

impl Mark {
    /// In the frame of the function that has `variable`. It has to be one that is never compiled into another.
    #[inline(always)]
    pub(crate) fn of(variable: &u8) -> Self {
        Mark(std::ptr::from_ref(std::hint::black_box(variable)).addr())
    }
}

/// A stack that was walked, from the caller of the function that has the mark.
pub(crate) struct WalkedStack {
    #[cfg_attr(not(known_stacks), allow(dead_code, reason = "nothing is kept"))]
    pub(super) mark: Mark,
    /// Where the return addresses stand in memory.
    pub(super) slots: Vec<usize>,
    pub(crate) addresses: Vec<usize>,
    /// The number of the address by which this stack is told from most others. Without more said it is the outermost.
    #[cfg_attr(not(known_stacks), allow(dead_code, reason = "nothing is kept"))]
    pub(crate) telling: usize,
}

impl WalkedStack {
    /// Leaves the innermost `frames`.
    pub(crate) fn truncate(&mut self, frames: usize) {
        self.slots.truncate(frames);
        self.addresses.truncate(frames);
    }
}

/// Walks the calling thread's stack, from the inside out, as long as `more` is wanted after an address.
pub(crate) fn walk(mark: Mark, mut more: impl FnMut(usize) -> bool) -> WalkedStack {
    let mut walked = WalkedStack {
        mark,
        slots: Vec::with_capacity(32),
        addresses: Vec::with_capacity(32),
        telling: usize::MAX,
    };
    backtrace::trace(|frame| {
        // Where the stack ended when the function was left for the next: the address to come back to is pushed there.
        let slot = frame.sp().addr().wrapping_sub(size_of::<usize>());
        let address = frame.ip().addr();
        if slot <= mark.0 || address == 0 {
            return true;
        }
        walked.slots.push(slot);
        walked.addresses.push(address);
        more(address)
    });
    walked
}
