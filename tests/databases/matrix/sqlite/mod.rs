//! sqlx on SQLite.

#[path = "../shapes/mod.rs"]
mod shapes;

use perfassert_database_tests::Engine;

use crate::row::{Row, check, row};

/// What sqlx and SQL call things here.
mod engine {
    pub(super) type Pool = sqlx::SqlitePool;
    pub(super) type PoolOptions = sqlx::sqlite::SqlitePoolOptions;
    pub(super) type Connection = sqlx::SqliteConnection;

    pub(super) const SLOW: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n";
    /// The least of all numbers has no absolute value.
    pub(super) const FAILS_AT_3: &str =
        "SELECT abs(-9223372036854775805 - id) FROM item WHERE id <= 3 ORDER BY id";
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

const ROWS: &[Row] = &[row("x", "")];

#[test]
fn counts_what_the_server_saw() {
    check("sqlite", Engine::Sqlite, ROWS);
}
