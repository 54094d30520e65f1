//! Tests without an attribute whose counts are committed.

use std::fs;

use crate::insta::insta;
use crate::project::{Project, Ran};
use crate::unmarked::{plain, without_failures};

const LISTS: &str = "tests/snapshots/plain__lists.snap";
const LABELS: &str = "tests/orders/snapshots/unlinked__orders__parts__labels.snap";

/// Tests in files of their own, and of which none counts what the set-up allocates.
fn asked() -> Project {
    let project = plain();
    without_failures(&project);
    // It would want another feature.
    project.edit("tests/plain.rs", "    #[perfassert::max_allocs(3)]\n", "");
    project.write("tests/unlinked.rs", "use perfassert as _;\nmod orders;\n");
    project.write("tests/orders/mod.rs", "mod parts;\n");
    project.write("tests/orders/parts.rs", "#[test]\nfn labels() {\n    depot::labels(2);\n}\n");
    project.write("perfassert.toml", "snapshot = \"all\"\nmax_queries = 100\n");
    project.commit("snapshots of all");
    project
}

fn run(project: &Project, variables: &[(&str, &str)]) -> Ran {
    Ran::of(project.perfassert_command(&["run", "--quiet"]).envs(variables.iter().copied()))
}

fn read(project: &Project, file: &str) -> String {
    fs::read_to_string(project.root.join(file)).unwrap()
}

#[test]
fn they_are_reviewed_and_asserted() {
    let project = asked();
    run(&project, &[("CI", "true")]).exits(100).tells(&[
        "snapshot is new: depot plain lists\n      tests/snapshots/plain__lists.snap\n",
        "help: INSTA_UPDATE=new cargo perfassert run, then cargo insta review",
    ]);
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    run(&project, &[]).exits(100).tells(&[
        "snapshot is new: depot unlinked orders::parts::labels\n      tests/orders/snapshots/",
        "help: cargo insta review",
    ]);
    insta(&project, "pending-snapshots").exits(0).says(&[LISTS, LABELS]);
    insta(&project, "accept").exits(0);
    let accepted = read(&project, LISTS);
    assert!(accepted.contains("source: tests/plain.rs\n"), "{accepted}");
    assert!(accepted.contains("    has_attribute: false\n"), "{accepted}");
    let (_, body) = accepted.rsplit_once("---\n").unwrap();
    assert_eq!(
        body,
        "[test]\nqueries = 4\nstatements = [\n  { count = 3, sql = \"SELECT name FROM items WHERE id = ?\" },\n]\n\n[\"GET /items\"]\nrequests = 1\nqueries = 1\nallocs = 1\nstatements = [\n  { count = 1, sql = \"SELECT name FROM items WHERE id = ?\" },\n]\n"
    );
    assert!(read(&project, LABELS).ends_with("---\n[test]\nallocs = 2\n"));
    run(&project, &[("CI", "true")]).exits(0).shows_nothing_of(&["snapshot"]);
    project.commit("snapshots");

    // What changes waits beside it, and is gone when that is undone.
    project.edit("tests/plain.rs", "    list(1);", "    list(5);");
    run(&project, &[]).exits(100).tells(&[
        "snapshot differs: depot plain lists\n      tests/snapshots/plain__lists.snap\n       [test]\n      -queries = 4\n",
        "+queries = 8",
    ]);
    assert!(project.root.join(format!("{LISTS}.new")).exists());
    let json = Ran::of(project.perfassert_command(&["run", "--format", "json"]).env("CI", "true")).exits(100);
    assert!(json.out.contains("\"state\": \"changed\""), "{}", json.out);
    project.edit("tests/plain.rs", "    list(5);", "    list(1);");
    run(&project, &[]).exits(0);
    assert_eq!(project.git(&["status", "--porcelain"]), "");

    project.edit(LISTS, "---\nsource", "<<<<<<< HEAD\n---\nsource");
    run(&project, &[("INSTA_UPDATE", "always")]).exits(101).tells(&[
        "snapshot cannot be compared: depot plain lists",
        "it has a merge conflict",
        "help: settle it",
    ]);
    assert!(read(&project, LISTS).starts_with("<<<<<<< HEAD"));
}

#[test]
fn they_are_the_baseline() {
    let project = asked();
    run(&project, &[("INSTA_UPDATE", "always")]).exits(0);
    project.commit("snapshots");
    project.git(&["switch", "--quiet", "--create", "branch"]);
    project
        .perfassert(&["diff", "main"])
        .exits(0)
        .says(&["its committed snapshots): 8 tests compared\n"])
        .shows_nothing_of(&["not comparable"]);
    project.edit("tests/plain.rs", "    list(1);", "    list(7);");
    project.commit("worse");
    project
        .perfassert(&["diff", "main"])
        .exits(100)
        .says(&["its committed snapshots", "GET /items   1 -> 7 queries"]);
    // A test that main has without a snapshot is measured there.
    project.git(&["switch", "--quiet", "main"]);
    project.git(&["rm", "--quiet", LABELS]);
    project.commit("a snapshot less");
    project.perfassert(&["diff", "HEAD~1"]).exits(0);
    project.git(&["switch", "--quiet", "--create", "other"]);
    project
        .perfassert(&["diff", "main"])
        .exits(0)
        .tells(&["no snapshots to compare with: 1 test that is there already without one"]);
}
