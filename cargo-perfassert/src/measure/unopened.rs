//! Tests that passed, have an attribute by their sources, and did not even begin: their process ended in a fixture, or before `main`.
//! Only nextest runs each test in a process of its own and calls one passed that exits with 0.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Package, Target};
use perfassert_record::record::TestId;

use super::list::has_path;
use crate::sources::{marked, name_of_crate, name_of_perfassert};
use crate::workspace::Workspace;

/// A test as nextest prints it: the binary and the path.
pub(super) type PrintedTest = (String, String);

/// Of the tests that `passed` those that are not among `seen`, which have begun or left a record.
pub(super) fn unopened(workspace: &Workspace, passed: &[PrintedTest], seen: &[&TestId]) -> Vec<TestId> {
    let mut sources = BTreeMap::new();
    let mut of = |binary: &str| -> Option<(TestId, BTreeSet<String>)> {
        let found = sources.entry(binary.to_owned()).or_insert_with(|| declared(workspace, binary));
        found.clone()
    };
    let mut unopened = Vec::new();
    for (binary, name) in passed {
        let Some((of_binary, marked)) = of(binary) else { continue };
        let is_it = |test: &TestId| {
            test.package == of_binary.package && test.target == of_binary.target && has_path(test, name)
        };
        if is_marked(&marked, name) && !seen.iter().any(|test| is_it(test)) {
            unopened.push(TestId { name: name.clone(), ..of_binary });
        }
    }
    unopened
}

/// Whether the test is one of these functions, or a case of one.
fn is_marked(marked: &BTreeSet<String>, name: &str) -> bool {
    marked.contains(name)
        || name.rsplit_once("::").is_some_and(|(test, case)| TestId::is_case(case) && marked.contains(test))
}

/// What the tests of a binary have in common, and which of them are marked by its sources. None of a package that has no perfassert.
fn declared(workspace: &Workspace, binary: &str) -> Option<(TestId, BTreeSet<String>)> {
    let (package, target) = binary.split_once("::").unwrap_or((binary, ""));
    let packages = workspace.metadata.workspace_packages();
    let package = packages.into_iter().find(|it| it.name == package)?;
    let perfassert = name_of_perfassert(package)?;
    let target = target_of(package, target)?;
    let test = TestId {
        package: package.name.to_string(),
        target: name_of_crate(target),
        name: String::new(),
        case: None,
    };
    Some((test, marked(target.src_path.as_std_path(), &perfassert)))
}

/// The target that nextest calls `name` in its package.
fn target_of<'a>(package: &'a Package, name: &str) -> Option<&'a Target> {
    let (kind, name) = name.split_once('/').unwrap_or(("test", name));
    let is_kind = |target: &&Target| match (kind, name) {
        ("test", "") => !["bin", "test", "bench", "example", "custom-build"]
            .iter()
            .any(|other| target.kind.iter().any(|kind| kind.to_string() == *other)),
        _ => target.name == name && target.kind.iter().any(|of| of.to_string() == kind),
    };
    package.targets.iter().find(is_kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn this_workspace() -> Workspace {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        Workspace::read(dir, None, &["--offline".to_owned()]).unwrap()
    }

    #[test]
    fn a_case_is_its_tests() {
        let marked = BTreeSet::from(["orders::lists".to_owned()]);
        let check = |name: &str, expected: bool| assert_eq!(is_marked(&marked, name), expected, "{name}");
        check("orders::lists", true);
        check("orders::lists::case_1", true);
        check("orders::lists::case_2_none", true);
        check("orders::lists::shows", false);
        check("lists", false);
    }

    #[test]
    fn a_binary_is_found_as_nextest_names_it() {
        let workspace = this_workspace();
        let check = |binary: &str, expected: Option<&str>| {
            let found =
                declared(&workspace, binary).map(|(test, _)| format!("{} {}", test.package, test.target));
            assert_eq!(found.as_deref(), expected, "{binary}");
        };
        check("storefront", Some("storefront storefront"));
        check("storefront::api", Some("storefront api"));
        check("storefront::nothing", None);
        check("nothing", None);
        check("perfassert", None);
    }

    /// The examples' tests have attributes.
    #[test]
    fn what_passed_and_was_not_seen_is_named() {
        let workspace = this_workspace();
        let passed: Vec<PrintedTest> = ["lists_orders", "shows_an_order", "not_there"]
            .map(|name| ("storefront::api".to_owned(), name.to_owned()))
            .into();
        let all = unopened(&workspace, &passed, &[]);
        assert!(all.iter().any(|test| test.name == "lists_orders"), "{all:?}");
        assert!(unopened(&workspace, &passed, &all.iter().collect::<Vec<_>>()).is_empty());
    }
}
