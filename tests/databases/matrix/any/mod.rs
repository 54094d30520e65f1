//! sqlx's `Any`, on each of the three.

#[path = "../shapes/mod.rs"]
mod shapes;

use perfassert_database_tests::Engine;

use crate::row::{Row, check, row};

/// What sqlx and SQL call things here.
mod engine {
    use sqlx::AssertSqlSafe;

    pub(super) type Pool = sqlx::AnyPool;
    pub(super) type PoolOptions = sqlx::any::AnyPoolOptions;
    pub(super) type Connection = sqlx::AnyConnection;

    pub(super) const SLOW: &str =
        "SELECT count(*) FROM item a, item b, item c, item d, item e, item f, item g, item h";
    pub(super) const FAILS_AT_3: &str = "SELECT no_such_column FROM item";
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

const ROWS: &[Row] = &[row("x", "")];

#[test]
fn counts_what_postgres_saw() {
    check("any", Engine::Postgres, ROWS);
}

#[test]
fn counts_what_mysql_saw() {
    check("any", Engine::MySql, ROWS);
}

#[test]
fn counts_what_sqlite_saw() {
    check("any", Engine::Sqlite, ROWS);
}
