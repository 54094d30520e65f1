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
    ("rusqlite::latest_before_each_row", NPlusOne, None),
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
    ("innocent::statement_that_is_tried_again", Innocent, None),
    ("innocent::fan_out_from_lines", Innocent, None),
    ("innocent::fan_out_through_a_function", Innocent, None),
    ("innocent::fan_out_at_once", Innocent, None),
    ("innocent::fan_out_over_constants", Innocent, None),
    ("innocent::pages_by_offset", Innocent, None),
    ("innocent::pages_by_key", Innocent, None),
    ("innocent::polling", Innocent, None),
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
    ("rusqlite::polling", Innocent, None),
    ("diesel::chunks", Innocent, None),
    ("diesel::fan_out_through_a_function", Innocent, None),
    ("diesel::statement_that_is_tried_again", Innocent, None),
    ("diesel::pages_by_offset", Innocent, None),
    ("batches::batch_per_row", NPlusOne, None),
    ("batches::lists_of_any_length_per_row", NPlusOne, None),
    ("batches::json_list_per_row", NPlusOne, None),
    ("batches::rows_inserted_per_row", NPlusOne, None),
    ("batches::pairs_per_row", NPlusOne, None),
    ("batches::loader_of_one_model", NPlusOne, None),
    ("batches::one_line_for_several_tables", NPlusOne, None),
    ("batches::function_for_each_kind", NPlusOne, None),
    ("batches::pairs_in_chunks", Innocent, None),
    ("batches::union_in_chunks", Innocent, None),
    ("batches::selects_inserted_in_chunks", Innocent, None),
    ("batches::rows_updated_in_chunks", Innocent, None),
    ("batches::json_lists_in_chunks", Innocent, None),
    ("batches::each_table_once", Innocent, None),
    ("batches::several_statements_of_one_function", Innocent, None),
    ("attempts::transaction_per_row_some_rolled_back", NPlusOne, None),
    ("attempts::transaction_per_row_all_rolled_back", NPlusOne, None),
    ("attempts::savepoint_per_row", NPlusOne, None),
    ("attempts::transactions_side_by_side", NPlusOne, None),
    ("attempts::conditional_update_per_row", NPlusOne, None),
    ("attempts::insert_or_ignore_per_row", NPlusOne, None),
    ("attempts::conflict_dropped_and_tried_again", Innocent, None),
    ("attempts::optimistic_lock", Innocent, None),
    ("attempts::two_orders_of_which_one_is_tried_again", Innocent, None),
    ("walks::purge_in_batches", Innocent, None),
    ("walks::backfill_in_batches", Innocent, None),
    ("walks::windows_that_are_written", Innocent, None),
    ("walks::windows_that_are_read", Innocent, None),
    ("walks::pages_by_two_keys", Innocent, None),
    ("walks::copied_page_by_page", Innocent, None),
    ("walks::outbox_that_is_emptied", Innocent, None),
    ("walks::job_at_a_time", Innocent, None),
    ("walks::queue_that_is_popped", Innocent, None),
    ("walks::place_kept_for_each_page", Innocent, None),
    ("walks::trimmed_per_row", NPlusOne, None),
    ("walks::window_per_customer", NPlusOne, None),
    ("walks::rows_of_pages", NPlusOne, None),
    ("walks::lines_of_jobs", NPlusOne, None),
    ("callers::loop_of_the_test", Innocent, None),
    ("callers::cases_of_the_test", Innocent, None),
    ("callers::customers_that_the_test_needs", Innocent, None),
    ("callers::polling_through_a_function", Innocent, None),
    ("callers::loader_of_all_models", Innocent, None),
    ("callers::query_for_each_database", Innocent, None),
    ("callers::loop_of_the_application", NPlusOne, None),
    ("callers::loops_of_both", NPlusOne, None),
    ("callers::joined_by_the_application", NPlusOne, None),
    ("callers::loop_in_a_request", NPlusOne, None),
    ("callers::related_of_each_model", NPlusOne, None),
    ("callers::rows_of_each_database", NPlusOne, None),
    ("rusqlite::more::batch_per_row", NPlusOne, None),
    ("rusqlite::more::one_line_for_several_tables", NPlusOne, None),
    ("rusqlite::more::transaction_per_row_some_rolled_back", NPlusOne, None),
    ("rusqlite::more::function_called_per_row", NPlusOne, None),
    ("rusqlite::more::rows_of_each_database", NPlusOne, None),
    ("rusqlite::more::up_a_tree", NPlusOne, None),
    ("rusqlite::more::query_for_each_connection", Duplicate, None),
    ("rusqlite::more::optimistic_lock", Innocent, None),
    ("rusqlite::more::lock_for_each_step", Innocent, None),
    ("rusqlite::more::tenant_for_each_transaction", Innocent, None),
    ("rusqlite::more::number_for_each_row", Innocent, None),
    ("rusqlite::more::note_for_each_row", Innocent, None),
    ("rusqlite::more::function_that_may_do_anything", Innocent, None),
    ("rusqlite::more::query_for_each_database", Innocent, None),
    ("rusqlite::more::query_for_each_file", Innocent, None),
    ("rusqlite::more::cases_of_the_test", Innocent, None),
    ("rusqlite::more::purge_in_batches", Innocent, None),
    (
        "diesel::batch_per_row",
        NPlusOne,
        Some((Innocent, "diesel tells no rows, and without them it is like ids in chunks of two")),
    ),
    (
        "diesel::function_for_each_kind",
        NPlusOne,
        Some((Innocent, "without rows it is not known that there are as many executions as rows")),
    ),
    ("diesel::transaction_per_row_some_rolled_back", NPlusOne, None),
    ("diesel::pairs_in_chunks", Innocent, None),
    ("diesel::purge_in_batches", Innocent, None),
    ("diesel::optimistic_lock", Innocent, None),
    ("diesel::cases_of_the_test", Innocent, None),
    ("diesel::pages_by_key", Innocent, None),
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
