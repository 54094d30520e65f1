//! What sqlx and SQL call things here.

pub(super) type Pool = sqlx::PgPool;
pub(super) type PoolOptions = sqlx::postgres::PgPoolOptions;
pub(super) type Connection = sqlx::PgConnection;

pub(super) const SLOW: &str = "SELECT pg_sleep(0.3)";
pub(super) const MIXED: &[&str] = &[
    "WITH old AS (SELECT id FROM item WHERE shop = 1) INSERT INTO item SELECT id + 100, 'x', 9 FROM old RETURNING id",
    "SELECT name FROM item WHERE id = 1 FOR UPDATE",
    // Q14
    "WITH gone AS (DELETE FROM item WHERE id = 101 RETURNING name) SELECT name FROM gone",
    "WITH one AS (SELECT 1 AS id) SELECT name FROM item JOIN one USING (id)",
];
pub(super) const COMMANDS: &[&str] = &[
    "BEGIN",
    "SAVEPOINT a",
    "COMMIT",
    "SET search_path TO public",
    "SHOW search_path",
    "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM item",
    "FETCH 2 FROM c",
    "CLOSE c",
    "EXPLAIN SELECT id FROM item",
    "CREATE TABLE made (id INTEGER)",
    "ALTER TABLE made ADD name TEXT",
    "DROP TABLE made",
];

pub(super) fn prepare() {}

/// `?` as this database writes it. Leaked: only some versions of sqlx take a text that was made.
pub(super) fn q(text: &'static str) -> &'static str {
    let mut parts = text.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    (1..).zip(parts).fold(first, |text, (n, part)| format!("{text}${n}{part}")).leak()
}
