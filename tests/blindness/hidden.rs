//! What keeps queries from being seen: each of these tests is to fail, and to say why.

use std::str::FromStr;
use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::routing::get;
use log::LevelFilter;
use perfassert::tower::EndpointLayer;
use perfassert::{max_queries, no_n_plus_one};
use rstest::{fixture, rstest};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, SqlitePool};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::{DefaultGuard, set_default, set_global_default, with_default};
use tracing_subscriber::fmt;

use crate::shop::{block_on, connect, select, serve};

fn subscriber() -> impl tracing::Subscriber + Send + Sync + use<> {
    fmt().with_max_level(tracing::Level::INFO).with_writer(std::io::sink).finish()
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn nothing() {}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn nothing_that_repeats() {}

#[max_queries(5)]
#[ignore = "a fixture"]
#[tokio::test]
async fn statement_logging_off() {
    let quiet = SqliteConnectOptions::from_str("sqlite::memory:").unwrap().log_statements(LevelFilter::Off);
    select(&mut quiet.connect().await.unwrap()).await;
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn default_for_the_body() {
    let _guard = set_default(subscriber());
    block_on(serve());
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[tokio::test]
async fn default_for_the_body_in_tokio() {
    let _guard = set_default(subscriber());
    serve().await;
}

/// The guard of a subscriber that was set before.
#[fixture]
fn scoped() -> DefaultGuard {
    set_default(subscriber())
}

#[max_queries(5)]
#[rstest]
#[ignore = "a fixture"]
fn default_dropped_by_the_body(scoped: DefaultGuard) {
    block_on(serve());
    drop(scoped);
}

#[max_queries(5)]
#[rstest]
#[ignore = "a fixture"]
fn default_dropped_by_the_body_beside_a_global_one(scoped: DefaultGuard) {
    set_global_default(subscriber()).unwrap();
    block_on(serve());
    let _scoped = scoped;
}

#[max_queries(5)]
#[rstest]
#[ignore = "a fixture"]
#[tokio::test]
async fn default_of_a_fixture_in_tokio(scoped: DefaultGuard) {
    serve().await;
    drop(scoped);
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn default_for_a_part() {
    let mut connection = block_on(connect());
    block_on(select(&mut connection));
    with_default(subscriber(), || block_on(select(&mut connection)));
    block_on(select(&mut connection));
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn default_for_a_part_beside_a_global_one() {
    set_global_default(subscriber()).unwrap();
    let mut connection = block_on(connect());
    block_on(select(&mut connection));
    with_default(subscriber(), || block_on(select(&mut connection)));
    block_on(select(&mut connection));
}

async fn app() -> Router {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let handler = async |State(pool): State<SqlitePool>| {
        let _: i64 = sqlx::query_scalar("SELECT 1").fetch_one(&pool).await.unwrap();
    };
    Router::new().route("/", get(handler)).with_state(pool)
}

async fn call(app: Router) {
    assert!(app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap().status().is_success());
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[tokio::test]
async fn subscriber_of_a_task() {
    let app = app().await;
    call(app.clone()).await;
    tokio::spawn(call(app).with_subscriber(subscriber())).await.unwrap();
}

#[max_queries(5, endpoint = "GET /")]
#[ignore = "a fixture"]
#[tokio::test]
async fn subscriber_of_a_task_around_endpoints() {
    let app = app().await.layer(EndpointLayer::new());
    call(app.clone()).await;
    tokio::spawn(call(app).with_subscriber(subscriber())).await.unwrap();
}

/// A runtime that is started by one test and used by the next.
mod runtime {
    use super::*;

    fn shared() -> &'static Runtime {
        static SHARED: OnceLock<Runtime> = OnceLock::new();
        SHARED.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
    }

    #[max_queries(2)]
    #[ignore = "a fixture"]
    #[test]
    fn a_starts_it() {
        block_on(shared().spawn(serve())).unwrap();
    }

    #[max_queries(2)]
    #[ignore = "a fixture"]
    #[test]
    fn b_uses_it() {
        block_on(serve());
        block_on(shared().spawn(serve())).unwrap();
    }
}
