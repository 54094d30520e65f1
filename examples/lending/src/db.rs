//! The database: the pool, the way to it from a handler, and sample data for the demo and the tests.

use actix_web::web;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection};

use crate::Error;

/// The pool of the desk.
pub type Pool = r2d2::Pool<ConnectionManager<SqliteConnection>>;

/// Opens a new database in memory, with tables and sample data.
///
/// A database in memory lives as long as its connection, so the pool holds on to a single one.
pub fn in_memory() -> Result<Pool, Error> {
    let pool = r2d2::Pool::builder()
        .max_size(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_customizer(Box::new(References))
        .build(ConnectionManager::new(":memory:"))?;
    let mut connection = pool.get()?;
    connection.batch_execute(include_str!("schema.sql"))?;
    connection.batch_execute(include_str!("seed.sql"))?;
    Ok(pool)
}

/// Does `work` with a connection, on a thread that may block.
pub(crate) async fn run<T, F>(pool: &Pool, work: F) -> Result<T, Error>
where
    F: FnOnce(&mut SqliteConnection) -> Result<T, Error> + Send + 'static,
    T: Send + 'static,
{
    let pool = pool.clone();
    // Entered on the other thread: what happens there belongs to the request.
    let span = tracing::info_span!("database");
    web::block(move || span.in_scope(|| work(&mut *pool.get()?))).await?
}

/// SQLite looks at references only where a connection asks for it.
#[derive(Debug)]
struct References;

impl CustomizeConnection<SqliteConnection, r2d2::Error> for References {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), r2d2::Error> {
        connection.batch_execute("PRAGMA foreign_keys = ON").map_err(r2d2::Error::QueryError)
    }
}
