//! Tests without an attribute that are to be measured, and were not.

use std::collections::BTreeSet;

use perfassert_record::record::TestId;

use super::executables::Executable;
use super::failures::Output;
use super::list::has_path;

/// Of these, whose tests are all to be measured, the executables that ran some and left no record at all, as nextest calls them: they do not link perfassert, or have a harness of
/// their own. And of the others, which are measured, the tests that passed without being `seen`: they ended their process themselves, and no
/// gate is theirs.
pub(super) fn unmeasured(executables: &[Executable], output: &Output, seen: &[&TestId]) -> Vec<String> {
    let ran: BTreeSet<&str> = output.ran().collect();
    let has_run = |executable: &&Executable| ran.iter().any(|name| executable.is_called(name));
    let mut unmeasured = Vec::new();
    for executable in executables.iter().filter(has_run) {
        let its: Vec<_> = seen.iter().filter(|test| executable.has(test)).collect();
        if its.is_empty() {
            unmeasured.push(executable.id());
            continue;
        }
        let passed = output.passed().iter().filter(|(binary, _)| executable.is_called(binary));
        let lost = passed.filter(|(_, name)| !its.iter().any(|test| has_path(test, name)));
        unmeasured.extend(lost.map(|(_, name)| format!("{} {name}", executable.id())));
    }
    unmeasured
}
