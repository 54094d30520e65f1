//! The application under test: two queries, and a log of its own.

use sqlx::{Connection, SqliteConnection};
use tracing::{Instrument, debug, info, info_span, warn};

pub(crate) const QUERIES: i64 = 2;

pub(crate) async fn connect() -> SqliteConnection {
    SqliteConnection::connect("sqlite::memory:").await.unwrap()
}

pub(crate) async fn select(connection: &mut SqliteConnection) {
    let _: i64 = sqlx::query_scalar("SELECT 1").fetch_one(connection).await.unwrap();
}

/// Sends the queries, inside a span and outside of it.
pub(crate) async fn serve() {
    let mut connection = connect().await;
    info!("serving");
    async {
        debug!(rows = 1, "asking");
        select(&mut connection).await;
        warn!("asked");
        tokio::spawn(async { info!("in a task") }.in_current_span()).await.unwrap();
    }
    .instrument(info_span!("request", id = 7))
    .await;
    log::info!("by way of log");
    select(&mut connection).await;
    info!("served");
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
