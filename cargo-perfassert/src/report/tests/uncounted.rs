//! Counts that one of the sides does not have.

use perfassert_record::counts::{Counts, Metric};
use perfassert_record::record::{Outcome, Reason, Record};

use super::{LINES, LIST, ORDERS, check};
use crate::test_records::{Build, test};

/// As a build without a driver's feature leaves it.
fn without_queries(mut record: Record) -> Record {
    let without = |counts: &Counts| {
        counts.iter().filter(|(it, _)| **it != Metric::Queries).map(|(it, n)| (it.clone(), n)).collect()
    };
    record.counts = without(&record.counts);
    record.endpoints.iter_mut().for_each(|endpoint| endpoint.counts = without(&endpoint.counts));
    record.statements.clear();
    record
}

#[test]
fn what_is_not_counted_any_more_fails() {
    let lists = || test("lists").requests(LIST, 1, &[ORDERS]).counts(Metric::Allocs, 7);
    let shows = || test("shows").requests("GET /", 1, &[ORDERS]).counts(Metric::Allocs, 7);
    check(
        &[lists(), shows()],
        &[without_queries(lists()), without_queries(shows())],
        "
1 inconclusive gate: 2 tests compared

inconclusive  shop api lists
     queries were counted on the baseline, and are not any more
     seen by: shop api: lists, shows
     help: turn it on again: a feature of perfassert for the driver was turned off, or the driver was replaced by one that it has no feature for
",
    );
}

/// What was not seen is not less than it was.
#[test]
fn d56_a_test_that_could_not_see_has_no_less() {
    let reason = |cause: &str| Reason { cause: cause.to_owned(), help: "watch\nagain".to_owned() };
    let inconclusive = Outcome::Inconclusive(vec![reason("it was replaced"), reason("and nobody told")]);
    check(
        &[test("lists").queries(&[ORDERS]).budget(Metric::Queries, 1, None)],
        &[test("lists").budget(Metric::Queries, 1, None).outcome(inconclusive)],
        "
1 inconclusive gate: 1 test compared

inconclusive  shop api lists
     it was replaced
     and nobody told
     help: watch
           again
",
    );
}

#[test]
fn what_was_not_counted_before_is_told() {
    check(
        &[without_queries(test("lists"))],
        &[test("lists").queries(&[ORDERS]).counts(Metric::Allocs, 7)],
        "
no regression: 1 test compared

not comparable:
     shop api lists: its queries were not counted on the baseline
     shop api lists: its allocs were not counted on the baseline
",
    );
}

/// A build that listens to no driver writes no number for none.
#[test]
fn absent_is_zero_where_others_of_the_package_count() {
    let others = || test("others").queries(&[ORDERS]);
    check(
        &[without_queries(test("lists")), others()],
        &[test("lists").queries(&[(10, LINES, 40)]), others()],
        "
1 regression: 2 tests compared

N+1  shop api lists   0 -> 10 queries  (+10)
        10x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
    check(
        &[test("lists").queries(&[(10, LINES, 40)]), others()],
        &[without_queries(test("lists")), others()],
        "
no regression: 2 tests compared

N+1 gone  shop api lists   10 -> 0 queries  (-10)
         0x  SELECT sku FROM lines WHERE order_id = ?  (gone, was 10x)
             src/orders.rs:40  orders::list
",
    );
}

#[test]
fn an_endpoint_that_answers_nothing_any_more_is_not_better() {
    let mut fails = test("lists").requests(LIST, 1, &[]);
    fails.endpoints[0].failed = 1;
    check(
        &[test("lists").requests(LIST, 1, &[ORDERS]).queries(&[ORDERS])],
        &[fails.queries(&[ORDERS])],
        "
no regression: 1 test compared

better  shop api lists   2 -> 1 queries  (-1)
         1x  SELECT id FROM orders  (was 2x)
             src/orders.rs:31  orders::list

not comparable:
     GET /orders in shop api lists: all of its 1 requests fail now
",
    );
}
