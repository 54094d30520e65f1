//! Locks that outlive a panic.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Our locks guard plain data: a panic of somebody else while one is held cannot leave it half-changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
