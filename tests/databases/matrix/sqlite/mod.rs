//! sqlx on SQLite.

#[path = "../blind.rs"]
mod blind;
mod own;
#[path = "../shapes/mod.rs"]
mod shapes;

use perfassert_database_tests::Engine;

use crate::row::{Row, Suite, check, check_complete, row};
use crate::sight::check_sight;

/// What sqlx and SQL call things here.
mod engine {
    pub(super) type Pool = sqlx::SqlitePool;
    pub(super) type PoolOptions = sqlx::sqlite::SqlitePoolOptions;
    pub(super) type Connection = sqlx::SqliteConnection;

    pub(super) const SLOW: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n";
    pub(super) const MIXED: &[&str] = &[
        "WITH old AS (SELECT id FROM item WHERE shop = 1) INSERT INTO item SELECT id + 100, 'x', 9 FROM old RETURNING id",
        "REPLACE INTO item VALUES (101, 'y', 9)",
        "INSERT INTO item VALUES (101, 'y', 9) ON CONFLICT (id) DO UPDATE SET name = 'z'",
        "WITH one AS (SELECT 1 AS id) SELECT name FROM item JOIN one USING (id)",
    ];
    pub(super) const COMMANDS: &[&str] = &[
        "SAVEPOINT a",
        "RELEASE a",
        "PRAGMA table_info(item)",
        "EXPLAIN QUERY PLAN SELECT id FROM item",
        "CREATE TABLE made (id INTEGER)",
        "ALTER TABLE made ADD name TEXT",
        "DROP TABLE made",
        "VACUUM",
    ];

    /// SQLite itself tells what it executes.
    pub(super) fn prepare() {
        perfassert_database_tests::sqlite::trace();
    }

    /// `?` as this database writes it.
    pub(super) fn q(text: &'static str) -> &'static str {
        text
    }
}

const ENDPOINTS: &[(&str, u64, i64)] = &[("GET /items", 1, 4), ("GET /items/{id}", 1, 1), ("GET /", 1, 0)];

const ROWS: &[Row] = &[
    row("errors::cancelled_while_waiting_for_the_pool", "1 select"),
    row("errors::constraint", "1 select, 1 insert"),
    row("errors::constraint_at_the_end_of_the_test", "1 insert"),
    row("errors::never_polled", "1 select"),
    row("errors::polled_once", "2 select"),
    row("errors::syntax", "1 select, 1 other")
        .differs(&[("SELEC name FROM item", 1)], "SQLite traces what begins to run: not what it cannot read"),
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
    row("statements::commands", "1 select, 3 ddl, 2 other")
        .differs(&[("EXPLAIN QUERY PLAN SELECT id FROM item", 1)], "SQLite does not trace EXPLAIN"),
    row("statements::many_rows_at_once", "1 select, 1 insert"),
    row("statements::reads_and_writes", "1 select, 3 insert, 1 update, 1 delete"),
    row("statements::several_statements_in_one_text", "2 select, 1 insert, 1 update").round_trips(2),
    row("statements::the_same_statement_in_one_text", "4 insert").round_trips(1),
    row("statements::texts_of_every_length", "5 select"),
    row("statements::the_same_again_and_again", "11 select"),
    row("statements::writes_that_look_like_reads_and_the_reverse", "1 select, 3 insert"),
    row("streams::dropped_after_a_row", "2 select"),
    row("streams::dropped_after_a_row_at_the_end_of_the_test", "1 select"),
    row("streams::failing_in_the_middle", "2 select"),
    row("streams::read_to_the_end", "1 select"),
    row("transactions::committed", "1 select, 1 insert"),
    row("transactions::dropped_at_the_end_of_the_test", "1 insert"),
    row("transactions::nested_three_deep_with_an_inner_rollback", "1 select, 4 insert"),
    row("transactions::rolled_back", "1 select, 1 insert"),
    row("transactions::rolled_back_on_drop", "1 select, 1 insert"),
    row("own::a_test_database", "1 select, 1 insert"),
    row("own::retried_after_a_conflict", "2 update, 1 delete"),
    row("own::triggers", "1 update, 1 ddl"),
];

#[test]
fn counts_what_the_server_saw() {
    check_complete("sqlite", ROWS);
    check("sqlite", Engine::Sqlite, ROWS);
}

#[test]
fn sees_or_says_that_it_does_not() {
    check_sight(&Suite::this(), "sqlite", Engine::Sqlite);
}
