//! `cargo perfassert diff`: what is found and what is not.

use crate::project::Project;

const LIST: &str = "db.query(\"SELECT id, customer_id, total FROM orders\");";
const LAZY: &str = "db.query(\"SELECT id, customer_id, total FROM orders\");
    for _ in 0..10 {
        db.query(\"SELECT name FROM customers WHERE id = ?\");
    }";

/// A branch on which the list of orders reads like this.
fn with_list(code: &str) -> Project {
    let shop = Project::shop();
    shop.branch("src/lib.rs", LIST, code);
    shop
}

#[test]
fn d1_no_change_is_one_line() {
    let shop = Project::shop();
    let ran = shop.perfassert(&["diff", "main"]).exits(0);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    ran.says(&["perfassert: no regression against main (merge base ", ", rebuilt): 2 tests compared"]);
    // The second one needs no build, and its baseline no worktree.
    let again = shop.perfassert(&["diff", "main"]).exits(0).says(&["measured before"]);
    assert!(!again.err.contains("in a worktree"), "{}", again.err);
    shop.perfassert(&["diff", "main", "--rebuild"]).exits(0).says(&["rebuilt"]);
}

#[test]
fn d2_one_more_query_under_a_budget_fails_by_policy() {
    let shop = Project::shop();
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "test.max_queries(10);\n        test.request(\"GET /orders\", s",
    );
    shop.commit("a budget");
    shop.branch("src/lib.rs", LIST, &format!("{LIST}\n    db.query(\"SELECT count(*) FROM orders\");"));
    shop.perfassert(&["diff", "main"])
        .exits(100)
        .says(&[
            "more  GET /orders   1 -> 2 queries in one request  (+1)",
            "SELECT count(*) FROM orders  (new)",
            "src/lib.rs:9",
        ])
        .says_nothing_of(&["N+1"]);
}

#[test]
fn d3_over_the_budget_on_main_too() {
    let shop = Project::shop();
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "test.max_queries(0);\n        test.request(\"GET /orders\", s",
    );
    shop.commit("a budget that is too tight");
    shop.perfassert(&["diff", "main"]).exits(100).says(&[
        "over budget  shop api lists_orders   1 query, budget 0  (already there on the baseline)",
        "raise the budget: #[max_queries(1)]",
    ]);
}

#[test]
fn d4_a_lazy_load_in_a_loop() {
    with_list(LAZY).perfassert(&["diff", "main"]).exits(100).says(&[
        "perfassert: 1 regression against main (merge base ",
        "N+1  GET /orders   1 -> 11 queries in one request  (+10)  changed in this branch",
        "10x  SELECT name FROM customers WHERE id = ?  (new, N+1)",
        "src/lib.rs:10  shop::list_orders",
        "1x  SELECT id, customer_id, total FROM orders  (unchanged)",
        "seen by: shop api lists_orders",
        "help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN",
    ]);
}

#[test]
fn d5_the_same_count_and_another_statement_is_a_warning() {
    with_list("db.query(\"SELECT * FROM orders\");").perfassert(&["diff", "main"]).exits(0).says(&[
        "no regression",
        "changed SQL  GET /orders   1 query in one request",
        "1x  SELECT * FROM orders  (new)",
        "0x  SELECT id, customer_id, total FROM orders  (gone, was 1x)",
    ]);
}

#[test]
fn d6_from_nothing() {
    let shop = Project::shop();
    shop.edit("src/lib.rs", LIST, "let _ = db;");
    shop.commit("no query");
    shop.branch("src/lib.rs", "let _ = db;", LIST);
    shop.perfassert(&["diff", "main"])
        .exits(100)
        .says(&["new  GET /orders   0 -> 1 queries in one request  (+1)"]);
}

