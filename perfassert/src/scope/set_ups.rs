//! What is left out of a test, and what came meanwhile from elsewhere: a server that the test has started does not know for whom it
//! is called.

use std::sync::Mutex;

use super::Scope;
use crate::lock::lock;

/// The set-ups of a test.
#[derive(Default)]
pub(super) struct SetUps(Mutex<State>);

#[derive(Default)]
struct State {
    open: usize,
    /// What the test had allocated when the first of those that are open began.
    allocs_before: u64,
    /// What it allocated while one was open.
    allocs: u64,
}

impl Scope {
    /// The caller has not paused the counting.
    pub(super) fn begin_set_up(&self) {
        let _paused = crate::alloc::pause();
        let mut state = lock(&self.set_ups.0);
        if state.open == 0 {
            state.allocs_before = self.allocs_so_far();
        }
        state.open += 1;
    }

    /// The caller has paused the counting.
    pub(super) fn end_set_up(&self) {
        let mut state = lock(&self.set_ups.0);
        state.open = state.open.saturating_sub(1);
        if state.open == 0 {
            state.allocs += self.allocs_so_far().saturating_sub(state.allocs_before);
        }
    }

    pub(super) fn is_setting_up(&self) -> bool {
        lock(&self.set_ups.0).open > 0
    }

    /// How often the test allocated while something was left out of it.
    pub(crate) fn allocs_beside_set_up(&self) -> u64 {
        lock(&self.set_ups.0).allocs
    }
}
