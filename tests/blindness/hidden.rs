//! What keeps queries from being seen: each of these tests is to fail, and to say why.

use std::str::FromStr;
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, OnceLock};
use std::thread;
use std::time::Duration;

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
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
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

/// A connection that logs no statement, or none that is slow, and each is.
async fn quiet(options: fn(SqliteConnectOptions) -> SqliteConnectOptions) -> SqliteConnection {
    options(SqliteConnectOptions::from_str("sqlite::memory:").unwrap()).connect().await.unwrap()
}

fn no_log(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.log_statements(LevelFilter::Off)
}

fn no_slow_log(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.log_slow_statements(LevelFilter::Off, Duration::ZERO)
}

#[max_queries(0)]
#[ignore = "a fixture"]
#[tokio::test]
async fn none_may_be_sent_and_the_log_is_off() {
    select(&mut quiet(no_log).await).await;
}

#[max_queries(0)]
#[ignore = "a fixture"]
#[tokio::test]
async fn none_may_be_sent_and_the_slow_log_is_off() {
    select(&mut quiet(no_slow_log).await).await;
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_loop_without_a_log() {
    let (mut heard, mut quiet) = (connect().await, quiet(no_log).await);
    select(&mut heard).await;
    for _ in 0..20 {
        select(&mut quiet).await;
    }
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test]
async fn one_connection_of_two_has_no_log() {
    let (mut heard, mut quiet) = (connect().await, quiet(no_slow_log).await);
    select(&mut heard).await;
    select(&mut quiet).await;
    select(&mut heard).await;
}

/// One query is seen, and the four of a neighbour's turn are hidden, while somebody else installs the global subscriber.
#[max_queries(1)]
#[ignore = "a fixture"]
#[tokio::test]
async fn beside_a_neighbour_after_a_query() {
    let mut connection = connect().await;
    select(&mut connection).await;
    let hidden = async move {
        for _ in 0..4 {
            select(&mut connection).await;
        }
    };
    tokio::spawn(hidden.with_subscriber(subscriber())).await.unwrap();
    neighbour();
}

#[max_queries(1)]
#[ignore = "a fixture"]
#[tokio::test]
async fn beside_a_neighbour_before_a_query() {
    let mut connection = connect().await;
    {
        let _guard = set_default(subscriber());
        for _ in 0..4 {
            select(&mut connection).await;
        }
    }
    select(&mut connection).await;
    neighbour();
}

#[max_queries(1)]
#[ignore = "a fixture"]
#[tokio::test]
async fn nobody_in_front_for_a_part() {
    let mut connection = connect().await;
    select(&mut connection).await;
    let _guard = tracing::dispatcher::set_default(&tracing::Dispatch::none());
    select(&mut connection).await;
    drop(_guard);
    select(&mut connection).await;
}

/// One that was made before the test, so that its making is seen by nobody.
#[max_queries(1)]
#[ignore = "a fixture"]
#[rstest]
#[tokio::test]
async fn an_earlier_one_for_a_part(#[from(made_before)] dispatch: tracing::Dispatch) {
    let mut connection = connect().await;
    select(&mut connection).await;
    let guard = tracing::dispatcher::set_default(&dispatch);
    select(&mut connection).await;
    drop(guard);
}

#[fixture]
fn made_before() -> tracing::Dispatch {
    tracing::Dispatch::new(subscriber())
}

/// Installs the global subscriber, on a thread that is nobody's.
fn neighbour() {
    static NEIGHBOUR: LazyLock<Sender<Sender<()>>> = LazyLock::new(|| {
        let (call, calls) = channel::<Sender<()>>();
        thread::spawn(move || {
            let done = calls.recv().unwrap();
            set_global_default(subscriber()).unwrap();
            done.send(()).unwrap();
        });
        call
    });
    let (done, when_done) = channel();
    NEIGHBOUR.send(done).unwrap();
    when_done.recv().unwrap();
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test]
async fn default_around_no_query() {
    let mut connection = connect().await;
    select(&mut connection).await;
    with_default(subscriber(), || tracing::info!("what is tested is the log"));
    select(&mut connection).await;
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
