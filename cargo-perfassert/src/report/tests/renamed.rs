//! D76: endpoints and tests that went and came, beside what got worse in them.

use perfassert_record::counts::Metric;

use super::{LINES, LIST, ORDERS, check};
use crate::test_records::{Build, test};

const N_PLUS_ONE: &str = "        10x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:42  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list";
const HELP: &str =
    "     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with";

#[test]
fn d76_an_endpoint_that_is_renamed_beside_an_n_plus_one() {
    let check_renamed = |new: &str| {
        check(
            &[test("lists").requests(LIST, 1, &[ORDERS])],
            &[test("lists").requests(new, 1, &[ORDERS, (10, LINES, 42)])],
            &format!(
                "
1 regression: 1 test compared

N+1  {new}   1 -> 11 queries in one request  (+10)  changed in this branch
{N_PLUS_ONE}
     renamed: GET /orders on the baseline
     seen by: shop api lists
{HELP}

renamed? compared with what executes the same statements:
     GET /orders -> {new} in shop api lists
"
            ),
        );
    };
    check_renamed("GET /api/v2/orders");
    // By its statements alone.
    check_renamed("POST /everything");
}

#[test]
fn d76_an_endpoint_that_is_renamed_and_nothing_else() {
    check(
        &[test("lists").requests(LIST, 1, &[ORDERS])],
        &[test("lists").requests("GET /orders/", 1, &[ORDERS])],
        "
no regression: 1 test compared

renamed? compared with what executes the same statements:
     GET /orders -> GET /orders/ in shop api lists
",
    );
}

#[test]
fn d76_a_limit_goes_with_its_endpoint() {
    let limited = |name: &str, max| {
        [test("lists").requests(name, 1, &[ORDERS]).budget(Metric::Queries, max, Some(name))]
    };
    check(
        &limited(LIST, 3),
        &limited("GET /v2/orders", 9),
        "
no regression: 1 test compared

gates changed:
     GET /orders in shop api lists: queries budget of 3 raised to 9

renamed? compared with what executes the same statements:
     GET /orders -> GET /v2/orders in shop api lists
",
    );
}

#[test]
fn d76_of_several_the_most_alike_are_paired() {
    let other = (1, "SELECT id FROM customers", 50);
    check(
        &[test("lists").requests("GET /a", 1, &[ORDERS]).requests("GET /b", 1, &[other])],
        &[test("lists").requests("GET /x", 1, &[other]).requests(
            "GET /y",
            1,
            &[ORDERS, (1, "SELECT 1", 51)],
        )],
        "
1 regression: 1 test compared

more  GET /y   1 -> 2 queries in one request  (+1)
         1x  SELECT 1  (new)
             src/orders.rs:51  orders::list
     renamed: GET /a on the baseline
     seen by: shop api lists
     help: if this is meant, say why in the pull request: once merged it is what is compared with

renamed? compared with what executes the same statements:
     GET /b -> GET /x in shop api lists
     GET /a -> GET /y in shop api lists
",
    );
}

#[test]
fn d76_a_middleware_that_tells_endpoints_hides_nothing() {
    check(
        &[test("lists").queries(&[ORDERS])],
        &[test("lists").requests(LIST, 1, &[ORDERS, (10, LINES, 42)])],
        &format!(
            "
1 regression: 1 test compared

N+1  shop api lists   1 -> 11 queries  (+10)  changed in this branch
{N_PLUS_ONE}
{HELP}

new endpoints:
     GET /orders in shop api lists
"
        ),
    );
    // Nor more allocations, where there are no queries to recognise it by.
    let allocs = |mut record: perfassert_record::record::Record, n| {
        record.endpoints.iter_mut().for_each(|it| it.counts.insert(Metric::Allocs, n));
        record.counts(Metric::Allocs, n)
    };
    check(
        &[allocs(test("lists"), 100)],
        &[allocs(test("lists").requests(LIST, 1, &[]), 900)],
        "
1 regression: 1 test compared

more  shop api lists   100 -> 900 allocs  (+800)
     help: if this is meant, say why in the pull request: once merged it is what is compared with

new endpoints:
     GET /orders in shop api lists
",
    );
    // An N+1 that the baseline has, too, is no regression.
    check(
        &[test("lists").queries(&[ORDERS, (10, LINES, 42)])],
        &[test("lists").requests(LIST, 1, &[ORDERS, (10, LINES, 42)])],
        "no regression: 1 test compared\n\nnew endpoints:\n     GET /orders in shop api lists",
    );
}

