//! sqlx: transactions that are rolled back, for each row or to try once more. On SQLite sqlx does not log its own, so the commands
//! are those that it sends, and logs, on PostgreSQL and MySQL.

use perfassert::{no_n_plus_one, unmeasured_async};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

use crate::shop::{ORDERS, Shop};

async fn send(connection: &mut SqliteConnection, command: &'static str) {
    sqlx::raw_sql(command).execute(connection).await.unwrap();
}

async fn connection(shop: &Shop) -> PoolConnection<Sqlite> {
    unmeasured_async(shop.pool.acquire()).await.unwrap()
}

/// Q58: what is there already is rolled back.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn transaction_per_row_some_rolled_back() {
    let shop = Shop::open().await;
    let connection = &mut *connection(&shop).await;
    for name in ["Ann", "Hal", "Bob", "Ian", "Cleo", "Joe", "Dan", "Kim"] {
        send(connection, "BEGIN").await;
        let insert = sqlx::query("INSERT INTO customers (name) VALUES (?)").bind(name);
        let inserted = insert.execute(&mut *connection).await.is_ok();
        send(connection, if inserted { "COMMIT" } else { "ROLLBACK" }).await;
    }
}

/// Q58: a trial run.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn transaction_per_row_all_rolled_back() {
    let shop = Shop::open().await;
    let connection = &mut *connection(&shop).await;
    for order in 1..=ORDERS {
        send(connection, "BEGIN").await;
        let update = sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ?").bind(order);
        update.execute(&mut *connection).await.unwrap();
        send(connection, "ROLLBACK").await;
    }
}

/// Q58: what sqlx and diesel make of a transaction inside another.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn savepoint_per_row() {
    let shop = Shop::open().await;
    let connection = &mut *connection(&shop).await;
    send(connection, "BEGIN").await;
    for name in ["Hal", "Ann", "Ian", "Joe", "Bob", "Kim"] {
        send(connection, "SAVEPOINT _sqlx_savepoint_1").await;
        let insert = sqlx::query("INSERT INTO customers (name) VALUES (?)").bind(name);
        let end = match insert.execute(&mut *connection).await {
            Ok(_) => "RELEASE SAVEPOINT _sqlx_savepoint_1",
            Err(_) => "ROLLBACK TO SAVEPOINT _sqlx_savepoint_1",
        };
        send(connection, end).await;
    }
    send(connection, "COMMIT").await;
}

/// Each has begun before the one before it has ended, and all are committed.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn transactions_side_by_side() {
    let shop = Shop::open().await;
    let mut connections = [connection(&shop).await, connection(&shop).await, connection(&shop).await];
    for connection in &mut connections {
        send(connection, "BEGIN").await;
    }
    for order in 1..=ORDERS {
        let connection = &mut *connections[(order % 3) as usize];
        let status = sqlx::query("SELECT status FROM orders WHERE id = ?").bind(order);
        status.fetch_one(connection).await.unwrap();
    }
    for connection in &mut connections {
        send(connection, "COMMIT").await;
    }
}

/// Q59: what has failed is dropped, and nothing rolls it back before the next one begins.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn conflict_dropped_and_tried_again() {
    let shop = Shop::open().await;
    for attempt in 0..3 {
        let mut connection = connection(&shop).await.detach();
        send(&mut connection, "BEGIN").await;
        let pieces = sqlx::query_scalar("SELECT pieces FROM stock WHERE id = ?").bind(1);
        let _: i64 = pieces.fetch_one(&mut connection).await.unwrap();
        let update = sqlx::query("UPDATE stock SET pieces = pieces - 1 WHERE id = ?").bind(1);
        update.execute(&mut connection).await.unwrap();
        if attempt == 2 {
            send(&mut connection, "COMMIT").await;
        }
        unmeasured_async(sqlx::Connection::close(connection)).await.unwrap();
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn optimistic_lock() {
    let shop = Shop::open().await;
    for attempt in 0.. {
        let version = sqlx::query_scalar("SELECT version FROM stock WHERE id = ?").bind(1);
        let version: i64 = version.fetch_one(&shop.pool).await.unwrap();
        if attempt < 3 {
            let others = sqlx::query("UPDATE stock SET version = version + 1");
            unmeasured_async(others.execute(&shop.pool)).await.unwrap();
        }
        let update = "UPDATE stock SET pieces = 8, version = version + 1 WHERE id = ? AND version = ?";
        let updated = sqlx::query(update).bind(1).bind(version).execute(&shop.pool).await.unwrap();
        if updated.rows_affected() == 1 {
            break;
        }
    }
}

/// Q59: a conflict is tried again twice, and then the next order is done.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_orders_of_which_one_is_tried_again() {
    let shop = Shop::open().await;
    let connection = &mut *connection(&shop).await;
    for end in ["ROLLBACK", "ROLLBACK", "COMMIT", "COMMIT"] {
        send(connection, "BEGIN").await;
        let update = sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ?").bind(1);
        update.execute(&mut *connection).await.unwrap();
        send(connection, end).await;
    }
}

/// An update that meets a row only sometimes is no lock.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn conditional_update_per_row() {
    let shop = Shop::open().await;
    for (order, _) in shop.orders().await {
        let update =
            sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ? AND status = 'paid'").bind(order);
        update.execute(&shop.pool).await.unwrap();
    }
}

/// What is there already is left as it is.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn insert_or_ignore_per_row() {
    let shop = Shop::open().await;
    for name in ["Ann", "Bob", "Cleo", "Dan"] {
        let insert = sqlx::query("INSERT INTO customers (name) VALUES (?) ON CONFLICT DO NOTHING").bind(name);
        insert.execute(&shop.pool).await.unwrap();
    }
}
