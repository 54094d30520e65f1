//! Committed snapshots as the baseline of a diff.

use std::fs;

use crate::project::Project;
use crate::snapshots::{LIST, committed, test, test_with};

/// A branch of the ledger with an N+1 in the list.
fn with_n_plus_one() -> Project {
    let ledger = committed();
    ledger.branch(
        "src/lib.rs",
        "account = 7\");",
        "account = 7\");\n        for i in 0..9 { perfassert::query(&format!(\"SELECT name FROM payers WHERE id = {i}\")); }",
    );
    ledger
}

#[test]
fn a_branch_is_compared_with_the_snapshots_of_main() {
    let ledger = with_n_plus_one();
    let ran = ledger.perfassert(&["diff", "main"]).exits(100).says(&[
        "against main (merge base ",
        "its committed snapshots): 2 tests compared",
        "GET /entries   1 -> 10 queries in one request  (+9)",
        "9x  SELECT name FROM payers WHERE id = ?  (new, N+1)",
    ]);
    assert!(!ran.err.contains("worktree"), "{}", ran.err);
    ledger.perfassert(&["diff", "main", "--rebuild"]).exits(100).says(&["rebuilt): 2 tests compared"]);
    // What is on the branch is not what is compared with.
    test_with(&ledger, &[("INSTA_UPDATE", "always")], &[]).exits(0);
    ledger.commit("accepted");
    ledger.perfassert(&["diff", "main"]).exits(100).says(&["its committed snapshots"]);
    let json = ledger.perfassert(&["diff", "main", "--format", "json"]).exits(100);
    assert!(json.out.contains("\"origin\": \"snapshots\""), "{}", json.out);
}

#[test]
fn d4_once_per_row_of_the_statement_below() {
    let ledger = with_n_plus_one();
    ledger.edit(
        "src/lib.rs",
        "perfassert::query(\"SELECT id, amount FROM entries WHERE account = 7\");",
        "perfassert::source::Execution::new(\"SELECT id, amount FROM entries WHERE account = 7\").rows(9).record();",
    );
    ledger.commit("a driver that tells of rows");
    ledger.perfassert(&["diff", "main"]).exits(100).says(&[
        "N+1  GET /entries   1 -> 10 queries in one request  (+9)",
        "9x  SELECT name FROM payers WHERE id = ?  (new, 1 + n: once per row of the statement below)",
        "1x  SELECT id, amount FROM entries WHERE account = ?  (unchanged)",
    ]);
}

#[test]
fn tests_come_and_go_in_snapshots() {
    let ledger = committed();
    ledger.branch("tests/api.rs", "fn shows_an_entry", "fn shows_one_entry");
    let removed = ledger.perfassert(&["diff", "main"]).exits(0);
    removed.says(&[
        "shows_an_entry -> ledger api shows_one_entry",
        "its committed snapshots): 2 tests compared",
    ]);
    // D18: what was not run is not gone.
    let filtered = ledger.perfassert(&["diff", "main", "--", "lists"]).exits(0);
    filtered.says(&["1 test compared"]).says_nothing_of(&["shows_an_entry"]);
}

#[test]
fn a_test_without_a_snapshot_has_the_baseline_measured() {
    let ledger = committed();
    ledger.edit(
        "tests/api.rs",
        "#[perfassert::snapshot]\n#[test]\nfn shows",
        "#[perfassert::max_queries(3)]\n#[test]\nfn shows",
    );
    ledger.commit("a budget in place of a snapshot");
    ledger
        .perfassert(&["diff", "main"])
        .exits(0)
        .says(&["rebuilt): 2 tests compared"])
        .tells(&["no snapshots to compare with: 1 of 2 tests has no snapshot"]);
}

#[test]
fn d78_a_snapshot_with_a_damaged_head_is_an_error() {
    let ledger = committed();
    let text = fs::read_to_string(ledger.root.join(LIST)).unwrap();
    let damaged = "its header is damaged";
    for text in [format!("\u{feff}{text}"), text[40..].to_owned(), String::new()] {
        ledger.write(LIST, &text);
        ledger.commit("damaged");
        ledger.perfassert(&["diff", "HEAD"]).exits(3).tells(&[LIST, damaged, "--rebuild"]);
    }
    test(&ledger, &["--exact", "lists_entries"]).exits(101).shows(&[
        damaged,
        LIST,
        "cargo insta test --review",
    ]);
}