#[test]
fn d7_fewer_queries_offer_the_tighter_budget() {
    let shop = Project::shop();
    shop.edit("src/lib.rs", LIST, LAZY);
    shop.edit("tests/api.rs", "test.request(\"GET /orders\", s", "test.max_queries(11);\n        test.db().query(\"SELECT 1\");\n        test.request(\"GET /orders\", s");
    shop.edit("tests/api.rs", "max_queries(11)", "max_queries(12)");
    shop.commit("lazy");
    shop.branch("tests/api.rs", "        test.db().query(\"SELECT 1\");\n", "");
    shop.perfassert(&["diff", "main"]).exits(0).says(&[
        "better  shop api lists_orders   12 -> 11 queries  (-1), budget 12",
        "tighten the budget to keep it: #[max_queries(11)]",
    ]);
}

#[test]
fn d8_d9_allocations_and_another_compiler() {
    let shop = Project::shop();
    shop.branch("src/lib.rs", "A shop", "This shop");
    shop.edit("src/lib.rs", "db.allocate(100)", "db.allocate(101)");
    // Measured and marked, though it is not committed; and told when it was seen in six looks at each side. This branch is asked once more
    // for the functions, of which it knows none.
    let ran = shop.perfassert(&["diff", "main"]).exits(100).says(&[
        "more  GET /orders/{id}   100 -> 101 allocs in one request  (+1)",
        "working tree with uncommitted changes",
    ]);
    assert_eq!(ran.err.matches("shows_an_order ... ").count(), 13, "{}", ran.err);
    assert_eq!(ran.err.matches("lists_orders ... ").count(), 2, "{}", ran.err);
    // What was seen of the baseline is known from then on.
    let again = shop.perfassert(&["diff", "main"]).exits(100).says(&["measured before", "(+1)"]);
    assert_eq!(again.err.matches("shows_an_order ... ").count(), 7, "{}", again.err);
    shop.edit("src/lib.rs", "db.allocate(101)", "db.allocate(99)");
    shop.perfassert(&["diff", "main"])
        .exits(0)
        .says(&["better  GET /orders/{id}   100 -> 99 allocs in one request  (-1)"]);
    shop.edit("src/db.rs", "\"1.95.0\"", "\"1.96.0\"");
    shop.edit("src/lib.rs", LIST, LAZY);
    shop.perfassert(&["diff", "main"])
        .exits(100)
        .says(&[
            "allocations are incomparable",
            "rustc 1.95.0, ",
            "rustc 1.96.0, ",
            "N+1  GET /orders   1 -> 11",
        ])
        .says_nothing_of(&["99 allocs"]);
}

#[test]
fn a20_a_buffer_that_is_a_thousand_times_larger() {
    let ledger = Project::ledger();
    ledger.branch("src/lib.rs", "Box::new(0_u64)", "Box::new([0_u64; 1000])");
    ledger.perfassert(&["diff", "main"]).exits(100).says(&[
        "1 regression against main",
        "more  GET /entries   100 allocs, 800 B -> 781.2 KiB in one request  (+780.5 KiB)",
    ]);
}

/// Each side has its own.
#[test]
fn the_configuration_is_heeded_on_both_sides() {
    let ledger = Project::ledger();
    let names = |times: u32| {
        format!(
            "account = 7\");\n        for i in 0..{times} {{ perfassert::query(&format!(\"SELECT name FROM payers WHERE id = {{i}}\")); }}"
        )
    };
    ledger.edit("src/lib.rs", "account = 7\");", &names(5));
    let allow = "[[allow]]\nstatement = \"SELECT name FROM payers WHERE id = ?\"\nreason = \"few\"\n";
    ledger.write("perfassert.toml", &allow.replace("allow", "allowed"));
    ledger.commit("a word that is not known");
    ledger.branch("perfassert.toml", "allowed", "allow");
    ledger
        .perfassert(&["diff", "main"])
        .exits(0)
        .says(&["its gate was inconclusive on the baseline", "perfassert.toml cannot be read"]);
    ledger.edit("src/lib.rs", "0..5", "0..10");
    ledger
        .perfassert(&["diff", "HEAD"])
        .exits(100)
        .says(&["more  GET /entries   6 -> 11 queries"])
        .says_nothing_of(&["N+1  "]);
}

