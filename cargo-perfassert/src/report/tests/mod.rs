//! Two runs in, the report's text out.

mod bytes;
mod causes;
mod chance;
mod markdown;
mod places;
mod renamed;
mod repeats;
mod sums;
mod uncounted;
mod unmarked;

use perfassert_record::counts::Metric;
use perfassert_record::record::{Outcome, Reason, Record};

use crate::test_records::{Build, test};

use super::{Context, Policy, Report, report};
use crate::diff::diff;
use crate::git::Touched;
use crate::render::terminal;
use crate::runs::Run;

const ORDERS: (u64, &str, u32) = (1, "SELECT id FROM orders", 31);
const LINES: &str = "SELECT sku FROM lines WHERE order_id = ?";
const LIST: &str = "GET /orders";

/// Compares two runs and the report's text, whose first line is its verdict alone.
#[track_caller]
fn check(before: &[Record], after: &[Record], expected: &str) {
    // Several records of one test are its repeats.
    let changes = diff(&Run::repeated(before.to_vec()), &Run::repeated(after.to_vec()));
    let touched = Touched::parse("+++ src/orders.rs\n@@ -40 +42 @@\n");
    let report = report(&changes, &Policy::default(), Context { touched, ..Context::default() });
    let text = shown(&report);
    assert_eq!(text.trim(), expected.trim(), "\n{text}");
}

/// The report as text, without colours.
fn shown(report: &Report) -> String {
    let mut text = Vec::new();
    terminal(report, &mut text).unwrap();
    let text = anstream::adapter::strip_str(&String::from_utf8(text).unwrap()).to_string();
    text.replacen("perfassert: ", "", 1)
}

fn over() -> Outcome {
    Outcome::OverBudget(vec!["over".into()])
}

#[test]
fn nothing_changed() {
    let same = || [test("lists").requests(LIST, 2, &[ORDERS]).counts(Metric::Allocs, 500)];
    check(&same(), &same(), "no regression: 1 test compared");
}

#[test]
fn a_trace_id_is_another_one_in_each_run() {
    let traced = |id: &str| {
        let mut record = test("lists").requests(LIST, 1, &[ORDERS]);
        record.trace_id = Some(id.into());
        [record]
    };
    check(&traced("1"), &traced("2"), "no regression: 1 test compared");
}

#[test]
fn an_endpoint_explains_its_tests_and_is_told_once() {
    let before = |name| test(name).requests(LIST, 1, &[ORDERS]);
    check(
        &[before("lists"), test("pages").requests(LIST, 3, &[ORDERS])],
        &[
            before("lists").requests("GET /", 1, &[]),
            test("pages").requests(LIST, 3, &[ORDERS, (10, LINES, 42)]),
        ],
        "
1 regression: 2 tests compared

N+1  GET /orders   1 -> 11 queries in one request  (+10)  changed in this branch
        10x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:42  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     seen by: shop api pages
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with

new endpoints:
     GET / in shop api lists
",
    );
}