/// It was left behind where the test stood once, and would excuse anything.
#[test]
fn of_two_snapshots_the_test_s_own_counts() {
    let ledger = committed();
    let text = fs::read_to_string(ledger.root.join(LIST)).unwrap();
    let left = "tests/was/snapshots/api__lists_entries.snap";
    ledger.write(left, &text.replace("queries = 1", "queries = 99"));
    ledger.commit("a test that moved");
    ledger.branch(
        "src/lib.rs",
        "account = 7\");",
        "account = 7\");\n        perfassert::query(\"SELECT 1\");",
    );
    ledger
        .perfassert(&["diff", "main"])
        .exits(100)
        .says(&["its committed snapshots): 2 tests compared", "more  GET /entries   1 -> 2 queries"]);
    // Without its own none of them is known to be it.
    ledger.git(&["switch", "--quiet", "--detach", "main"]);
    ledger.git(&["mv", LIST, "tests/was/snapshots/another.snap"]);
    ledger.commit("none of its own");
    ledger
        .perfassert(&["diff", "HEAD"])
        .tells(&["no snapshots to compare with: it has several of api lists_entries"]);
}

/// The base has the test, and either never had its snapshot or has it no more: the branch's own is no reason to call it new.
#[test]
fn d77_a_snapshot_that_the_branch_adds() {
    let ledger = committed();
    let snapshot = "tests/snapshots/api__shows_an_entry.snap";
    let text = fs::read_to_string(ledger.root.join(snapshot)).unwrap();
    ledger.git(&["rm", "--quiet", snapshot]);
    ledger.commit("a snapshot less");
    ledger.branch(
        "src/lib.rs",
        "WHERE id = 1\");",
        "WHERE id = 1\");\n        perfassert::query(\"SELECT 1\");",
    );
    ledger.write(snapshot, &text.replace("queries = 2", "queries = 3"));
    ledger.commit("its snapshot");
    ledger
        .perfassert(&["diff", "main"])
        .exits(100)
        .says(&["rebuilt): 2 tests compared", "more  GET /entries/{id}   1 -> 2 queries in one request"])
        .tells(&["no snapshots to compare with: 1 test that is there already without one"]);
    // One that is new has no other side, and nothing is built for it.
    ledger.edit("tests/api.rs", "fn shows_an_entry", "fn shows_one_entry");
    ledger.perfassert(&["diff", "main"]).says(&["its committed snapshots): 1 test compared", "new tests:"]);
}

