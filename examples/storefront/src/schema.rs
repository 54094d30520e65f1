//! The database: its tables, and a week of sample orders for the demo and the tests.

use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

/// Opens a new database in memory, with tables and sample data.
///
/// A database in memory lives as long as its connection, so the pool holds on to a single one.
pub async fn in_memory() -> sqlx::Result<SqlitePool> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect("sqlite::memory:")
        .await?;
    create(&pool).await?;
    seed(&pool).await?;
    Ok(pool)
}

/// Creates the tables that are not there yet.
pub async fn create(pool: &SqlitePool) -> sqlx::Result<()> {
    sqlx::raw_sql(include_str!("schema.sql")).execute(pool).await?;
    Ok(())
}

/// Adds twelve customers, six products and fourteen orders to an empty shop.
pub async fn seed(pool: &SqlitePool) -> sqlx::Result<()> {
    sqlx::raw_sql(include_str!("seed.sql")).execute(pool).await?;
    Ok(())
}