#[test]
fn several_tests_see_one_regression() {
    let before = |name| test(name).requests(LIST, 1, &[ORDERS]);
    let after = |name, n| test(name).requests(LIST, 1, &[ORDERS, (n, LINES, 40)]);
    check(
        &[before("a"), before("b"), before("c")],
        &[after("a", 4), after("b", 9), before("c").queries(&[(1, "SELECT 1", 50)])],
        "
2 regressions: 3 tests compared

N+1  GET /orders   1 -> 10 queries in one request  (+9)
         9x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     seen by: shop api: b, a
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with

more  shop api c   1 -> 2 queries  (+1)
         1x  SELECT 1  (new)
             src/orders.rs:50  orders::list
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

#[test]
fn a_finding_is_headed_by_the_test_whose_counts_it_shows() {
    let of = |name, n| test(name).queries(&[(n, LINES, 40)]);
    check(
        &[of("a", 1), of("b", 1), of("c", 1)],
        &[of("a", 4), of("b", 9), of("c", 9)],
        "
1 regression: 3 tests compared

N+1  shop api b   1 -> 9 queries  (+8)
         9x  SELECT sku FROM lines WHERE order_id = ?  (was 1x, N+1)
             src/orders.rs:40  orders::list
     in 3 tests:
        shop api: b, c   1 -> 9 queries  (+8)
        shop api a       1 -> 4 queries  (+3)
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: 3 of 3 tests do this outside of requests: if it is their set-up, leave it out with `perfassert::unmeasured`, or allow it in perfassert.toml:
           [[allow]]
           statement = \"SELECT sku FROM lines WHERE order_id = ?\"
           reason = \"set-up of 3 tests\"
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

#[test]
fn more_requests_are_no_regression_of_the_endpoint() {
    check(
        &[test("lists").requests(LIST, 1, &[ORDERS])],
        &[test("lists").requests(LIST, 5, &[ORDERS])],
        "no regression: 1 test compared",
    );
}

#[test]
fn one_that_was_there_already_is_not_told_again() {
    let same = || [test("lists").queries(&[(5, LINES, 40)])];
    check(&same(), &same(), "no regression: 1 test compared");
}

#[test]
fn a_counter_of_the_user_s_own_is_exact() {
    let miss = || Metric::Counter("cache.miss".into());
    check(
        &[test("lists").counts(miss(), 2)],
        &[test("lists").counts(miss(), 3)],
        "
1 regression: 1 test compared

more  shop api lists   2 -> 3 count.cache.miss  (+1)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
    check(
        &[test("lists")],
        &[test("lists").counts(miss(), 3)],
        "no regression: 1 test compared\n\nnew counter  shop api lists   3 count.cache.miss",
    );
}

#[test]
fn budgets() {
    // With a regression, the limit is told beside it.
    check(
        &[test("lists").requests(LIST, 1, &[ORDERS])],
        &[test("lists")
            .requests(LIST, 1, &[(3, "SELECT id FROM orders", 31)])
            .budget(Metric::Queries, 2, Some(LIST))
            .outcome(over())],
        "
1 regression: 1 test compared

more  GET /orders   1 -> 3 queries in one request  (+2), budget 2
         3x  SELECT id FROM orders  (was 1x, all from one line: an N+1?)
             src/orders.rs:31  orders::list
     seen by: shop api lists
     help: if this is meant, raise the budget: #[max_queries(3, endpoint = \"GET /orders\")]
",
    );
    // A gate that has no number speaks for itself.
    check(
        &[test("lists")],
        &[test("lists").outcome(Outcome::OverBudget(vec!["an N+1 was found".into()]))],
        "1 regression: 1 test compared\n\nover budget  shop api lists\n     an N+1 was found",
    );
    // In a new test a limit holds from the first day.
    check(
        &[],
        &[test("lists").counts(Metric::Allocs, 9).budget(Metric::Allocs, 8, None).outcome(over())],
        "
1 regression: 0 tests compared

over budget  shop api lists   9 allocs, budget 8
     help: if this is meant, raise the budget: #[max_allocs(9)]

new tests:
     shop api lists
",
    );
}

#[test]
fn another_version_of_the_fingerprints_compares_counts_only() {
    let mut before = test("lists").queries(&[ORDERS]);
    before.environment.fingerprints = 0;
    check(
        &[before],
        &[test("lists").queries(&[ORDERS, (1, "SELECT 1", 42)])],
        "
1 regression: 1 test compared

more  shop api lists   1 -> 2 queries  (+1)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

#[test]
fn the_most_urgent_first() {
    let n_plus_one = || [ORDERS, (4, LINES, 40)];
    check(
        &[
            test("a").queries(&[ORDERS]),
            test("b").queries(&[ORDERS]),
            test("c").queries(&[ORDERS]),
            test("d"),
        ],
        &[
            test("a").queries(&[(3, "SELECT id FROM orders", 31)]),
            test("b").queries(&n_plus_one()),
            test("c").queries(&[ORDERS]).budget(Metric::Queries, 0, None).outcome(over()),
            test("d").outcome(Outcome::Inconclusive(vec![Reason {
                cause: "logging is off".into(),
                help: "turn it on".into(),
            }])),
        ],
        "
1 inconclusive gate, 3 regressions: 4 tests compared

inconclusive  shop api d
     logging is off
     help: turn it on

N+1  shop api b   1 -> 5 queries  (+4)
         4x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with

more  shop api a   1 -> 3 queries  (+2)
         3x  SELECT id FROM orders  (was 1x, all from one line: an N+1?)
             src/orders.rs:31  orders::list
     help: if this is meant, say why in the pull request: once merged it is what is compared with

over budget  shop api c   1 query, budget 0  (already there on the baseline)
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     help: if this is meant, raise the budget: #[max_queries(1)]
",
    );
}

#[test]
fn one_cause_is_one_finding() {
    let old = || [(1, "SELECT o.id, c.name FROM orders o JOIN customers c", 30)];
    let before = |name| test(name).requests(LIST, 1, &old());
    let after = |name, n| test(name).requests(LIST, 1, &[ORDERS, (n, LINES, 40)]);
    let allocs = |mut record: Record, n| {
        record.endpoints[0].counts.insert(Metric::Allocs, n);
        record.counts(Metric::Allocs, n).budget(Metric::Queries, 5, None)
    };
    check(
        &[allocs(before("lists"), 100), before("pages"), before("refuses")],
        &[
            allocs(after("lists", 14), 277).outcome(over()),
            // Too few rows to be called an N+1, and none at all.
            after("pages", 2),
            test("refuses").requests(LIST, 1, &[ORDERS]),
        ],
        "
1 regression: 3 tests compared

N+1  GET /orders   1 -> 15 queries in one request  (+14)
        14x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
         1x  SELECT id FROM orders  (new)
             src/orders.rs:31  orders::list
         0x  SELECT o.id, c.name FROM orders o JOIN customers c  (gone, was 1x)
             src/orders.rs:30  orders::list
     also: 100 -> 277 allocs in one request  (+177)
     also: shop api lists as a whole, 1 -> 15 queries  (+14), budget 5
     seen by: shop api: lists, pages
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}
