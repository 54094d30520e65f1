//! What the handlers do.

use std::io;

use futures::{Stream, stream};
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;
use tokio::task::yield_now;

pub(crate) const A: &str = "SELECT 1 AS a";
pub(crate) const B: &str = "SELECT 1 AS b";
pub(crate) const FRAME: &str = "SELECT 1 AS of_a_frame";

pub(crate) async fn pool() -> SqlitePool {
    SqlitePoolOptions::new().max_connections(4).connect("sqlite::memory:").await.unwrap()
}

/// Executes a statement `n` times, and lets others run in between.
pub(crate) async fn select(pool: &SqlitePool, sql: &'static str, n: usize) {
    for _ in 0..n {
        let _: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
        yield_now().await;
    }
}

/// A body of `n` frames, with a query for each. The last one may be an error.
pub(crate) fn frames<E>(
    pool: SqlitePool,
    n: usize,
    last: Option<fn() -> E>,
) -> impl Stream<Item = Result<&'static str, E>> {
    stream::unfold((pool, n), move |(pool, left)| async move {
        let next = left.checked_sub(1)?;
        select(&pool, FRAME, 1).await;
        let frame = match last {
            Some(error) if next == 0 => Err(error()),
            _ => Ok("frame"),
        };
        Some((frame, (pool, next)))
    })
}

pub(crate) fn cut() -> io::Error {
    io::Error::other("cut off")
}
