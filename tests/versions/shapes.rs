//! The shapes in which sqlx executes, each a test of its own. Compiled here with the workspace's sqlx, and in the fixture with an
//! older one, so it keeps to what both have.

use std::time::Duration;

use futures::TryStreamExt;
use perfassert::{max_allocs, max_queries, unmeasured_async};
use sqlx::{Connection, Executor, SqliteConnection};

async fn connect() -> SqliteConnection {
    unmeasured_async(async {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        db.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT UNIQUE)").await.unwrap();
        db.execute("INSERT INTO customers (name) VALUES ('Ann'), ('Bob'), ('Cid')").await.unwrap();
        db
    })
    .await
}

/// Each shape on both runtimes.
macro_rules! shapes {
    ($($name:ident: async |$db:ident| $shape:block)*) => { $(mod $name {
        use super::*;

        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[tokio::test]
        async fn current_thread() {
            let mut $db = connect().await;
            $shape
        }

        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn multi_thread() {
            let mut $db = connect().await;
            $shape
        }
    })* };
}

shapes! {
    query: async |db| {
        for id in 1..=2 {
            let name = sqlx::query_scalar("SELECT name FROM customers WHERE id = ?").bind(id);
            let _: String = name.fetch_one(&mut db).await.unwrap();
        }
        sqlx::query("UPDATE customers SET name = 'Don' WHERE id = 1").execute(&mut db).await.unwrap();
    }
    transaction: async |db| {
        let mut outer = db.begin().await.unwrap();
        outer.execute("DELETE FROM customers WHERE id = 1").await.unwrap();
        let mut inner = outer.begin().await.unwrap();
        inner.execute("DELETE FROM customers WHERE id = 2").await.unwrap();
        inner.rollback().await.unwrap();
        outer.commit().await.unwrap();
    }
    transaction_dropped: async |db| {
        let mut transaction = db.begin().await.unwrap();
        transaction.execute("DELETE FROM customers").await.unwrap();
        drop(transaction);
        db.ping().await.unwrap();
    }
    stream_dropped: async |db| {
        let mut rows = sqlx::query("SELECT id, name FROM customers").fetch(&mut db);
        assert!(rows.try_next().await.unwrap().is_some());
    }
    errors: async |db| {
        db.execute("INSERT INTO customers (id) VALUES (1)").await.unwrap_err();
        db.execute("SELEC 1").await.unwrap_err();
    }
    raw: async |db| {
        sqlx::raw_sql("SELECT 1; SELECT 2; SELECT 3").execute(&mut db).await.unwrap();
    }
    cancelled: async |db| {
        let slow = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n";
        let slow = sqlx::query(slow).execute(&mut db);
        tokio::time::timeout(Duration::from_millis(5), slow).await.unwrap_err();
        db.ping().await.unwrap();
    }
    never_polled: async |db| {
        drop(sqlx::query("SELECT 1").execute(&mut db));
    }
}

/// Both drivers of the same SQLite, each counted by its own source.
#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test]
async fn beside_rusqlite() {
    let mut db = connect().await;
    db.execute("SELECT id FROM customers").await.unwrap();
    let other = rusqlite::Connection::open_in_memory().unwrap();
    let _: i64 = other.query_row("SELECT 1", [], |row| row.get(0)).unwrap();
}
