//! Statements that are executed again and again.

use perfassert_record::record::Statement;

use super::*;
use crate::report::Kind;

const RATE: &str = "SELECT rate FROM currencies WHERE code = ?";

#[test]
fn an_n_plus_one_in_place_of_a_dearer_statement_is_one_all_the_same() {
    check(
        &[test("lists").queries(&[(3, "SELECT a", 1), (3, "SELECT b", 2)])],
        &[test("lists").queries(&[(5, LINES, 40)])],
        "
1 regression: 1 test compared

N+1  shop api lists   6 -> 5 queries  (-1)
         5x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

#[test]
fn the_same_values_again_and_again_are_a_duplicate() {
    let duplicate = |record: Record| record.of_statement(RATE, |it| it.duplicate = true);
    let before = || test("lists").requests(LIST, 1, &[ORDERS]);
    check(
        &[before()],
        &[duplicate(test("lists").requests(LIST, 1, &[ORDERS, (10, RATE, 42)]))],
        "
1 regression: 1 test compared

duplicate  GET /orders   1 -> 11 queries in one request  (+10)  changed in this branch
        10x  SELECT rate FROM currencies WHERE code = ?  (new, duplicate)
             src/orders.rs:42  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     seen by: shop api lists
     help: load it once and keep it: the values are the same each time
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
    // Beside an N+1 it is told with that, and what to do is about the N+1.
    check(
        &[before()],
        &[duplicate(test("lists").requests(LIST, 1, &[ORDERS, (10, RATE, 40), (9, LINES, 41)]))],
        "
1 regression: 1 test compared

N+1  GET /orders   1 -> 20 queries in one request  (+19)
        10x  SELECT rate FROM currencies WHERE code = ?  (new, duplicate)
             src/orders.rs:40  orders::list
         9x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:41  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     seen by: shop api lists
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}

/// An N+1 first, whatever is more.
#[test]
fn a_duplicate_ranks_behind_an_n_plus_one() {
    let before = |name, endpoint| test(name).requests(endpoint, 1, &[ORDERS]);
    let worse = |name, endpoint, n, sql, line| test(name).requests(endpoint, 1, &[ORDERS, (n, sql, line)]);
    let changes = diff(
        &Run::new(vec![before("a", "GET /a"), before("b", "GET /b"), before("c", "GET /c")]),
        &Run::new(vec![
            worse("a", "GET /a", 20, RATE, 40).of_statement(RATE, |it| it.duplicate = true),
            worse("b", "GET /b", 5, LINES, 41),
            test("c").requests("GET /c", 1, &[ORDERS, (1, "SELECT 1", 50)]),
        ]),
    );
    let report = report(&changes, &Policy::default(), Context::default());
    let ranked: Vec<_> = report.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(ranked, [Kind::NPlusOne, Kind::Duplicate, Kind::Queries]);
}

#[test]
fn d4_what_an_n_plus_one_is_executed_for_stands_beneath_it() {
    let rows = |n| move |statement: &mut Statement| statement.rows = Some(n);
    let other = || (1, "SELECT count(*) FROM orders", 30);
    let before = || test("lists").requests(LIST, 1, &[other(), ORDERS]).of_statement(ORDERS.1, rows(10));
    let after = || test("lists").requests(LIST, 1, &[other(), ORDERS, (10, LINES, 40)]);
    let said = |what: &str| {
        format!(
            "
1 regression: 1 test compared

N+1  GET /orders   2 -> 12 queries in one request  (+10)
        10x  SELECT sku FROM lines WHERE order_id = ?  (new, {what}
             src/orders.rs:31  orders::list
     seen by: shop api lists
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with
"
        )
    };
    check(
        &[before()],
        &[after().of_statement(ORDERS.1, rows(10))],
        &said(
            "1 + n: once per row of the statement below)
             src/orders.rs:40  orders::list
         1x  SELECT id FROM orders  (unchanged)",
        ),
    );
    // One that returned other rows is not said to be it.
    check(
        &[before()],
        &[after().of_statement(ORDERS.1, rows(11))],
        &said(
            "N+1)
             src/orders.rs:40  orders::list
         1x  SELECT count(*) FROM orders  (unchanged)
             src/orders.rs:30  orders::list
         1x  SELECT id FROM orders  (unchanged)",
        ),
    );
}

#[test]
fn an_n_plus_one_of_an_n_plus_one() {
    const SKU: &str = "SELECT name FROM skus WHERE id = ?";
    let rows = |n| move |statement: &mut Statement| statement.rows = Some(n);
    let after = test("lists").requests(LIST, 1, &[(40, SKU, 50), (10, LINES, 40), ORDERS]);
    check(
        &[test("lists").requests(LIST, 1, &[ORDERS])],
        &[after.of_statement(ORDERS.1, rows(10)).of_statement(LINES, rows(40))],
        "
1 regression: 1 test compared

N+1  GET /orders   1 -> 51 queries in one request  (+50)
        40x  SELECT name FROM skus WHERE id = ?  (new, 10 + n: once per row of the statement below)
             src/orders.rs:50  orders::list
        10x  SELECT sku FROM lines WHERE order_id = ?  (new, 1 + n: once per row of the statement below)
             src/orders.rs:40  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     seen by: shop api lists
     help: for SELECT name FROM skus WHERE id = ?: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
     help: for SELECT sku FROM lines WHERE order_id = ?: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
}
