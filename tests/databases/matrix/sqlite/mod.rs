//! sqlx on SQLite.

#[path = "../blind.rs"]
mod blind;
mod own;
#[path = "../shapes/mod.rs"]
mod shapes;

use perfassert_database_tests::Engine;

use crate::common;
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

/// Those with a difference.
const OWN: &[Row] = &[
    row("errors::syntax", "1 select, 1 other")
        .differs(&[("SELEC name FROM item", 1)], "SQLite traces what begins to run: not what it cannot read"),
    row("statements::commands", "1 select, 3 ddl, 2 other")
        .differs(&[("EXPLAIN QUERY PLAN SELECT id FROM item", 1)], "SQLite does not trace EXPLAIN"),
    row("statements::writes_that_look_like_reads_and_the_reverse", "1 select, 3 insert"),
    row("own::a_test_database", "1 select, 1 insert"),
    row("own::retried_after_a_conflict", "2 update, 1 delete"),
    row("own::triggers", "1 update, 1 ddl"),
];

fn rows() -> Vec<Row> {
    common::and(OWN)
}

#[test]
fn counts_what_the_server_saw() {
    let rows = rows();
    check_complete("sqlite", &rows);
    check("sqlite", Engine::Sqlite, &rows);
}

#[test]
fn sees_or_says_that_it_does_not() {
    check_sight(&Suite::this(), "sqlite", Engine::Sqlite);
}
