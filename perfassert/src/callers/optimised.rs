//! Whether the application is compiled with optimisation: then a function may have others compiled into it, its tasks those of a runtime,
//! and its symbol says nothing of them.

use std::sync::OnceLock;

use super::symbols::function_of_call;
use crate::site::walk::{Mark, walk};

static IS_OPTIMISED: OnceLock<bool> = OnceLock::new();

/// Whether that was found. Without a look at the application's own code, by the assertions that go with a debug build.
pub(super) fn is_optimised() -> bool {
    *IS_OPTIMISED.get().unwrap_or(&cfg!(not(debug_assertions)))
}

/// Finds out, once in a process. For a closure of the application's `between` is compiled as the application is.
pub(crate) fn notice<F>(_of_the_application: &F) {
    if IS_OPTIMISED.get().is_none() {
        // By its address: before the application is compiled, rustc may put a function of ours into another as this crate's profile
        // says, but none that is called by its address. What optimises the application sees through that.
        let between: fn() = between::<F>;
        between();
    }
}

/// The same where no closure of the application's is at hand: the calling thread is the main one, whose `main` the harness has generated in the
/// application's crate.
#[cfg(inherit_threads)]
pub(crate) fn notice_main() {
    if IS_OPTIMISED.get().is_some() {
        return;
    }
    let _paused = crate::alloc::pause();
    let variable = 0_u8;
    let walked = walk(Mark::of(&variable), |_| true);
    // `main` is called by a function that is generic, and never inlined: through another one, where that is not compiled into it.
    let mut names = walked.addresses.iter().rev().map(|address| function_of_call(*address));
    let is =
        |name: Option<Option<String>>, part: &str| name.flatten().is_some_and(|name| name.contains(part));
    let _ = names.find(|name| is(Some(name.clone()), "__rust_begin_short_backtrace"));
    let _ = IS_OPTIMISED.set(!is(names.next(), "FnOnce::call_once"));
}

#[inline]
#[expect(clippy::extra_unused_type_parameters, reason = "it is compiled where the type is known")]
fn between<F>() {
    probe();
}

/// Without optimisation the caller is the function above, and otherwise whatever that was compiled into.
#[inline(never)]
fn probe() {
    let _paused = crate::alloc::pause();
    let variable = 0_u8;
    let walked = walk(Mark::of(&variable), |_| false);
    let caller = walked.addresses.first().and_then(|address| function_of_call(*address));
    let _ = IS_OPTIMISED.set(!caller.is_some_and(|name| name.contains("optimised::between")));
}
