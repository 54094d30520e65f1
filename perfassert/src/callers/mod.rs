//! Whose code obtained memory, by the calling thread's stack.
//!
//! From the allocator outwards: a driver's function decides, unless one of the application's lies further in (a callback, a
//! `FromRow`, a `Drop`). A runtime's and the harness's decide only where nothing of the application's or of a library lies between the
//! allocator and their own loop: a task that the application spawns is the application's, a queue that a worker grows is not.
//! Libraries that the application calls are the application.

#[cfg(looks)]
#[cfg_attr(not(feature = "diesel"), allow(dead_code, reason = "sources ask for it"))]
pub(crate) mod copies;
#[cfg(looks)]
mod driving;
#[cfg(looks)]
mod frames;
#[cfg(looks)]
mod looking;
#[cfg(looks)]
mod mangled;
#[cfg(looks)]
mod once;
#[cfg(looks)]
mod optimised;
#[cfg(looks)]
mod own;
#[cfg(looks)]
mod standing;
#[cfg(looks)]
mod symbols;

use std::path::Path;

#[cfg(looks)]
use crate::crates;

#[cfg(looks)]
pub(crate) use frames::function_of_application;
#[cfg(all(inherit_threads, looks))]
pub(crate) use looking::want_whole_stacks;
#[cfg(looks)]
pub(crate) use looking::{depends_on_timing, inconclusive};
#[cfg(all(inherit_threads, looks))]
pub(crate) use once::is_in_one_time_initialiser;
#[cfg(looks)]
pub(crate) use optimised::notice;
#[cfg(all(inherit_threads, looks))]
pub(crate) use optimised::notice_main;

/// Whether stacks can be looked at in this build. Otherwise everything is the application's.
pub(crate) const CAN_LOOK: bool = cfg!(looks);

/// From now on the crates are the application's own whose packages stand without a source in the lock file of `manifest_dir`, or of the
/// directory that this program runs in.
#[cfg(looks)]
pub(crate) fn tell_own(manifest_dir: Option<&Path>) {
    static OWN: std::sync::OnceLock<()> = std::sync::OnceLock::new();
    let _paused = crate::alloc::pause();
    OWN.get_or_init(|| {
        let own::Packages { own, several } = own::packages_of(manifest_dir);
        copies::add_several(several);
        crates::add_own(own);
    });
    looking::listen();
}

/// The same for a test, the crate that it stands in, and crates that are drivers besides the known ones.
#[cfg(looks)]
pub(crate) fn tell(test_crate: &str, manifest_dir: &Path, drivers: &[String]) {
    crates::add_test(test_crate);
    crates::add_drivers(drivers.iter().cloned());
    tell_own(Some(manifest_dir));
}

#[cfg(not(looks))]
pub(crate) fn tell_own(_manifest_dir: Option<&Path>) {}

#[cfg(not(looks))]
pub(crate) fn tell(_test_crate: &str, _manifest_dir: &Path, _drivers: &[String]) {}

#[cfg(not(looks))]
pub(crate) fn depends_on_timing() -> bool {
    false
}

#[cfg(not(looks))]
pub(crate) fn function_of_application(_stack: &[usize]) -> Option<String> {
    None
}

#[cfg(not(looks))]
pub(crate) fn inconclusive() -> Option<crate::inconclusive::Inconclusive> {
    None
}

#[cfg(not(looks))]
pub(crate) fn notice<F>(_of_the_application: &F) {}

#[cfg(all(inherit_threads, not(looks)))]
pub(crate) fn notice_main() {}

#[cfg(all(inherit_threads, not(looks)))]
pub(crate) fn want_whole_stacks() {}

#[cfg(all(inherit_threads, not(looks)))]
pub(crate) fn is_in_one_time_initialiser() -> bool {
    false
}
