//! What the user's global default is. `tracing` does not tell a thread that has a scoped one, so a bare thread is asked.

use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use tracing_core::Dispatch;
use tracing_core::dispatcher;
use tracing_core::subscriber::NoSubscriber;

use super::Tee;
use super::inner::Inner;
use crate::scope::as_nobody;

/// Right after a dispatcher was made it may not be the global default yet: asked that often, then not until the next.
const ASKS: usize = 8;

static GLOBAL: OnceLock<Inner> = OnceLock::new();
static ASKS_LEFT: AtomicUsize = AtomicUsize::new(ASKS);

/// The user's global default, if there is one by now.
pub(super) fn get() -> Option<&'static Inner> {
    if GLOBAL.get().is_none() && ASKS_LEFT.load(Relaxed) > 0 {
        ASKS_LEFT.fetch_sub(1, Relaxed);
        find();
    }
    GLOBAL.get()
}

/// [`get`], asked for sure.
pub(super) fn find() -> Option<&'static Inner> {
    if GLOBAL.get().is_none() {
        let bare = as_nobody(|| std::thread::spawn(|| dispatcher::get_default(Dispatch::clone)).join());
        let is_somebodys = |default: &Dispatch| !default.is::<NoSubscriber>() && !default.is::<Tee>();
        if let Some(default) = bare.ok().filter(is_somebodys) {
            found(&default);
        }
    }
    GLOBAL.get()
}

/// Whether it is known by now.
pub(super) fn is_known() -> bool {
    GLOBAL.get().is_some()
}

/// The global default is known from now on.
pub(super) fn found(default: &Dispatch) {
    GLOBAL.get_or_init(|| Inner::new(default.clone()));
}

/// There may be one now.
pub(super) fn ask_again() {
    ASKS_LEFT.store(ASKS, Relaxed);
}

/// Whether a thread's default is the global one.
///
/// Told by its debug form, for want of anything better. Should that change, every default looks like a scoped one:
/// slower, and just as right.
pub(super) fn is_global(default: &Dispatch) -> bool {
    format!("{default:?}").contains("Global")
}
