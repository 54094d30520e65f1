//! Counts as committed snapshots, in the tests. As the baseline of a diff: see `committed_baseline`.

use std::fs;

use crate::project::{Project, QUICK, Ran};

pub(crate) const LIST: &str = "tests/snapshots/api__lists_entries.snap";

/// The ledger with its snapshots on `main`, taken where each test has its process for itself.
pub(crate) fn committed() -> Project {
    let ledger = Project::ledger();
    commit_snapshots(&ledger);
    ledger
}

fn commit_snapshots(ledger: &Project) {
    for test in ["lists_entries", "shows_an_entry"] {
        test_with(ledger, &[("INSTA_UPDATE", "always")], &[test, "--exact"]).exits(0);
    }
    ledger.commit("snapshots");
}

/// `cargo test` with these variables and arguments of the harness.
pub(crate) fn test_with(project: &Project, variables: &[(&str, &str)], harness: &[&str]) -> Ran {
    let mut command = project.command("cargo");
    command.args(["test", "--quiet"]).args(QUICK).args(["--test", "api", "--"]).args(harness);
    Ran::of(command.envs(variables.iter().copied()))
}

pub(crate) fn test(project: &Project, harness: &[&str]) -> Ran {
    test_with(project, &[], harness)
}

/// The body of a snapshot.
fn body(project: &Project, path: &str) -> String {
    let text = fs::read_to_string(project.root.join(path)).unwrap();
    text.rsplit_once("---\n").unwrap().1.to_owned()
}

#[test]
fn a_reviewer_reads_it() {
    let ledger = committed();
    assert_eq!(
        body(&ledger, LIST),
        "[test]\nqueries = 1\nallocs = 100\n\n\
         [\"GET /entries\"]\nrequests = 1\nqueries = 1\nallocs = 100\nstatements = [\n  \
         { count = 1, sql = \"SELECT id, amount FROM entries WHERE account = ?\" },\n]\n"
    );
    // What an endpoint tells of is not told again.
    assert_eq!(
        body(&ledger, "tests/snapshots/api__shows_an_entry.snap"),
        "[test]\nqueries = 2\nallocs = 0\nstatements = [\n  { count = 1, sql = 'SELECT count(*) FROM \"Entries\"' },\n]\n\n\
         [\"GET /entries/{id}\"]\nrequests = 1\nqueries = 1\nallocs = 0\nstatements = [\n  \
         { count = 1, sql = \"SELECT id, amount FROM entries WHERE id = ?\" },\n]\n"
    );
    // However the tests are run, nothing is written that is the same.
    test(&ledger, &[]).exits(0);
    test(&ledger, &["--exact", "lists_entries"]).exits(0);
    assert_eq!(ledger.git(&["status", "--porcelain"]), "");
}

#[test]
fn one_that_is_not_there_fails_and_waits_for_review() {
    let ledger = Project::ledger();
    // D41: in CI nothing is written.
    test_with(&ledger, &[("CI", "true")], &[]).exits(101);
    assert_eq!(ledger.git(&["status", "--porcelain"]), "");
    test(&ledger, &[]).exits(101).shows(&["cargo insta review"]);
    assert_eq!(ledger.git(&["status", "--porcelain"]), "?? tests/snapshots/");
    // Several tests in a process: the first pays for what is done once, so allocations are not written.
    assert!(!body(&ledger, &format!("{LIST}.new")).contains("allocs"));
}

#[test]
fn one_query_more_is_a_difference() {
    let ledger = committed();
    ledger.edit(
        "src/lib.rs",
        "account = 7\");",
        "account = 7\");\n        perfassert::query(\"SELECT 1 FROM b\");",
    );
    test(&ledger, &[]).exits(101).shows(&["-queries = 1", "+queries = 2", "SELECT ? FROM b"]);
    // As many of others, too.
    ledger.edit("src/lib.rs", "perfassert::query(\"SELECT id, amount FROM entries WHERE account = 7\");", "");
    test(&ledger, &[]).exits(101).shows(&["+  { count = 1, sql = \"SELECT ? FROM b\" },"]);
}

