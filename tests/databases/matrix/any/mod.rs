//! sqlx's `Any`, on each of the three.

#[path = "../shapes/mod.rs"]
mod shapes;

use perfassert_database_tests::Engine;

use crate::common;
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

/// Those with a difference.
const OWN: &[Row] = &[
    row("statements::commands", "1 select, 2 ddl"),
    row("statements::writes_that_look_like_reads_and_the_reverse", "1 select"),
];

#[test]
fn counts_what_postgres_saw() {
    let rows = common::and(OWN);
    check_complete("any", &rows);
    check("any", Engine::Postgres, &rows);
}

/// The witnesses of MariaDB and SQLite do not show what could not be read.
const SYNTAX: Row = row("errors::syntax", "1 select, 1 other")
    .differs(&[("SELEC name FROM item", 1)], "as in the tables of those databases");

/// The rows in which the database behind it makes a difference.
fn rows_of_others() -> Vec<Row> {
    let mut rows = common::and(&[OWN, &[SYNTAX]].concat());
    rows.retain(|row| !row.shape.starts_with("spawning::"));
    rows
}

#[test]
fn counts_what_mysql_saw() {
    check("any", Engine::MySql, &rows_of_others());
}

#[test]
fn counts_what_sqlite_saw() {
    check("any", Engine::Sqlite, &rows_of_others());
}
