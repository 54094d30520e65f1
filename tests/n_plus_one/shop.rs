//! The application: customers, orders, lines and products, and the statements that the shapes repeat.

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor, SqlitePool};
use tempfile::TempDir;

/// How many orders there are; each has two lines.
pub(crate) const ORDERS: i64 = 6;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, status TEXT NOT NULL);
    CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, product_id INTEGER NOT NULL);
    CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE categories (id INTEGER PRIMARY KEY, parent_id INTEGER);
    CREATE TABLE rates (day INTEGER PRIMARY KEY, rate INTEGER NOT NULL);
    CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO customers (name) VALUES ('Ann'), ('Bob'), ('Cleo'), ('Dan'), ('Eve'), ('Flo'), ('Gil');
    INSERT INTO orders (customer_id, status) VALUES
        (1, 'open'), (2, 'paid'), (3, 'sent'), (1, 'open'), (4, 'paid'), (5, 'open');
    INSERT INTO products (name) VALUES ('pen'), ('ink'), ('cup');
    INSERT INTO lines (order_id, product_id) SELECT id, 1 FROM orders UNION ALL SELECT id, 2 FROM orders;
    INSERT INTO categories VALUES (1, NULL), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3);
    INSERT INTO rates VALUES (0, 100), (4, 101);
    INSERT INTO settings VALUES ('currency', 'EUR'), ('theme', 'dark');
    CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT NOT NULL);
    INSERT INTO jobs (state) VALUES ('new'), ('new'), ('new'), ('new'), ('new');
    CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, day INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20) INSERT INTO events SELECT i, i, NULL FROM n;
    CREATE TABLE stock (id INTEGER PRIMARY KEY, pieces INTEGER NOT NULL, version INTEGER NOT NULL);
    INSERT INTO stock VALUES (1, 9, 1);
    CREATE TABLE hits (key TEXT PRIMARY KEY, n INTEGER NOT NULL)";

/// The application's pool, made outside of the count. The directory holds the database.
pub(crate) struct Shop {
    pub(crate) pool: SqlitePool,
    _dir: TempDir,
}

impl Shop {
    pub(crate) async fn open() -> Shop {
        perfassert::unmeasured_async(async {
            let dir = tempfile::tempdir().unwrap();
            let file =
                SqliteConnectOptions::new().filename(dir.path().join("shop.db")).create_if_missing(true);
            let pool = SqlitePoolOptions::new().max_connections(3).connect_with(file).await.unwrap();
            pool.execute(SCHEMA).await.unwrap();
            Shop { pool, _dir: dir }
        })
        .await
    }

    /// Of each order its number and its customer.
    pub(crate) async fn orders(&self) -> Vec<(i64, i64)> {
        sqlx::query_as("SELECT id, customer_id FROM orders ORDER BY id").fetch_all(&self.pool).await.unwrap()
    }

    pub(crate) async fn customer(&self, id: i64) -> String {
        sqlx::query_scalar("SELECT name FROM customers WHERE id = ?")
            .bind(id)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    pub(crate) async fn lines(&self, order: i64) -> Vec<(i64, i64)> {
        sqlx::query_as("SELECT id, product_id FROM lines WHERE order_id = ?")
            .bind(order)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    pub(crate) async fn count_of(&self, status: &str) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM orders WHERE status = ?")
            .bind(status)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    pub(crate) async fn status(&self, order: i64) -> String {
        sqlx::query_scalar("SELECT status FROM orders WHERE id = ?")
            .bind(order)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// As many customers at once as there are ids.
    pub(crate) async fn customers(&self, ids: &[i64]) -> Vec<(i64, String)> {
        let marks = vec!["?"; ids.len()].join(", ");
        let sql = sqlx::AssertSqlSafe(format!("SELECT id, name FROM customers WHERE id IN ({marks})"));
        let query = ids.iter().fold(sqlx::query_as(sql), |query, id| query.bind(*id));
        query.fetch_all(&self.pool).await.unwrap()
    }
}
