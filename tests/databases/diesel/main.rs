//! diesel: what we counted of each shape of work against what the server saw.

// The shapes are written once and compiled for each engine.
#![allow(clippy::duplicate_mod, reason = "on purpose, see above")]

mod mysql;
mod postgres;
#[path = "../matrix/row.rs"]
mod row;
mod sqlite;

use perfassert_database_tests::Engine;

use crate::row::{Row, check, check_complete, row};

const ENDPOINTS: &[(&str, u64, i64)] = &[("GET /items", 1, 4), ("GET /items/{id}", 2, 1), ("GET /", 1, 0)];

/// What is the same everywhere.
const COMMON: &[Row] = &[
    row("batch_of_two", "1 select, 1 insert, 1 update").round_trips(2),
    row("cached", "4 select"),
    row("committed", "1 select, 1 insert"),
    row("constraint", "1 select, 1 insert"),
    row("dropped_after_a_row", "2 select"),
    row("nested_three_deep_with_an_inner_rollback", "1 select, 4 insert"),
    row("not_cached", "6 select"),
    row("reads_and_writes", "1 select, 3 insert, 1 update, 1 delete"),
    row("rolled_back", "1 select, 1 insert"),
    row("with_endpoints", "6 select").endpoints(ENDPOINTS),
    row("ways::blocking_threads", "3 select"),
    row("ways::threads", "3 select"),
    row("ways::workers_with_a_queue", "6 select"),
];

#[track_caller]
fn check_on(engine: Engine, own: &[Row]) {
    let rows = [COMMON, own].concat();
    check_complete(engine.as_str(), &rows);
    check(engine.as_str(), engine, &rows);
}