#[test]
fn d12_a_test_that_fails_by_itself() {
    let shop = Project::shop();
    shop.branch(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "assert!(false);\n        test.request(\"GET /orders\", s",
    );
    shop.perfassert(&["diff", "main"]).exits(101).says(&[
        "1 failed test against main",
        "failed tests, not measured:",
        "lists_orders",
        ": 1 test compared",
    ]);
    // One without an attribute is known from the output only; a gate that fails beside it does not hide it.
    shop.edit("tests/api.rs", "assert!(false);", "test.max_queries(0);");
    shop.edit(
        "tests/api.rs",
        "use shop::db",
        "#[test]\nfn plain() {\n    panic!(\"by itself\");\n}\n\nuse shop::db",
    );
    shop.perfassert(&["diff", "main"]).exits(101).says(&[
        "1 failed test, 1 regression",
        "plain",
        "over budget",
    ]);
}

#[test]
fn d13_an_endpoint_that_failed_on_the_baseline() {
    let shop = Project::shop();
    shop.edit("src/lib.rs", LIST, "db.fail();");
    shop.commit("broken");
    shop.branch("src/lib.rs", "db.fail();", LIST);
    shop.perfassert(&["diff", "main"]).exits(0).says(&[
        "not comparable:",
        "GET /orders in shop api lists_orders: 1 of its 1 requests failed on the baseline",
    ]);
}

#[test]
fn a_test_that_failed_on_the_baseline() {
    let shop = Project::shop();
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "assert!(false);\n        test.request(\"GET /orders\", s",
    );
    shop.commit("broken");
    shop.branch("tests/api.rs", "assert!(false);", "");
    shop.perfassert(&["diff", "main"]).exits(0).says(&[
        "not comparable:",
        "shop api lists_orders: it failed on the baseline",
        "failed on the baseline, not compared:",
        "rebuilt",
    ]);
    // A failure may have been chance: it is not kept.
    shop.perfassert(&["diff", "main"]).exits(0).says(&["rebuilt"]);
}

#[test]
fn d14_d15_d16_new_removed_and_renamed_tests() {
    let shop = Project::shop();
    shop.branch("tests/api.rs", "lists_orders", "are_listed");
    shop.edit("tests/api.rs", "fn shows_an_order", "fn finds_an_order");
    shop.edit(
        "tests/api.rs",
        "\"shows_an_order\", |test| {",
        "\"finds_an_order\", |test| {\n        test.db().query(\"SELECT 2\");",
    );
    shop.edit("tests/api.rs", "test.request(\"GET /orders/{id}\", shop::one_order);", "");
    shop.perfassert(&["diff", "main"]).exits(0).says(&[
        "new tests:",
        "removed tests:",
        "renamed? compared with what executes the same statements:\n     shop api lists_orders -> shop api are_listed",
    ]);
    shop.perfassert(&["diff", "main", "--deny-removed"])
        .exits(100)
        .says(&["1 regression", "removed  shop api shows_an_order"]);
    // A new test's own budget holds.
    shop.edit(
        "tests/api.rs",
        "test.db().query(\"SELECT 2\");",
        "test.max_queries(0);\n        test.db().query(\"SELECT 2\");",
    );
    shop.perfassert(&["diff", "main"]).exits(100).says(&["over budget  shop api finds_an_order"]);
}

/// Looks at both sides find the test by the name that it has there.
#[test]
fn d76_a_test_that_is_renamed_beside_a_regression() {
    let shop = with_list(LAZY);
    shop.edit("tests/api.rs", "lists_orders", "are_listed");
    shop.edit("src/lib.rs", "db.allocate(100)", "db.allocate(101)");
    shop.edit("tests/api.rs", "shows_an_order", "finds_an_order");
    let ran = shop.perfassert(&["diff", "main", "--deny-removed"]).exits(100).says(&[
        "2 regressions against main",
        "2 tests compared",
        "N+1  GET /orders   1 -> 11 queries in one request  (+10)",
        "more  GET /orders/{id}   100 -> 101 allocs in one request  (+1)",
        "shop api lists_orders -> shop api are_listed",
    ]);
    let ran = ran.says_nothing_of(&["new tests", "removed", "not confirmed"]);
    assert_eq!(ran.err.matches("lists_orders ... ").count(), 2, "{}", ran.err);
}