/// What got looser, whichever side it is read from; and what is not measured any more is told by what took it away.
#[test]
fn d44_gates_changed() {
    let ledger = committed();
    let test =
        |attributes: &str, name: &str, body: &str| format!("{attributes}#[test]\nfn {name}{{ {body}; }}\n\n");
    let all = |limit: i64, of_list: &str, of_show: &str, of_sum: &str, of_close: &str, of_page: &str| {
        format!(
            "use perfassert::{{max_queries, no_n_plus_one, scaling, snapshot}};\n\nconst LIMIT: i64 = {limit};\n\n"
        ) + &test(of_list, "lists_entries() ", "ledger::list_entries()")
            + &test(of_show, "shows_an_entry() ", "ledger::show_entry()")
            + &test(of_sum, "sums_entries() ", "ledger::list_entries()")
            + &test(of_close, "closes_an_entry() ", "ledger::show_entry()")
            + &test(of_page, "pages(n: usize) ", "(0..n).for_each(|_| ledger::list_entries())")
    };
    let before = all(
        5,
        "#[max_queries(3, endpoint = \"GET /entries\")]\n#[perfassert::max_allocs(9_000, bytes = \"1 MiB\")]\n#[no_n_plus_one]\n#[snapshot]\n",
        "#[max_queries(LIMIT)]\n#[no_n_plus_one(threshold = 4)]\n#[snapshot]\n",
        "#[max_queries(1)]\n#[snapshot]\n",
        "#[max_queries(2)]\n#[snapshot]\n",
        "#[scaling(queries = \"linear\", allocs = \"linear\")]\n#[snapshot]\n",
    );
    ledger.write("tests/api.rs", &before);
    for name in ["lists_entries", "shows_an_entry", "sums_entries", "closes_an_entry", "pages"] {
        test_with(&ledger, &[("INSTA_UPDATE", "always")], &[name, "--exact"]).exits(0);
    }
    ledger.commit("limits");
    let now = all(
        50,
        "#[max_queries(30, endpoint = \"GET /entries\")]\n#[perfassert::max_allocs(9_000)]\n#[no_n_plus_one(threshold = 9)]\n#[snapshot]\n",
        "#[max_queries(LIMIT)]\n#[snapshot]\n",
        "#[max_queries(1)]\n#[snapshot]\n#[ignore = \"slow\"]\n",
        "",
        "#[scaling(queries = \"quadratic\")]\n#[snapshot]\n",
    );
    ledger.branch("tests/api.rs", &before, &now);
    let changed = [
        "gates changed:",
        "GET /entries in ledger api lists_entries: queries budget of 3 raised to 30",
        "ledger api lists_entries: bytes budget of 1048576 removed",
        "ledger api lists_entries: no_n_plus_one threshold of 3 raised to 9",
        "ledger api shows_an_entry: no_n_plus_one removed",
        "ledger api sums_entries: #[ignore = \"slow\"] added",
        "ledger api closes_an_entry: queries budget of 2 removed",
        "ledger api closes_an_entry: #[snapshot] removed",
        "ledger api pages: scaling of queries loosened from linear to quadratic",
        "ledger api pages: scaling of allocs removed",
    ];
    let of_snapshots = ledger.perfassert(&["diff", "main"]).exits(0);
    of_snapshots
        .says(&["its committed snapshots): 4 tests compared"])
        .says(&changed)
        .says_nothing_of(&["removed tests"]);
    // A limit that the sources hide is in the records of a side that was measured.
    let rebuilt = ledger.perfassert(&["diff", "main", "--rebuild"]).exits(0);
    rebuilt
        .says(&["rebuilt): 4 tests compared", "ledger api shows_an_entry: queries budget of 5 raised to 50"])
        .says(&changed)
        .says_nothing_of(&["removed tests"]);
    ledger
        .perfassert(&["diff", "main", "--deny-removed"])
        .exits(100)
        .says(&["removed  ledger api sums_entries", "its counts are checked by nothing any more"]);
}

#[test]
fn d8_a_snapshot_that_is_older_than_the_code_accuses_nobody() {
    let ledger = committed();
    ledger.edit("src/lib.rs", "usize = 100", "usize = 101");
    ledger.commit("one more, and the snapshot is as it was");
    ledger.branch("src/lib.rs", "//! A ledger", "//! This ledger");
    let measured = "its committed snapshots, measured where allocations rose): 2 tests compared";
    let ran = ledger.perfassert(&["diff", "main"]).exits(0).says(&["no regression", measured]);
    let ran = ran.tells(&["counts of 1 test changed; measuring again on the baseline"]);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    ledger.edit("src/lib.rs", "usize = 101", "usize = 102");
    ledger
        .perfassert(&["diff", "main"])
        .exits(100)
        .says(&[measured, "101 -> 102 allocs in one request  (+1)"]);
    let json = ledger.perfassert(&["diff", "main", "--format", "json"]).exits(100);
    json.says(&["\"origin\": \"snapshots_and_measured\"", "\"unconfirmed\": null"]);
    // Less than it says is no news either, and nothing is built for it.
    ledger.edit("src/lib.rs", "usize = 102", "usize = 50");
    let ran = ledger.perfassert(&["diff", "main"]).exits(0);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    assert!(!ran.err.contains("measuring again"), "{}", ran.err);
}

#[test]
fn d29_what_cannot_be_measured_again_is_compared_with_its_snapshot() {
    let ledger = committed();
    ledger.edit("src/lib.rs", "usize = 100", "usize = \"many\"");
    ledger.commit("broken");
    ledger.branch("src/lib.rs", "usize = \"many\"", "usize = 101");
    ledger.perfassert(&["diff", "main"]).exits(100).says(&[
        "its committed snapshots): 2 tests compared",
        "not confirmed: ",
        " could not be measured again: the tests do not compile; a change may be chance, or older than this branch",
        "100 -> 101 allocs in one request  (+1)",
    ]);
}

#[test]
fn a_baseline_before_the_snapshots_is_measured() {
    let ledger = committed();
    ledger
        .perfassert(&["diff", "main~1", "--tip"])
        .exits(0)
        .says(&["rebuilt): 2 tests compared"])
        .tells(&["no snapshots to compare with: it has no snapshots yet"]);
}
