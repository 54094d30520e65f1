//! What a test hands to a program that it starts, by which that joins it: two variables in its environment.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Where a child tells what it did.
pub(crate) const DIR_VARIABLE: &str = "PERFASSERT_CHILD_DIR";
/// For whom: a `traceparent`.
pub(crate) const TRACE_VARIABLE: &str = "PERFASSERT_CHILD_TRACEPARENT";

/// How the name of the directory ends for children of which it is asked where they allocate.
pub(crate) const PLACES: &str = "places";
/// The same, of which it is also asked what stays alive.
pub(crate) const MEMORY: &str = "memory";

/// What the test that has started this process has handed it.
pub(crate) struct Invitation {
    pub(crate) dir: PathBuf,
    pub(crate) traceparent: String,
}

/// That of this process, if a test has started it. Such a process is one test's, with every thread that it has.
pub(crate) fn invitation() -> Option<&'static Invitation> {
    static INVITATION: OnceLock<Option<Invitation>> = OnceLock::new();
    let value = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let invitation = INVITATION.get_or_init(|| {
        Some(Invitation { dir: value(DIR_VARIABLE)?.into(), traceparent: value(TRACE_VARIABLE)? })
    });
    invitation.as_ref()
}

static HAS_JOINED: AtomicBool = AtomicBool::new(false);

/// This process joins the test.
pub(crate) fn set_joined() {
    HAS_JOINED.store(true, Release);
}

pub(crate) fn has_joined() -> bool {
    HAS_JOINED.load(Acquire)
}

/// Whether a test has started this program, which is a test program: its tests are no tests of the run then.
pub(crate) fn is_run_by_a_test() -> bool {
    std::env::var_os(DIR_VARIABLE).is_some() && !has_joined()
}
