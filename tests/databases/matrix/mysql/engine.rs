//! What sqlx and SQL call things here.

pub(super) type Pool = sqlx::MySqlPool;
pub(super) type PoolOptions = sqlx::mysql::MySqlPoolOptions;
pub(super) type Connection = sqlx::MySqlConnection;

pub(super) const SLOW: &str = "SELECT sleep(0.3)";
pub(super) const MIXED: &[&str] = &[
    "INSERT INTO item WITH old AS (SELECT id FROM item WHERE shop = 1) SELECT id + 100, 'x', 9 FROM old",
    "REPLACE INTO item VALUES (101, 'y', 9)",
    "INSERT INTO item VALUES (101, 'y', 9) ON DUPLICATE KEY UPDATE name = 'z'",
    "SELECT name FROM item WHERE id = 1 FOR UPDATE",
    "WITH one AS (SELECT 1 AS id) SELECT name FROM item JOIN one USING (id)",
];
pub(super) const COMMANDS: &[&str] = &[
    "SAVEPOINT a",
    "SET @a = 1",
    "SHOW TABLES",
    "EXPLAIN SELECT id FROM item",
    "CREATE TABLE made (id INTEGER)",
    "ALTER TABLE made ADD name TEXT",
    "DROP TABLE made",
];

pub(super) fn prepare() {}

/// `?` as this database writes it.
pub(super) fn q(text: &'static str) -> &'static str {
    text
}
