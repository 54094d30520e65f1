//! What is said of a repeated statement, and what is recorded of it.

use cargo_perfassert::runs::Run;
use perfassert_test_support::child::Child;

use crate::shop::ORDERS;
use crate::{Verdict, record, statement};

/// What the failing gate of a shape says.
fn message(shape: &str) -> String {
    Child::one(&format!("shapes::{shape}")).run().output
}

#[track_caller]
fn check(shape: &str, said: &[&str]) {
    let message = message(shape);
    for said in said {
        assert!(message.contains(said), "no `{said}` in:\n{message}");
    }
}

#[test]
fn the_statement_that_it_is_repeated_for_stands_below() {
    check(
        "loops::inside_one_request",
        &[
            "GET /orders   N+1: 6x the same statement in one request\n",
            "6x  SELECT name FROM customers WHERE id = ?    <- once per row of the statement below\n",
            "help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN\n",
            "help: if this is meant, allow the statement, with a reason: [[allow]] in perfassert.toml\n",
        ],
    );
}

/// Each level is repeated as often as the one above it has rows in all.
#[test]
fn levels_stand_below_each_other() {
    let message = message("loops::two_levels");
    let (products, rest) = message.split_once("12x  SELECT name FROM products").expect(&message);
    assert!(products.contains("N+1: 12x") && products.contains("N+1: 6x"), "{message}");
    let (lines, orders) = rest.split_once("6x  SELECT id, product_id FROM lines").expect(&message);
    assert!(lines.contains("<- once per row of the statement below"), "{message}");
    let (line, orders) = orders.split_once('\n').unwrap();
    assert!(line.contains("<- once per row of the statement below"), "{message}");
    assert!(orders.contains("1x  SELECT id, customer_id FROM orders"), "{message}");
}

/// Q39
#[test]
fn what_is_interleaved_has_the_same_parent() {
    check(
        "loops::buffer_unordered",
        &[
            "N+1: 6x the same statement\n",
            "<- once per row of the statement below\n",
            "<- once per row of: SELECT id, customer_id FROM orders ORDER BY id\n",
        ],
    );
}

/// Of two lists with as many rows, one is read while the statement is repeated, and one when all is done: both are told of
/// behind it.
#[test]
fn what_began_behind_is_not_what_it_is_repeated_for() {
    check("loops::while_the_rows_are_read", &["6x  SELECT name", "<- once per row of the statement below\n"]);
    check("loops::insert_in_a_loop_before_a_list", &["6x  INSERT INTO rates", "<- repeated from one line\n"]);
}

/// Q38
#[test]
fn two_lines_are_two_groups_and_their_total() {
    check(
        "loops::from_two_lines",
        &[
            "N+1: 10x the same statement from 2 lines\n",
            "6x  tests/n_plus_one/shapes/loops.rs:",
            "4x  tests/n_plus_one/shapes/loops.rs:",
        ],
    );
    assert_eq!(statement("loops::from_two_lines", "SELECT name").sites.len(), 2);
}

/// Q36
#[test]
fn equal_values_are_a_duplicate_with_other_advice() {
    check(
        "rusqlite::same_user_per_row",
        &[
            "repeats a statement with the same values\n",
            "duplicate: 6x the same statement with the same values\n",
            "<- once per row of the statement below; the same values each time: a duplicate\n",
            "help: load it once and keep it: the values are the same each time\n",
        ],
    );
    check("diesel::lazy_load_in_a_loop", &["N+1: 6x", "<- repeated from one line; 5 different values\n"]);
}

/// Q58: none of them repeats as often as there are rows.
#[test]
fn statements_for_rows_of_several_kinds_are_one_finding() {
    check(
        "batches::one_line_for_several_tables",
        &[
            "N+1: 5x one of 3 statements\n",
            "<- for some of the 5 rows of the statement below\n",
            "<- for others of these rows\n",
            "help: for each kind of row, load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN\n",
        ],
    );
    assert!(statement("batches::one_line_for_several_tables", "SELECT id FROM products").n_plus_one);
    assert!(statement("batches::one_line_for_several_tables", "SELECT id FROM categories").n_plus_one);
}

/// Q58
#[test]
fn a_batch_for_each_row_has_its_rows_below() {
    check(
        "batches::batch_per_row",
        &["6x  SELECT id FROM customers WHERE id IN (?)    <- once per row of the statement below\n"],
    );
}

/// What was read before a write is not to be kept.
#[test]
fn equal_values_with_writes_between_are_no_duplicate() {
    check(
        "rusqlite::count_after_each_insert",
        &[
            "N+1: 4x the same statement\n",
            "4x  SELECT count(*) FROM products    <- repeated from one line; the same values each time\n",
        ],
    );
}

#[test]
fn values_are_recorded_as_a_number() {
    let distinct = |shape, sql| statement(shape, sql).distinct_values;
    assert_eq!(distinct("rusqlite::lazy_load_in_a_loop", "SELECT name"), Some(5));
    assert_eq!(distinct("diesel::lazy_load_in_a_loop", "SELECT `customers`"), Some(5));
    assert_eq!(distinct("duplicates::setting_per_row", "SELECT value"), Some(1));
    assert_eq!(distinct("loops::value_in_the_text", "SELECT status"), Some(ORDERS as u64));
    assert_eq!(distinct("loops::lazy_load_in_a_loop", "SELECT name"), None);
    assert_eq!(distinct("innocent::batch", "SELECT id, name"), None);
}

/// Q37
#[test]
fn two_rows_are_said_to_be_too_few() {
    assert!(statement("loops::two_rows", "SELECT id, product_id").too_few_rows);
    let others =
        crate::shapes().records.iter().filter(|record| record.test.name != "shapes::loops::two_rows");
    let few: Vec<_> = others.flat_map(|record| &record.statements).filter(|it| it.too_few_rows).collect();
    assert!(few.is_empty(), "{few:?}");

    let records = ["loops::two_rows", "innocent::batch"].map(|shape| record(shape).clone());
    let mut table = Vec::new();
    cargo_perfassert::render::table(&Run::new(records.to_vec()), &mut table).unwrap();
    let table = String::from_utf8(table).unwrap();
    let noted: Vec<_> =
        table.lines().filter(|line| line.ends_with("  too few rows to tell an N+1")).collect();
    assert!(noted.len() == 1 && noted[0].contains("two_rows"), "{table}");
}

#[test]
fn what_is_accused_is_marked_in_the_record() {
    for row in crate::table::SHAPES {
        let (shape, given) = (row.0, crate::table::expected(row));
        let record = record(shape);
        let of_endpoints = record.endpoints.iter().flat_map(|endpoint| &endpoint.statements);
        let statements: Vec<_> = of_endpoints.chain(&record.statements).collect();
        assert_eq!(statements.iter().any(|it| it.n_plus_one), given.is_finding(), "{shape}: {record:#?}");
        let is_duplicate = given == Verdict::Duplicate;
        assert_eq!(statements.iter().any(|it| it.duplicate), is_duplicate, "{shape}: {record:#?}");
    }
}