#[test]
fn d18_a_filtered_run() {
    let shop = with_list(LAZY);
    shop.perfassert(&["diff", "main", "--", "shows"])
        .exits(0)
        .says(&["1 test compared"])
        .says_nothing_of(&["removed", "lists_orders"]);
    shop.perfassert(&["diff", "main", "lists"]).exits(100).says(&["1 test compared", "N+1"]);
}

#[test]
fn d44_gates_changed() {
    let shop = Project::shop();
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "test.max_queries(3);\n        test.request(\"GET /orders\", s",
    );
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders/{id}\", s",
        "test.max_queries(4);\n        test.request(\"GET /orders/{id}\", s",
    );
    shop.commit("budgets");
    shop.branch("tests/api.rs", "test.max_queries(3);", "test.max_queries(30);");
    shop.edit("tests/api.rs", "test.max_queries(4);", "");
    shop.perfassert(&["diff", "main"]).exits(0).says(&[
        "gates changed:",
        "shop api lists_orders: queries budget of 3 raised to 30",
        "shop api shows_an_order: queries budget of 4 removed",
    ]);
}

#[test]
fn what_is_loosened_for_all_tests_is_a_gate_that_changed() {
    let shop = Project::shop();
    shop.write("perfassert.toml", "no_n_plus_one = true\n");
    shop.commit("strict");
    shop.branch("perfassert.toml", "no_n_plus_one = true", "no_n_plus_one = { threshold = 9 }");
    let allow = "\n[[allow]]\nstatement = \"SELECT 1\"\nreason = \"a ping\"\n";
    shop.edit("perfassert.toml", "9 }\n", &format!("9 }}\n{allow}"));
    shop.perfassert(&["diff", "main"]).exits(0).says(&[
        "gates changed:",
        "all tests: no_n_plus_one threshold of 3 raised to 9",
        "all tests: may repeat now: SELECT 1 (\"a ping\")",
    ]);
}

#[test]
fn a_gate_that_could_not_see_fails() {
    let shop = Project::shop();
    shop.branch(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "test.blind(\"statement logging is off\");\n        test.request(\"GET /orders\", s",
    );
    shop.perfassert(&["diff", "main"]).exits(101).says(&[
        "1 inconclusive gate",
        "inconclusive  shop api lists_orders",
        "statement logging is off",
    ]);
}

#[test]
fn json_and_nothing_else() {
    let ran = with_list(LAZY).perfassert(&["diff", "main", "--format", "json"]).exits(100);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["format"], 1);
    assert_eq!(report["verdict"], "regression");
    assert_eq!(report["exit_code"], 100);
    assert_eq!(report["baseline"]["how"], "merge_base");
    let finding = &report["findings"][0];
    assert_eq!(finding["kind"], "n_plus_one");
    assert_eq!(finding["endpoint"], "GET /orders");
    assert_eq!((finding["before"].as_i64(), finding["after"].as_i64()), (Some(1), Some(11)));
    assert_eq!(finding["statements"][0]["sites"][0]["line"], 10);
    assert_eq!(finding["tests"][0]["name"], "lists_orders");
}

#[test]
fn d76_an_endpoint_that_is_renamed_beside_an_n_plus_one() {
    let shop = with_list(LAZY);
    shop.edit("tests/api.rs", "\"GET /orders\", s", "\"GET /v2/orders\", s");
    let ran = shop.perfassert(&["diff", "main"]).exits(100).says(&[
        "N+1  GET /v2/orders   1 -> 11 queries in one request  (+10)",
        "renamed: GET /orders on the baseline",
        "GET /orders -> GET /v2/orders in shop api lists_orders",
    ]);
    ran.says_nothing_of(&["new endpoints", "removed endpoints"]);
    let json = shop.perfassert(&["diff", "main", "--format", "json"]).exits(100);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["findings"][0]["renamed_from"], "GET /orders");
    assert_eq!(report["renamed_endpoints"][0]["after"], "GET /v2/orders");
}
