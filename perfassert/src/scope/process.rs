//! The process as a scope: where it runs one test only, threads that were started before the test belong to it as well.
//!
//! Say, those of a runtime that a fixture made.

#[cfg(inherit_threads)]
use std::sync::atomic::Ordering::Release;
use std::sync::{Arc, OnceLock};

use super::Scope;
#[cfg(inherit_threads)]
use super::{Phase, Role};
use crate::invitation::has_joined;
#[cfg(inherit_threads)]
use crate::invitation::invitation;

/// Made for the first thread that needs it.
static PROCESS: OnceLock<Arc<Scope>> = OnceLock::new();

/// The scope of threads that would be nobody's, if the process runs one test only.
///
/// Not of what the main thread starts: that is the harness, and the thread of the test enters its scope by itself.
#[cfg(inherit_threads)]
pub(super) fn scope(is_on_main_thread: bool) -> Option<Arc<Scope>> {
    (invitation().is_some() || runs_one_test() && !is_on_main_thread).then(process)
}

#[cfg(inherit_threads)]
fn process() -> Arc<Scope> {
    Arc::clone(PROCESS.get_or_init(|| Scope::new(Role::Test, None, Phase::Unclaimed)))
}

/// The process's scope, for a test of which it is not known yet whether it has an attribute. One that has claims it from there.
#[cfg(inherit_threads)]
pub(super) fn claim_unmarked() -> Option<Arc<Scope>> {
    let scope = Some(process()).filter(|scope| scope.claim())?;
    scope.is_unmarked.store(true, Release);
    Some(scope)
}

/// Whether all that this process does is one test's.
#[cfg(inherit_threads)]
pub(super) fn is_one_tests() -> bool {
    invitation().is_some() || runs_one_test()
}

/// Whether this process runs one test only.
pub(crate) fn runs_one_test() -> bool {
    only_test().is_some()
}

/// The path of the one test that this process runs.
pub(crate) fn only_test() -> Option<&'static str> {
    static ONLY_TEST: OnceLock<Option<String>> = OnceLock::new();
    ONLY_TEST.get_or_init(|| one_test(std::env::args().skip(1))).as_deref()
}

/// The process's scope, for the first test that asks, or for the program that joins one.
///
/// A test binary that another test has started could join and does not: each of its tests is itself.
pub(super) fn claim() -> Option<Arc<Scope>> {
    let is_one_tests = || runs_one_test() || has_joined();
    PROCESS.get().filter(|scope| is_one_tests() && scope.claim()).cloned()
}

/// The test that the arguments of a test binary select, if it is one: `--exact`, and one name. So do nextest, and
/// `cargo perfassert` without it.
fn one_test(arguments: impl Iterator<Item = String>) -> Option<String> {
    const WITH_VALUE: [&str; 7] =
        ["--skip", "--test-threads", "--color", "--format", "--logfile", "--shuffle-seed", "-Z"];
    let (mut is_exact, mut names, mut is_value) = (false, Vec::new(), false);
    for argument in arguments {
        let is_option = argument.starts_with('-');
        let takes_value = !is_value && WITH_VALUE.contains(&argument.as_str());
        if !is_value {
            is_exact |= argument == "--exact";
            names.extend((!is_option).then_some(argument));
        }
        is_value = takes_value;
    }
    names.pop().filter(|_| is_exact && names.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &str, expected: Option<&str>) {
        let one = one_test(arguments.split_whitespace().map(str::to_owned));
        assert_eq!(one.as_deref(), expected, "{arguments}");
    }

    #[test]
    fn one_test_is_what_exactly_one_name_selects() {
        check("--exact orders::list --nocapture", Some("orders::list"));
        check("--exact orders::list --test-threads 2", Some("orders::list"));
        check("--exact orders::list --shuffle-seed 7", Some("orders::list"));
        check("orders::list --skip orders::slow --exact --test-threads=1", Some("orders::list"));
        check("--exact orders::list orders::find", None);
        check("--exact", None);
        check("orders::list", None);
        check("orders --test-threads 1", None);
        check("", None);
    }
}
