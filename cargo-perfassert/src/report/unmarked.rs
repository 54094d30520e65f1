//! Tests without an attribute: what they do for themselves, their set-up and what they look at afterwards, is among their counts. A
//! branch that edits a test has not made the application slower.

use perfassert_record::record::Site;
use perfassert_record::record::TestId;

use super::finding::{Finding, Severity};
use crate::diff::TestChange;

const OWN: &str = "the test itself sends this, and has no attribute: with one, its set-up is left out by perfassert::unmeasured";

/// What of `findings` about the whole test is about the application. The allocations of a test that calls endpoints are compared there: the
/// rest is a client's. So are those of one that does something else than it did. And nobody has said that those of another do not depend on
/// chance: where they move by themselves, nothing is said of them.
pub(super) fn judged(test: &TestChange, is_rewritten: bool, mut findings: Vec<Finding>) -> Vec<Finding> {
    let is_a_client = is_rewritten || !test.endpoints.is_empty();
    findings.retain(|finding| !finding.is_about_memory() || !(is_a_client || finding.ranges.is_some()));
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Fail) {
        let mut risen = finding.statements.iter().filter(|statement| statement.rose()).peekable();
        if risen.peek().is_some() && risen.all(|statement| are_own(&test.test, &statement.sites)) {
            finding.severity = Severity::Warning;
            finding.help.push(OWN.to_owned());
        }
    }
    findings.retain(|finding| !(is_rewritten && finding.severity == Severity::Improvement));
    findings
}

/// Whether all these lines, and there are some, are those of the test and of what stands beside it.
fn are_own(test: &TestId, sites: &[Site]) -> bool {
    let module = test.name.rsplit_once("::").map(|(module, _)| format!("{module}::"));
    let is_beside =
        |site: &Site| module.as_ref().is_some_and(|module| site.function.starts_with(module.as_str()));
    !sites.is_empty() && sites.iter().all(|site| is_of_tests(&site.file) || is_beside(site))
}

/// Whether it is the file of a test program, as cargo has them by itself.
fn is_of_tests(file: &str) -> bool {
    let of_package = file.rsplit_once("/src/").map_or(file, |(_, in_sources)| in_sources);
    of_package.split('/').rev().skip(1).any(|dir| dir == "tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, sites: &[(&str, &str)], expected: bool) {
        let site = |(file, function): &(&str, &str)| Site {
            file: (*file).to_owned(),
            line: 7,
            function: (*function).to_owned(),
        };
        let test = TestId {
            package: "shop".to_owned(),
            target: "api".to_owned(),
            name: name.to_owned(),
            case: None,
        };
        let sites: Vec<_> = sites.iter().map(site).collect();
        assert_eq!(are_own(&test, &sites), expected, "{name} {sites:?}");
    }

    #[test]
    fn a_line_of_the_tests_is_told_from_one_of_the_application() {
        check("lists", &[("tests/api.rs", "lists")], true);
        check("lists", &[("shop/tests/common/mod.rs", "common::fill")], true);
        check("lists", &[("shop/src/orders.rs", "orders::list")], false);
        check("lists", &[("tests/api.rs", "lists"), ("src/orders.rs", "orders::list")], false);
        check("orders::tests::lists", &[("src/orders.rs", "orders::tests::fill")], true);
        check("orders::tests::lists", &[("src/orders.rs", "orders::list")], false);
        // An application that is itself a fixture.
        check("lists", &[("tests/apps/shop/src/orders.rs", "orders::list")], false);
        check("lists", &[], false);
    }
}
