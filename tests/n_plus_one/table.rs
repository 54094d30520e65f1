//! The shapes with the verdict that each deserves, and the reason where another one is given.

use std::collections::BTreeSet;

use crate::Verdict::{Duplicate, Innocent, NPlusOne};
use crate::{Verdict, observed, shapes};

/// A shape, what a senior engineer would say of it, and, where the gate says something else, what and why.
pub(crate) type Row = (&'static str, Verdict, Option<(Verdict, &'static str)>);

pub(crate) const SHAPES: &[Row] = &[
    ("loops::lazy_load_in_a_loop", NPlusOne, None),
    ("loops::resolver_per_field", NPlusOne, None),
    ("loops::serializer_calls_the_repository", NPlusOne, None),
    ("loops::permission_check_per_row", NPlusOne, None),
    ("loops::count_per_row", NPlusOne, None),
    ("loops::two_levels", NPlusOne, None),
    ("loops::buffer_unordered", NPlusOne, None),
    ("loops::joined", NPlusOne, None),
    ("loops::task_per_row", NPlusOne, None),
    ("loops::insert_in_a_loop", NPlusOne, None),
    ("loops::insert_in_a_loop_before_a_list", NPlusOne, None),
    ("loops::update_per_row", NPlusOne, None),
    ("loops::look_before_each_insert", NPlusOne, None),
    ("loops::down_a_tree", NPlusOne, None),
    ("loops::while_the_rows_are_read", NPlusOne, None),
    ("loops::transaction_per_row", NPlusOne, None),
    ("loops::in_a_transaction_that_is_tried_again", NPlusOne, None),
    ("loops::latest_before_each_row", NPlusOne, None),
    ("loops::lists_of_one", NPlusOne, None),
    ("loops::value_in_the_text", NPlusOne, None),
    ("loops::from_two_lines", NPlusOne, None),
    ("loops::inside_one_request", NPlusOne, None),
    ("loops::two_rows", NPlusOne, Some((Innocent, "two rows are too few to tell; `#[scaling]` does"))),
    ("rusqlite::lazy_load_in_a_loop", NPlusOne, None),
    ("rusqlite::prepared_once", NPlusOne, None),
    ("rusqlite::insert_in_a_loop", NPlusOne, None),
    ("rusqlite::count_after_each_insert", NPlusOne, None),
    ("rusqlite::transaction_per_row", NPlusOne, None),
    (
        "rusqlite::latest_before_each_row",
        NPlusOne,
        Some((Innocent, "a range, an order and a limit are taken for a page where the driver tells no rows")),
    ),
    ("diesel::lazy_load_in_a_loop", NPlusOne, None),
    ("diesel::update_per_row", NPlusOne, None),
    ("duplicates::setting_per_row", Duplicate, None),
    ("duplicates::everything_again", Duplicate, None),
    (
        "duplicates::same_user_per_row",
        Duplicate,
        Some((NPlusOne, "sqlx does not tell the values: a finding, with the other advice")),
    ),
    ("rusqlite::same_user_per_row", Duplicate, None),
    ("rusqlite::same_user_from_three_lines", Duplicate, None),
    ("diesel::same_user_per_row", Duplicate, None),
    ("innocent::batch", Innocent, None),
    ("innocent::chunks", Innocent, None),
    ("innocent::batching_loader", Innocent, None),
    ("innocent::rows_in_one_insert", Innocent, None),
    ("innocent::several_in_one_text", Innocent, None),
    ("innocent::transaction_that_is_tried_again", Innocent, None),
    ("innocent::tried_again_before_a_list", Innocent, None),
    (
        "innocent::transaction_that_is_tried_again_on_sqlite",
        Innocent,
        Some((NPlusOne, "sqlx does not log `BEGIN` and `ROLLBACK` on SQLite; elsewhere it does")),
    ),
    (
        "innocent::statement_that_is_tried_again",
        Innocent,
        Some((NPlusOne, "sqlx does not tell that a statement failed")),
    ),
    ("innocent::fan_out_from_lines", Innocent, None),
    ("innocent::fan_out_through_a_function", Innocent, None),
    ("innocent::fan_out_at_once", Innocent, None),
    (
        "innocent::fan_out_over_constants",
        Innocent,
        Some((NPlusOne, "a loop over three constants is like one over three ids that came from outside")),
    ),
    ("innocent::pages_by_offset", Innocent, None),
    ("innocent::pages_by_key", Innocent, None),
    (
        "innocent::polling",
        Innocent,
        Some((NPlusOne, "only the time between tells, and that is not the same in each run")),
    ),
    ("innocent::requests_of_one_endpoint", Innocent, None),
    ("innocent::two_endpoints", Innocent, None),
    ("innocent::warm_cache", Innocent, None),
    ("innocent::test_of_three_cases", Innocent, None),
    ("innocent::set_up_that_is_left_out", Innocent, None),
    ("rusqlite::batch", Innocent, None),
    ("rusqlite::pages_by_key", Innocent, None),
    ("rusqlite::fan_out_from_lines", Innocent, None),
    ("rusqlite::test_that_looks_again", Innocent, None),
    ("rusqlite::transaction_that_is_tried_again", Innocent, None),
    ("rusqlite::polling", Innocent, Some((Duplicate, "as above"))),
    ("diesel::chunks", Innocent, None),
    ("diesel::fan_out_through_a_function", Innocent, None),
    ("diesel::statement_that_is_tried_again", Innocent, None),
    ("diesel::pages_by_offset", Innocent, None),
];

/// What the gate is to say.
pub(crate) fn expected((_, deserved, but): &Row) -> Verdict {
    but.map_or(*deserved, |(given, _)| given)
}

#[test]
fn each_shape_gets_the_verdict_in_the_table() {
    let wrong: Vec<_> = SHAPES
        .iter()
        .map(|row| (row.0, expected(row), observed(row.0)))
        .filter(|(_, expected, observed)| expected != observed)
        .map(|(shape, expected, observed)| format!("{shape}: {observed}, expected was {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", shapes().output);
}

#[test]
fn every_shape_is_in_the_table_once() {
    let in_table: BTreeSet<_> = SHAPES.iter().map(|(shape, ..)| format!("shapes::{shape}")).collect();
    let ran: BTreeSet<_> = shapes().records.iter().map(|record| record.test.name.clone()).collect();
    assert_eq!(in_table, ran);
    assert_eq!(in_table.len(), SHAPES.len());
}
