//! The application's default instrumentation, where ours stands in front of it.
//!
//! Diesel gives an instance of it, and not the function that makes them. So one instance serves all connections, which
//! is right where it has no data: then all instances are alike.

use std::cell::Cell;
use std::ptr;
use std::sync::{Mutex, OnceLock};

use ::diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::lock::lock;

static THEIRS: OnceLock<Mutex<Box<dyn Instrumentation>>> = OnceLock::new();

thread_local! {
    static IS_CALLED: Cell<bool> = const { Cell::new(false) };
}

/// Whether it has no data.
pub(super) fn is_plain(instance: &dyn Instrumentation) -> bool {
    size_of_val(instance) == 0
}

/// Makes it the one that is called, for ever: there is room for one. Whether it is, or one that is like it.
pub(super) fn keep(instance: Box<dyn Instrumentation>) -> bool {
    if !is_plain(&*instance) {
        return false;
    }
    // Without data both are at the same address, and differ in their functions. diesel 2.2 tells no type.
    let its_kind = ptr::from_ref(&*instance);
    ptr::eq(&**lock(THEIRS.get_or_init(|| Mutex::new(instance))), its_kind)
}

/// Tells it of an event.
///
/// A connection that it uses itself while it is told of an event cannot tell it of more.
pub(super) fn call(event: InstrumentationEvent<'_>) {
    if IS_CALLED.replace(true) {
        return;
    }
    let _reset = Reset;
    if let Some(theirs) = THEIRS.get() {
        lock(theirs).on_connection_event(event);
    }
}

struct Reset;

impl Drop for Reset {
    fn drop(&mut self) {
        IS_CALLED.set(false);
    }
}
