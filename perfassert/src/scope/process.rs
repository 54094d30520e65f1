//! The process as a scope: where it runs one test only, threads that were started before the test belong to it as well.
//!
//! Say, those of a runtime that a fixture made.

use std::sync::{Arc, OnceLock};

use super::Scope;
#[cfg(inherit_threads)]
use super::{Phase, Role};

/// Made for the first thread that needs it.
static PROCESS: OnceLock<Arc<Scope>> = OnceLock::new();

/// The scope of threads that would be nobody's, if the process runs one test only.
///
/// Not of what the main thread starts: that is the harness, and the thread of the test enters its scope by itself.
#[cfg(inherit_threads)]
pub(super) fn scope(is_on_main_thread: bool) -> Option<Arc<Scope>> {
    let scope = || Arc::clone(PROCESS.get_or_init(|| Scope::new(Role::Test, None, Phase::Unclaimed)));
    (crate::child::is_child() || runs_one_test() && !is_on_main_thread).then(scope)
}

/// Whether all that this process does is one test's.
#[cfg(inherit_threads)]
pub(super) fn is_one_tests() -> bool {
    crate::child::is_child() || runs_one_test()
}

/// Whether this process runs one test only.
pub(crate) fn runs_one_test() -> bool {
    static RUNS_ONE_TEST: OnceLock<bool> = OnceLock::new();
    *RUNS_ONE_TEST.get_or_init(|| selects_one_test(std::env::args().skip(1)))
}

/// The process's scope, for the first test that asks, or for the program that joins one.
///
/// A test binary that another test has started could join and does not: each of its tests is itself.
pub(super) fn claim() -> Option<Arc<Scope>> {
    let is_one_tests = || runs_one_test() || crate::child::has_joined();
    PROCESS.get().filter(|scope| is_one_tests() && scope.claim()).cloned()
}

/// Whether the arguments of a test binary select one test: `--exact`, and one name. So do nextest, and
/// `cargo perfassert` without it.
fn selects_one_test(arguments: impl Iterator<Item = String>) -> bool {
    const WITH_VALUE: [&str; 7] =
        ["--skip", "--test-threads", "--color", "--format", "--logfile", "--shuffle-seed", "-Z"];
    let (mut is_exact, mut names, mut is_value) = (false, 0, false);
    for argument in arguments {
        if !is_value {
            is_exact |= argument == "--exact";
            names += usize::from(!argument.starts_with('-'));
        }
        is_value = !is_value && WITH_VALUE.contains(&argument.as_str());
    }
    is_exact && names == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &str, expected: bool) {
        let selects_one = selects_one_test(arguments.split_whitespace().map(str::to_owned));
        assert_eq!(selects_one, expected, "{arguments}");
    }

    #[test]
    fn one_test_is_what_exactly_one_name_selects() {
        check("--exact orders::list --nocapture", true);
        check("--exact orders::list --test-threads 2", true);
        check("--exact orders::list --shuffle-seed 7", true);
        check("orders::list --skip orders::slow --exact --test-threads=1", true);
        check("--exact orders::list orders::find", false);
        check("--exact", false);
        check("orders::list", false);
        check("orders --test-threads 1", false);
        check("", false);
    }
}
