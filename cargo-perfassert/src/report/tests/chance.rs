//! Counts that are not the same each time: how far they may move.

use super::*;

#[test]
fn allocations_within_and_beyond_the_tolerance() {
    let of = |n| [test("lists").counts(Metric::Allocs, n)];
    check(&of(1000), &of(1028), "no regression: 1 test compared");
    check(
        &of(1000),
        &of(1029),
        "
1 regression: 1 test compared

more  shop api lists   1000 -> 1029 allocs  (+29)
     tolerance: 28 (share of the baseline: 20, fixed: 8)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
    check(
        &of(1000),
        &of(0),
        "no regression: 1 test compared\n\nbetter  shop api lists   1000 -> 0 allocs  (-1000)",
    );
    // Absent is not zero.
    check(&[test("lists")], &of(1000), "no regression: 1 test compared");
    check(
        &of(0),
        &of(9),
        "
1 regression: 1 test compared

new  shop api lists   0 -> 9 allocs  (+9)
     tolerance: 8 (fixed: 8)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

#[test]
fn what_more_connections_allocate_is_not_judged() {
    let of = |look_ups, n| [test("lists").look_ups(look_ups).counts(Metric::Allocs, n)];
    check(
        &of(6, 4932),
        &of(8, 5689),
        "
no regression: 1 test compared

not comparable:
     shop api lists: allocations, as 8 statements were sent for connections that were opened, and 6 on the baseline
",
    );
    check(&of(6, 4932), &of(8, 4932), "no regression: 1 test compared");
    check(
        &of(8, 4932),
        &of(8, 5689),
        "
1 regression: 1 test compared

more  shop api lists   4932 -> 5689 allocs  (+757)
     tolerance: 106 (share of the baseline: 98, fixed: 8)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

#[test]
fn each_statement_may_cost_one_allocation_more() {
    let of = |n| [test("lists").queries(&[(15, "SELECT 1", 50)]).counts(Metric::Allocs, n)];
    check(&of(250), &of(278), "no regression: 1 test compared");
    check(
        &of(250),
        &of(279),
        "
1 regression: 1 test compared

more  shop api lists   250 -> 279 allocs  (+29)
     tolerance: 28 (share of the baseline: 5, fixed: 8, one for each statement: 15)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

#[test]
fn repeats_widen_the_tolerance_and_are_compared_by_their_least() {
    let of = |counts: &[i64]| -> Vec<Record> {
        counts.iter().map(|n| test("lists").requests(LIST, 1, &[]).counts(Metric::Allocs, *n)).collect()
    };
    check(&of(&[120, 100, 110]), &of(&[140, 130, 135]), "no regression: 1 test compared");
    check(
        &of(&[120, 100, 110]),
        &of(&[140, 131, 135]),
        "
1 regression: 1 test compared

more  shop api lists   100 -> 131 allocs  (+31)
     tolerance: 30 (share of the baseline: 2, fixed: 8, spread between repeats: 20)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
    // One that failed once has no count to trust.
    let flaky = [test("lists").counts(Metric::Allocs, 1), test("lists").outcome(Outcome::Failed)];
    check(&of(&[100]), &flaky, "no regression: 0 tests compared");
}

#[test]
fn queries_that_differ_between_repeats_are_a_warning() {
    let of = |counts: &[u64]| -> Vec<Record> {
        counts.iter().map(|n| test("lists").requests(LIST, 1, &[(*n, "SELECT 1", 50)])).collect()
    };
    check(
        &of(&[2, 2, 3]),
        &of(&[3, 2, 5]),
        "
no regression: 1 test compared

not deterministic  GET /orders
     2 to 3 queries in the repeats of the baseline
     2 to 5 queries in the repeats of this branch
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    // A rise by as much as it moves by itself.
    check(
        &of(&[2]),
        &of(&[3, 4]),
        "
no regression: 1 test compared

not deterministic  GET /orders
     3 to 4 queries in the repeats of this branch
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    check(
        &of(&[2, 4]),
        &of(&[1]),
        "
no regression: 1 test compared

not deterministic  GET /orders
     2 to 4 queries in the repeats of the baseline
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    // And by more than that.
    check(
        &of(&[2]),
        &of(&[5, 4]),
        "
1 regression: 1 test compared

N+1  GET /orders   2 -> 4 queries in one request  (+2)
         4x  SELECT 1  (was 2x, N+1)
             src/orders.rs:50  orders::list
     seen by: shop api lists
     help: load them in one statement: WHERE <key> IN (...) or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with

not deterministic  GET /orders
     4 to 5 queries in the repeats of this branch
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    // In a new test, too.
    check(
        &[],
        &[test("lists"), test("lists").queries(&[ORDERS])],
        "
no regression: 0 tests compared

not deterministic  shop api lists
     0 to 1 queries in the repeats of this branch
     help: make the test independent of time, chance and order: a rise as small as this is not seen

new tests:
     shop api lists
",
    );
}
