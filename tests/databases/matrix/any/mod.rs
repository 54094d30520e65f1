//! sqlx's `Any`, on each of the three.

#[path = "../shapes/mod.rs"]
mod shapes;

use perfassert_database_tests::Engine;

use crate::row::{Row, check, check_complete, row};

/// What sqlx and SQL call things here.
mod engine {
    use sqlx::AssertSqlSafe;

    pub(super) type Pool = sqlx::AnyPool;
    pub(super) type PoolOptions = sqlx::any::AnyPoolOptions;
    pub(super) type Connection = sqlx::AnyConnection;

    pub(super) const SLOW: &str =
        "SELECT count(*) FROM item a, item b, item c, item d, item e, item f, item g, item h, item i, item j";
    pub(super) const MIXED: &[&str] =
        &["WITH one AS (SELECT 1 AS id) SELECT name FROM item JOIN one USING (id)"];
    pub(super) const COMMANDS: &[&str] = &["CREATE TABLE made (id INTEGER)", "DROP TABLE made"];

    pub(super) fn prepare() {
        sqlx::any::install_default_drivers();
        if super::shapes::url().starts_with("sqlite") {
            perfassert_database_tests::sqlite::trace();
        }
    }

    /// `?` as the database behind it writes it.
    pub(super) fn q(text: &'static str) -> AssertSqlSafe<String> {
        if !super::shapes::url().starts_with("postgres") {
            return AssertSqlSafe(text.to_owned());
        }
        let mut parts = text.split('?');
        let first = parts.next().unwrap_or_default().to_owned();
        AssertSqlSafe((1..).zip(parts).fold(first, |text, (n, part)| format!("{text}${n}{part}")))
    }
}

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
    row("statements::commands", "1 select, 2 ddl"),
    row("statements::many_rows_at_once", "1 select, 1 insert"),
    row("statements::reads_and_writes", "1 select, 3 insert, 1 update, 1 delete"),
    row("statements::several_statements_in_one_text", "2 select, 1 insert, 1 update").round_trips(2),
    row("statements::the_same_statement_in_one_text", "4 insert").round_trips(1),
    row("statements::texts_of_every_length", "5 select"),
    row("statements::the_same_again_and_again", "11 select"),
    row("statements::writes_that_look_like_reads_and_the_reverse", "1 select"),
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

#[test]
fn counts_what_postgres_saw() {
    check_complete("any", ROWS);
    check("any", Engine::Postgres, ROWS);
}

/// The witnesses of MariaDB and SQLite do not show what could not be read.
const SYNTAX: Row = row("errors::syntax", "1 select, 1 other")
    .differs(&[("SELEC name FROM item", 1)], "as in the tables of those databases");

/// The rows in which the database behind it makes a difference.
fn rows_of_others() -> Vec<Row> {
    let rows = ROWS.iter().filter(|row| !row.shape.starts_with("spawning::"));
    rows.map(|row| if row.shape == SYNTAX.shape { SYNTAX } else { *row }).collect()
}

#[test]
fn counts_what_mysql_saw() {
    check("any", Engine::MySql, &rows_of_others());
}

#[test]
fn counts_what_sqlite_saw() {
    check("any", Engine::Sqlite, &rows_of_others());
}
