//! Entering a scope, so that counts reach it: by a guard on a thread, by a task on each poll, and by every thread and process
//! that is started inside.

#[cfg(inherit_threads)]
mod inherit;
#[cfg(inherit_threads)]
mod processes;
mod started;
mod task;

use std::sync::{Arc, OnceLock};

#[cfg(inherit_threads)]
pub(crate) use inherit::{TestThread, set_test_thread};
pub(crate) use started::Started;
pub(crate) use task::Measured;

use crate::alloc::pause;
use crate::scope::{Inheritance, PushedScope, Role, Scope, current, push};
use crate::source;

/// The calling thread counts for `scope` until the guard is dropped, and the sources see it.
pub(crate) fn enter(scope: &Arc<Scope>, inheritance: Inheritance) -> Entered {
    let paused = pause();
    let attached = source::attach(scope);
    drop(paused);
    Entered { _pushed: push(scope, inheritance), attached: Some(attached) }
}

/// See [`enter`].
#[must_use = "the scope is left as soon as the guard is dropped"]
pub(crate) struct Entered {
    attached: Option<source::AttachedSources>,
    _pushed: PushedScope,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let _paused = pause();
        self.attached.take();
    }
}

/// Whether threads belong to the test that starts them. Asked once per process, by starting one.
pub(crate) fn threads_inherit() -> bool {
    static INHERIT: OnceLock<bool> = OnceLock::new();
    // Not inside the initialiser: a thread that is started there would be nobody's.
    if let Some(inherit) = INHERIT.get() {
        return *inherit;
    }
    let inherit = inherits();
    *INHERIT.get_or_init(|| inherit)
}

fn inherits() -> bool {
    let _paused = pause();
    #[cfg(inherit_threads)]
    {
        inherit::keep();
        processes::keep();
    }
    let probe = Scope::open("probe", Role::Section, None);
    let _entered = enter(&probe, Inheritance::Threads);
    let inherited = std::thread::spawn(|| current().map(|scope| Arc::as_ptr(&scope).addr())).join();
    inherited.ok().flatten() == Some(Arc::as_ptr(&probe).addr())
}
