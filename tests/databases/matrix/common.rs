//! The rows that are the same for sqlx on every database.

use crate::row::{Row, row};

const ENDPOINTS: &[(&str, u64, i64)] = &[("GET /items", 1, 4), ("GET /items/{id}", 1, 1), ("GET /", 1, 0)];

const ROWS: &[Row] = &[
    row("errors::cancelled_while_waiting_for_the_pool", "1 select"),
    row("errors::constraint", "1 select, 1 insert"),
    row("errors::constraint_at_the_end_of_the_test", "1 insert"),
    row("errors::never_polled", "1 select"),
    row("errors::polled_once", "2 select"),
    row("errors::syntax", "1 select, 1 other"),
    row("errors::timed_out", "3 select"),
    row("pools::buffered_unordered", "5 select"),
    row("pools::fresh_and_warm", "4 select"),
    row("pools::grows_in_the_middle", "4 select"),
    row("pools::hooks", "7 select"),
    row("pools::tested_before_each_use", "3 select"),
    row("pools::two_pools", "4 select"),
    row("pools::two_pools_by_name", "4 select").endpoints(&[("orders", 1, 1), ("reports", 1, 3)]),
    row("spawning::a_task_that_is_left_behind", "1 select"),
    row("spawning::current_thread::blocking_thread", "3 select"),
    row("spawning::current_thread::join_set", "13 select"),
    row("spawning::current_thread::joined_endpoints", "5 select").endpoints(ENDPOINTS),
    row("spawning::current_thread::own_thread_and_runtime", "6 select"),
    row("spawning::current_thread::spawned", "6 select"),
    row("spawning::current_thread::two_pools_at_once", "7 select"),
    row("spawning::multi_thread::blocking_thread", "3 select"),
    row("spawning::multi_thread::join_set", "13 select"),
    row("spawning::multi_thread::joined_endpoints", "5 select").endpoints(ENDPOINTS),
    row("spawning::multi_thread::own_thread_and_runtime", "6 select"),
    row("spawning::multi_thread::spawned", "6 select"),
    row("spawning::multi_thread::two_pools_at_once", "7 select"),
    row("statements::many_rows_at_once", "1 select, 1 insert"),
    row("statements::reads_and_writes", "1 select, 3 insert, 1 update, 1 delete"),
    row("statements::several_statements_in_one_text", "2 select, 1 insert, 1 update").round_trips(2),
    row("statements::the_same_statement_in_one_text", "4 insert").round_trips(1),
    row("statements::texts_of_every_length", "5 select"),
    row("statements::the_same_again_and_again", "11 select"),
    row("streams::dropped_after_a_row", "2 select"),
    row("streams::dropped_after_a_row_at_the_end_of_the_test", "1 select"),
    row("streams::failing_in_the_middle", "2 select"),
    row("streams::read_to_the_end", "1 select"),
    row("transactions::committed", "1 select, 1 insert"),
    row("transactions::dropped_at_the_end_of_the_test", "1 insert"),
    row("transactions::nested_three_deep_with_an_inner_rollback", "1 select, 4 insert"),
    row("transactions::rolled_back", "1 select, 1 insert"),
    row("transactions::rolled_back_on_drop", "1 select, 1 insert"),
];

/// All rows of a database. Where it has its own for a shape, that counts.
pub(crate) fn and(own: &[Row]) -> Vec<Row> {
    let is_own = |row: &Row| own.iter().any(|own| own.shape == row.shape);
    ROWS.iter().filter(|row| !is_own(row)).chain(own).copied().collect()
}
