//! Statements that are being executed, so that what they returned is known when they end.
//!
//! SQLite tells of each row and of each end, and by the statement's address which one it is. A thread has those that began on it:
//! of one that goes on elsewhere nothing is said.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use crate::scope::{Effect, Scope};
use crate::sql::Normalized;

/// Statements that are under way on one thread at once. The oldest has been taken elsewhere.
const MOST: usize = 64;

struct UnderWay {
    address: usize,
    scope: Weak<Scope>,
    statement: Arc<Normalized>,
    rows: u64,
}

thread_local! {
    static UNDER_WAY: RefCell<Vec<UnderWay>> = const { RefCell::new(Vec::new()) };
}

/// The statement at `address` begins. The caller has paused the counting.
pub(super) fn begin(address: usize, scope: &Arc<Scope>, statement: Arc<Normalized>) {
    let began = UnderWay { address, scope: Arc::downgrade(scope), statement, rows: 0 };
    with(|all| {
        all.retain(|known| known.address != address);
        if all.len() == MOST {
            all.remove(0);
        }
        all.push(began);
    });
}

/// It has returned a row.
pub(super) fn row(address: usize) {
    with(|all| {
        if let Some(known) = all.iter_mut().rfind(|known| known.address == address) {
            known.rows += 1;
        }
    });
}

/// It has ended. `changed` is asked where somebody wants to know. The caller has paused the counting.
pub(super) fn end(address: usize, changed: impl FnOnce() -> u64) {
    let ended = with(|all| {
        let index = all.iter().rposition(|known| known.address == address)?;
        Some(all.remove(index))
    });
    let Some(UnderWay { scope, statement, rows, .. }) = ended.flatten() else { return };
    if let Some(scope) = scope.upgrade() {
        scope.record_effect(&statement, Effect { rows, changed: changed() });
    }
}

/// A thread that ends has none any more.
fn with<T>(access: impl FnOnce(&mut Vec<UnderWay>) -> T) -> Option<T> {
    UNDER_WAY.try_with(|all| all.try_borrow_mut().ok().map(|mut all| access(&mut all))).ok().flatten()
}
