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