#[test]
fn d76_an_endpoint_that_nothing_is_like_does_not_explain_what_replaced_it() {
    check(
        &[test("lists").requests(LIST, 1, &[ORDERS])],
        &[test("lists").requests("GET /overview", 1, &[(2, "SELECT id FROM overview", 50)])],
        "
1 regression: 1 test compared

more  shop api lists   1 -> 2 queries  (+1)
         2x  SELECT id FROM overview  (new, all from one line: an N+1?)
             src/orders.rs:50  orders::list
     help: if this is meant, say why in the pull request: once merged it is what is compared with

new endpoints:
     GET /overview in shop api lists

removed endpoints:
     GET /orders in shop api lists
",
    );
}

#[test]
fn d76_a_new_endpoint_fails_by_an_n_plus_one_only() {
    let session = (1, "SELECT user_id FROM sessions WHERE id = ?", 20);
    let lists = || test("lists").requests(LIST, 1, &[session, ORDERS]);
    check(
        &[lists()],
        &[lists().requests("GET /lines", 1, &[session, (3, LINES, 42)])],
        "no regression: 1 test compared\n\nnew endpoints:\n     GET /lines in shop api lists",
    );
    check(
        &[lists()],
        &[lists().requests("GET /lines", 1, &[session, (10, LINES, 42)])],
        &format!(
            "
1 regression: 1 test compared

N+1  GET /lines   11 queries in one request  changed in this branch
        10x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:42  orders::list
         1x  SELECT user_id FROM sessions WHERE id = ?  (new)
             src/orders.rs:20  orders::list
     seen by: shop api lists
{HELP}

new endpoints:
     GET /lines in shop api lists
"
        ),
    );
    // It is not new where another test has called it before.
    let lines = || test("lines").requests("GET /lines", 1, &[session, (10, LINES, 42)]);
    check(
        &[lists(), lines()],
        &[lists().requests("GET /lines", 1, &[session, (10, LINES, 42)]), lines()],
        "no regression: 2 tests compared\n\nnew endpoints:\n     GET /lines in shop api lists",
    );
}

/// D76, of whole tests: whatever they are called, and wherever they stand.
#[test]
fn d76_a_test_that_is_renamed_beside_an_n_plus_one() {
    let check_renamed = |old: &str, new: &str| {
        check(
            &[test(old).requests(LIST, 1, &[ORDERS]), test("other")],
            &[test(new).requests(LIST, 1, &[ORDERS, (10, LINES, 42)]), test("other")],
            &format!(
                "
1 regression: 2 tests compared

N+1  GET /orders   1 -> 11 queries in one request  (+10)  changed in this branch
{N_PLUS_ONE}
     seen by: shop api {new}
{HELP}

renamed? compared with what executes the same statements:
     shop api {old} -> shop api {new}
"
            ),
        );
    };
    check_renamed("lists", "orders_are_listed");
    check_renamed("orders::lists", "api::orders::lists");
}

#[test]
fn d76_a_test_that_allocates_only_and_has_moved() {
    check(
        &[test("lists").counts(Metric::Allocs, 100)],
        &[test("orders::lists").counts(Metric::Allocs, 900)],
        "
1 regression: 1 test compared

more  shop api orders::lists   100 -> 900 allocs  (+800)
     help: if this is meant, say why in the pull request: once merged it is what is compared with

renamed? compared with what executes the same statements:
     shop api lists -> shop api orders::lists
",
    );
}

#[test]
fn d76_a_test_that_moves_to_another_package() {
    let mut moved = test("api::lists").requests(LIST, 1, &[ORDERS, (1, "SELECT 1", 51)]);
    moved.test.package = "shop-api".into();
    check(
        &[test("lists").requests(LIST, 1, &[ORDERS])],
        &[moved],
        "
1 regression: 1 test compared

more  GET /orders   1 -> 2 queries in one request  (+1)
         1x  SELECT 1  (new)
             src/orders.rs:51  orders::list
     seen by: shop-api api api::lists
     help: if this is meant, say why in the pull request: once merged it is what is compared with

renamed? compared with what executes the same statements:
     shop api lists -> shop-api api api::lists
",
    );
}

#[test]
fn d15_a_test_that_is_gone_and_another_one_that_is_new() {
    check(
        &[test("creates").queries(&[(1, "INSERT INTO orders", 60)]), test("reads").queries(&[ORDERS])],
        &[
            test("customers::creates").queries(&[(2, "INSERT INTO customers", 61)]),
            // It does more than the one that is gone, and is not the same therefore.
            test("buys").queries(&[ORDERS, (1, "SELECT 1", 62), (1, "SELECT 2", 63)]),
        ],
        "
no regression: 0 tests compared

new tests:
     shop api buys
     shop api customers::creates

removed tests:
     shop api creates
     shop api reads
",
    );
}
