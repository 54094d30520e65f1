//! Queries that nobody owns: they ran on a thread whose test had ended, or on one of a pool that is the process's.
//!
//! Every test that is open at that moment could have caused them, so each of them is told.

use std::sync::{Arc, Mutex, Weak};

use super::{Phase, Query, Scope};
use crate::alloc::pause;
use crate::lock::lock;

static TESTS: Mutex<Vec<Weak<Scope>>> = Mutex::new(Vec::new());

/// From now on `test` is told of unattributed queries for as long as it is open.
pub(super) fn watch(test: &Arc<Scope>) {
    let _paused = pause();
    let mut tests = lock(&TESTS);
    // A test that turns out to have an attribute begins a second time.
    tests.retain(|known| known.strong_count() > 0 && !std::ptr::eq(known.as_ptr(), Arc::as_ptr(test)));
    tests.push(Arc::downgrade(test));
}

/// Tells every open test.
pub(super) fn report(query: &Query) {
    for test in open_tests() {
        lock(&test.unattributed).add(query, true);
    }
}

/// The tests whose bodies run now.
pub(crate) fn open_tests() -> Vec<Arc<Scope>> {
    let tests = lock(&TESTS).iter().filter_map(Weak::upgrade).collect::<Vec<_>>();
    tests.into_iter().filter(|test| test.phase() == Phase::Open).collect()
}
