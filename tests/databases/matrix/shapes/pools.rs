//! Q20, Q22, Q23: what a pool does is apart from what the application asks for.

use std::time::Duration;

use futures::{StreamExt, stream};
use perfassert::{endpoint_async, max_queries};
use sqlx::Executor;

use super::engine::PoolOptions;
use super::{count, name_of, pool, pool_of};

/// Q22: a connection that is new, and one that is not.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn fresh_and_warm() {
    for _ in 0..2 {
        let pool = pool(1).await;
        for _ in 0..2 {
            count(&pool).await;
        }
    }
}

/// More connections are opened when the first is taken.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn grows_in_the_middle() {
    let pool = pool(3).await;
    count(&pool).await;
    let mut first = pool.acquire().await.unwrap();
    let mut second = pool.acquire().await.unwrap();
    count(&pool).await;
    for connection in [&mut first, &mut second] {
        sqlx::query("SELECT shop FROM item").fetch_all(&mut **connection).await.unwrap();
    }
}

/// Q20
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn buffered_unordered() {
    let pool = pool(3).await;
    let names = stream::iter(1..=5).map(|id| name_of(&pool, id)).buffer_unordered(3);
    assert_eq!(names.count().await, 5);
}

/// Q23: each time that a connection is taken out.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn tested_before_each_use() {
    let pool = pool_of(PoolOptions::new().max_connections(1).test_before_acquire(true)).await;
    for _ in 0..3 {
        count(&pool).await;
        // Gives the pool the time to take the connection back.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Q23: SQL of the application's in the hooks of the pool is the application's.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn hooks() {
    let options = PoolOptions::new()
        .max_connections(1)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute("SELECT shop FROM item").await.map(|_| ()) })
        })
        .before_acquire(|connection, _| {
            Box::pin(async move { connection.execute("SELECT id FROM item").await.map(|_| true) })
        })
        .after_release(|connection, _| {
            Box::pin(async move { connection.execute("SELECT name FROM item").await.map(|_| true) })
        });
    let pool = pool_of(options).await;
    for _ in 0..2 {
        let mut connection = pool.acquire().await.unwrap();
        connection.execute("SELECT 7").await.unwrap();
        connection.return_to_pool().await;
    }
    pool.close().await;
}

/// Q34
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_pools() {
    let (a, b) = (pool(1).await, pool(2).await);
    count(&a).await;
    for id in 1..4 {
        name_of(&b, id).await;
    }
}

/// Q34: each by the name of the section around it.
#[max_queries(3, endpoint = "reports")]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_pools_by_name() {
    let (a, b) = (pool(1).await, pool(2).await);
    endpoint_async("orders", count(&a)).await;
    let reports = async {
        for id in 1..4 {
            name_of(&b, id).await;
        }
    };
    endpoint_async("reports", reports).await;
}