/// Q61: a test makes a schema for itself, with another name in each run.
#[test]
fn a_name_that_is_made_up_for_the_run_changes_nothing() {
    let ledger = Project::ledger();
    ledger.edit("src/lib.rs", "account = 7\");", "account = 7\");\n        list_in_a_schema();");
    ledger.edit(
        "src/lib.rs",
        "fn allocate(",
        "fn list_in_a_schema() {
    let nanos = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    let schema = format!(\"test_{:x}{nanos:08x}\", std::process::id());
    perfassert::query(&format!(\"CREATE SCHEMA {schema}\"));
    perfassert::query(&format!(\"CREATE TABLE {schema}.entries (id int)\"));
    perfassert::query(&format!(\"SELECT id FROM {schema}.entries\"));
}

fn allocate(",
    );
    commit_snapshots(&ledger);
    let body = body(&ledger, LIST);
    for sql in ["CREATE SCHEMA ?", "CREATE TABLE ?.entries (id int)", "SELECT id FROM ?.entries"] {
        assert!(body.contains(&format!("sql = \"{sql}\"")), "{body}");
    }
    test(&ledger, &["--exact", "lists_entries"]).exits(0);
    ledger.branch("src/lib.rs", "A ledger", "This ledger");
    for baseline in [&["diff", "main"][..], &["diff", "main", "--rebuild"]] {
        ledger
            .perfassert(baseline)
            .exits(0)
            .says(&["no regression"])
            .says_nothing_of(&["changed SQL", "(new)"]);
    }
}

#[test]
fn allocations_may_not_rise() {
    let ledger = committed();
    let check = |allocations: &str, code: i32| {
        ledger.git(&["checkout", "--quiet", "src/lib.rs"]);
        ledger.edit("src/lib.rs", "usize = 100", &format!("usize = {allocations}"));
        test(&ledger, &["--exact", "lists_entries"]).exits(code);
    };
    check("100", 0);
    check("101", 101);
    check("50", 0);
    // Together with the other test they are not compared, and those that are committed stay.
    ledger.edit("src/lib.rs", "usize = 50", "usize = 200");
    test(&ledger, &[]).exits(0);
    ledger.edit("src/lib.rs", "account = 7", "payer = 7");
    test_with(&ledger, &[("INSTA_UPDATE", "always")], &[]).exits(0);
    assert!(body(&ledger, LIST).contains("allocs = 100"), "{}", body(&ledger, LIST));
    assert!(body(&ledger, LIST).contains("payer = ?"));
    // Nor with what was counted elsewhere.
    ledger.edit(LIST, "profile: debug", "profile: release");
    test(&ledger, &["--exact", "lists_entries"]).exits(0);
    ledger.edit(LIST, "profile: release", "profile: debug");
    test(&ledger, &["--exact", "lists_entries"]).exits(101);
}

#[test]
fn d40_a_merge_conflict_is_said() {
    let ledger = committed();
    ledger.edit(
        LIST,
        "queries = 1\nallocs = 100\n\n",
        "<<<<<<< HEAD\nqueries = 1\n=======\nqueries = 2\n>>>>>>> other\n\n",
    );
    test(&ledger, &[]).exits(101).shows(&[
        "the snapshot of lists_entries cannot be compared: it has a merge conflict",
        LIST,
        "help: settle it",
    ]);
    ledger.commit("a merge that was left off");
    ledger.perfassert(&["diff", "main"]).exits(3).tells(&[LIST, "it has a merge conflict", "--rebuild"]);
}

#[test]
fn d50_line_breaks_do_not_matter() {
    let ledger = committed();
    let text = fs::read_to_string(ledger.root.join(LIST)).unwrap();
    ledger.write(LIST, &text.replace('\n', "\r\n"));
    test(&ledger, &["--exact", "lists_entries"]).exits(0);
    ledger.commit("with line breaks of Windows");
    ledger.perfassert(&["diff", "main"]).exits(0).says(&["its committed snapshots): 2 tests compared"]);
}

#[test]
fn all_tests_by_configuration() {
    let ledger = Project::ledger();
    let unmarked =
        "#[perfassert::max_queries(5)]\n#[test]\nfn lists_entries() {\n    ledger::list_entries();\n}\n";
    ledger.write("tests/api.rs", unmarked);
    test(&ledger, &[]).exits(0);
    ledger.write("perfassert.toml", "snapshot = \"all\"\n");
    test_with(&ledger, &[("CI", "true")], &[]).exits(101).shows(&["snapshot assertion"]);
    test_with(&ledger, &[("PERFASSERT_SNAPSHOT", "marked")], &[]).exits(0);
    // What cannot be read is no licence.
    ledger.write("perfassert.toml", "snapshots = \"all\"\n");
    test(&ledger, &[]).exits(101).shows(&["perfassert.toml cannot be read", "unknown field `snapshots`"]);
}

#[test]
fn a_test_that_is_over_its_budget_waits_for_review_too() {
    let ledger = committed();
    ledger.edit(
        "tests/api.rs",
        "#[perfassert::snapshot]",
        "#[perfassert::max_queries(0)]\n#[perfassert::snapshot]",
    );
    ledger.edit("src/lib.rs", "account = 7", "payer = 7");
    test(&ledger, &["--exact", "lists_entries"]).exits(101).shows(&["lists_entries exceeded its budget"]);
    assert!(body(&ledger, &format!("{LIST}.new")).contains("payer = ?"));
}
