//! The work, written once and compiled for each engine: a fixture for each shape.
//!
//! The module around this one brings `engine`: the types of sqlx, and what is said differently in that dialect.

mod errors;
mod pools;
mod spawning;
mod statements;
mod streams;
mod transactions;

use sqlx::Connection as _;

use super::engine::{self, Connection, Pool, PoolOptions, q};

/// Where the database is, as the test that started this process says.
pub(super) fn url() -> String {
    std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL")
}

pub(super) async fn connection() -> Connection {
    engine::prepare();
    Connection::connect(&url()).await.unwrap()
}

pub(super) async fn pool(connections: u32) -> Pool {
    pool_of(PoolOptions::new().max_connections(connections)).await
}

pub(super) async fn pool_of(options: PoolOptions) -> Pool {
    engine::prepare();
    options.connect(&url()).await.unwrap()
}

pub(super) async fn name_of(pool: &Pool, id: i32) -> String {
    sqlx::query_scalar(q("SELECT name FROM item WHERE id = ?")).bind(id).fetch_one(pool).await.unwrap()
}

pub(super) async fn count(pool: &Pool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(pool).await.unwrap()
}
