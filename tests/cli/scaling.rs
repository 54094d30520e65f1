//! A test that runs with several sizes, in a project: it is one test, and its record is of the largest.

use crate::project::Project;

const TESTS: &str = "
#[perfassert::scaling(queries = \"constant\")]
#[test]
fn lists_accounts(n: usize) {
    accounts(n);
}

fn accounts(n: usize) {
    perfassert::query(\"SELECT id FROM accounts\");
    for _ in 0..n / 100 {
        perfassert::query(\"SELECT name FROM accounts WHERE id = 7\");
    }
}
";

/// A ledger whose only test has sizes.
fn ledger() -> Project {
    let ledger = Project::ledger();
    ledger.write("tests/api.rs", TESTS);
    ledger.commit("with sizes");
    ledger
}

#[test]
fn it_is_one_test_of_a_run() {
    let ledger = ledger();
    ledger.perfassert(&["run"]).exits(0).says(&["lists_accounts"]).says_nothing_of(&["_n_16"]);
    ledger.edit("tests/api.rs", "n / 100", "n");
    let over = "queries: 2, 5, 17 for n = 1, 4, 16: 1 + n, and \"constant\" is allowed";
    ledger
        .perfassert(&["run"])
        .exits(100)
        .says(&["lists_accounts", "17          0  over budget"])
        .tells(&[over]);
}

#[test]
fn what_grows_is_a_regression() {
    let ledger = ledger();
    ledger.branch("tests/api.rs", "n / 100", "n");
    let said = [
        "duplicate  ledger api lists_accounts   1 -> 17 queries  (+16)",
        "16x  SELECT name FROM accounts WHERE id = ?  (new, duplicate)",
        "help: load it once and keep it: the values are the same each time",
    ];
    ledger.perfassert(&["diff", "main"]).exits(100).says(&said);
    let in_format = |format| ledger.perfassert(&["diff", "main", "--format", format]).exits(100);
    in_format("markdown").says(&["#### duplicate: `ledger api lists_accounts`", "(new, duplicate)"]);
    in_format("json")
        .says(&["\"kind\": \"duplicate\"", "\"n_plus_one\": false,\n          \"duplicate\": true"]);
}

#[test]
fn its_snapshot_is_of_the_largest_size() {
    let ledger = ledger();
    ledger.edit("tests/api.rs", "#[test]", "#[perfassert::snapshot]\n#[test]");
    ledger.edit("tests/api.rs", "\"constant\"", "\"linear\"");
    ledger.edit("tests/api.rs", "n / 100", "n");
    let mut test = ledger.command("cargo");
    test.args(["test", "--quiet", "--test", "api"]).env("INSTA_UPDATE", "always");
    assert!(test.output().unwrap().status.success());
    let snapshot = ledger.root.join("tests/snapshots/api__lists_accounts.snap");
    let text = std::fs::read_to_string(snapshot).unwrap();
    assert!(text.contains("queries = 17\n") && text.contains("count = 16"), "{text}");
    assert_eq!(
        ledger.git(&["ls-files", "--others", "--exclude-standard"]),
        "tests/snapshots/api__lists_accounts.snap"
    );
}
