//! `cargo perfassert diff`, where counts are not the same each time: nothing is said before both sides were measured again.

use crate::project::{Project, Ran};

/// Allocations that depend on chance, here on how often the tests have run: the first run of each side is dearer.
#[test]
fn what_moves_has_the_room_that_it_was_seen_to_need() {
    let shop = Project::shop();
    let chance = "test.db().allocate(if n == 0 { 1000 } else { 100 });
        if n == 0 && std::env::var_os(\"RUNNER_CHANCE\").is_some() { test.db().query(\"SELECT 1\"); }";
    shop.edit("tests/api.rs", "test.request(\"GET /orders\", s", &in_run(chance));
    shop.write(".gitignore", "/target\n");
    shop.commit("depends on chance");
    // Only the working tree has a `target` to write to before its first run; the baseline's is made by the test.
    shop.edit(
        "tests/api.rs",
        "        std::fs::write(&runs",
        "        std::fs::create_dir_all(runs.parent().unwrap()).unwrap();\n        std::fs::write(&runs",
    );
    shop.commit("with its directory");
    shop.branch("src/lib.rs", "A shop", "This shop");
    let ran = shop.perfassert(&["run", "--repeat", "2"]).exits(0).tells(&["run 1 of 2", "run 2 of 2"]);
    ran.says(&["shop api lists_orders                     1        100"]);
    let again = || std::fs::remove_file(shop.root.join("target/runs")).unwrap();
    again();
    shop.perfassert(&["diff", "main", "--repeat", "2"]).exits(0).says(&["no regression", "2 tests compared"]);
    shop.edit("tests/api.rs", "{ 1000 } else { 100 }", "{ 3000 } else { 2901 }");
    again();
    shop.perfassert(&["diff", "main", "--repeat", "2"]).exits(100).says(&[
        "measured before",
        "more  shop api lists_orders   100 -> 2901 allocs  (+2801)",
        "not the same in each look: 100 to 1000 on the baseline, 2901 to 3000 on this branch",
    ]);
    again();
    let mut by_chance = shop.perfassert_command(&["diff", "main", "--repeat", "2"]);
    Ran::of(by_chance.env("RUNNER_CHANCE", "1")).says(&[
        "not deterministic  shop api lists_orders\n     1 to 2 queries in the repeats of this branch",
    ]);
}

/// What a test does in its run `n`, of those that are counted in a file, before it asks for orders.
fn in_run(what: &str) -> String {
    format!(
        "let runs = std::env::current_dir().unwrap().join(\"target/runs\");
        let n = std::fs::read_to_string(&runs).ok().and_then(|n| n.parse().ok()).unwrap_or(0);
        std::fs::write(&runs, format!(\"{{}}\", n + 1)).unwrap();
        {what}
        test.request(\"GET /orders\", s"
    )
}

/// A test that polls: it sends one query less in each run.
#[test]
fn queries_that_are_not_the_same_in_each_look_are_no_regression() {
    let shop = Project::shop();
    shop.branch("src/lib.rs", "A shop", "This shop");
    let polls = "(n..5).for_each(|_| { test.db().query(\"SELECT done FROM jobs\"); });";
    shop.edit("tests/api.rs", "test.request(\"GET /orders\", s", &in_run(polls));
    let ran = shop.perfassert(&["diff", "main"]).exits(0);
    let ran = ran.tells(&["counts of 1 test changed; measuring again on the branch"]);
    assert_eq!(ran.err.matches("measuring again on the branch").count(), 5, "{}", ran.err);
    ran.says(&[
        "no regression",
        "not deterministic  shop api lists_orders",
        "queries in the repeats of this branch",
    ]);
    // A rise that is the same each time is looked at once more, and no further; the baseline has had its looks.
    shop.edit("tests/api.rs", "(n..5)", "(0..5)");
    let ran = shop.perfassert(&["diff", "main"]).exits(100);
    let ran = ran.says(&["measured before", "5x  SELECT done FROM jobs"]);
    assert_eq!(ran.err.matches("measuring again").count(), 1, "{}", ran.err);
    // And it alone of its file.
    assert_eq!(ran.err.matches("lists_orders ... ").count(), 2, "{}", ran.err);
    assert_eq!(ran.err.matches("shows_an_order ... ").count(), 1, "{}", ran.err);
}

/// The same code on both sides: the branch always meets the dearer case, the baseline, in a worktree, not at first.
#[test]
fn a_baseline_that_moves_by_itself_is_measured_again_before_a_rise_is_reported() {
    let shop = Project::shop();
    let always = "if std::path::Path::new(\".git\").is_dir() || n > 0 { test.db().query(\"SELECT 1\"); }";
    let made = "std::fs::create_dir_all(runs.parent().unwrap()).unwrap();\n        std::fs::write(&runs";
    shop.edit("tests/api.rs", "test.request(\"GET /orders\", s", &in_run(always));
    shop.edit("tests/api.rs", "std::fs::write(&runs", made);
    shop.write(".gitignore", "/target\n");
    shop.commit("polls");
    shop.branch("src/lib.rs", "A shop", "This shop");
    let ran = shop.perfassert(&["diff", "main"]).exits(0).tells(&["measuring again on the baseline"]);
    let told = ["not deterministic  shop api lists_orders", "1 to 2 queries in the repeats of the baseline"];
    ran.says(&told);
    // What was seen is kept.
    shop.perfassert(&["diff", "main"]).exits(0).says(&["measured before", told[1]]);
}

/// Here the first two runs are dearer.
#[test]
fn a_rise_of_allocations_is_measured_again_before_it_is_reported() {
    let shop = Project::shop();
    shop.branch("src/lib.rs", "A shop", "This shop");
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        &in_run("if n < 2 { test.db().allocate(1000) }"),
    );
    let ran = shop.perfassert(&["diff", "main"]).exits(0).says(&["no regression"]);
    // By turns with the baseline, as that is built.
    for side in ["the branch", "the baseline"] {
        let again = format!("measuring again on {side}");
        assert_eq!(ran.err.matches(&again).count(), 2, "{}", ran.err);
    }
    // Of one that is known nothing is built as long as the branch counts as much by itself.
    std::fs::remove_file(shop.root.join("target/runs")).unwrap();
    let ran = shop.perfassert(&["diff", "main"]).exits(0).says(&["measured before"]);
    assert!(!ran.err.contains("in a worktree"), "{}", ran.err);
}

/// What an earlier diff has kept of the baseline was counted when a rare value came up. Variables of the job are no conditions of it.
#[test]
fn a_baseline_that_is_known_is_measured_again_before_anything_is_said() {
    let shop = Project::shop();
    shop.edit(
        "src/lib.rs",
        "db.allocate(100)",
        "db.allocate(std::env::var(\"RUNNER_ALLOCATE\").map_or(7, |n| n.parse().unwrap()))",
    );
    shop.commit("depends on chance");
    for rare in ["6", "8"] {
        let mut first = shop.perfassert_command(&["diff", "main", "--rebuild"]);
        Ran::of(first.env("RUNNER_ALLOCATE", rare)).exits(0).says(&["rebuilt"]);
        let ran = shop.perfassert(&["diff", "main"]).exits(0).says(&["measured before"]);
        let ran = ran.tells(&["measuring again on the baseline"]);
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
        // From then on it is known.
        let again = shop.perfassert(&["diff", "main"]).exits(0);
        assert!(!again.err.contains("measuring again"), "{}", again.err);
    }
}
