//! Q45, Q46: what keeps queries from being seen makes the test fail and say why; what only looks like it does not.
//!
//! Compiled for each engine, like the shapes.

use std::sync::OnceLock;

use log::LevelFilter;
use perfassert::max_queries;
use sqlx::ConnectOptions;
use tokio::runtime::{Builder, Runtime};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::{set_default, set_global_default, with_default};
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt;

use super::engine::{self, Connection};
use super::shapes::{self, connection, count, url};

fn subscriber() -> impl tracing::Subscriber + Send + Sync + use<> {
    fmt().with_max_level(tracing::Level::INFO).with_writer(std::io::sink).finish()
}

fn block_on<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn logging(level: LevelFilter) -> Connection {
    engine::prepare();
    let options = url().parse::<<Connection as sqlx::Connection>::Options>().unwrap();
    options.log_statements(level).connect().await.unwrap()
}

async fn ask(connection: &mut Connection) {
    let _: i64 = sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(connection).await.unwrap();
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn statement_logging_off() {
    ask(&mut logging(LevelFilter::Off).await).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn statements_logged_at_trace_level() {
    set_global_default(subscriber()).unwrap();
    ask(&mut logging(LevelFilter::Trace).await).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_default_for_the_body() {
    let _guard = set_default(subscriber());
    ask(&mut connection().await).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn a_default_in_the_middle() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut connection = runtime.block_on(connection());
    runtime.block_on(ask(&mut connection));
    with_default(subscriber(), || runtime.block_on(ask(&mut connection)));
    runtime.block_on(ask(&mut connection));
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn a_default_in_the_middle_beside_a_global_one() {
    set_global_default(subscriber()).unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut connection = runtime.block_on(connection());
    runtime.block_on(ask(&mut connection));
    with_default(subscriber(), || runtime.block_on(ask(&mut connection)));
    runtime.block_on(ask(&mut connection));
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_default_at_the_beginning_beside_a_global_one() {
    set_global_default(subscriber()).unwrap();
    let mut connection = connection().await;
    let guard = subscriber().set_default();
    ask(&mut connection).await;
    drop(guard);
    ask(&mut connection).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_default_of_a_task() {
    let pool = shapes::pool(2).await;
    count(&pool).await;
    let other = pool.clone();
    tokio::spawn(async move { count(&other).await }.with_subscriber(subscriber())).await.unwrap();
    count(&pool).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_default_of_a_task_on_another_thread() {
    set_global_default(subscriber()).unwrap();
    let pool = shapes::pool(2).await;
    count(&pool).await;
    let other = pool.clone();
    let task =
        async move { tokio::spawn(async move { count(&other).await }.with_subscriber(subscriber())).await };
    tokio::spawn(task).await.unwrap().unwrap();
    count(&pool).await;
}

/// Nothing is hidden: a subscriber is made again and again, and never takes effect.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn try_init_again_and_again() {
    let mut connection = connection().await;
    for _ in 0..3 {
        let _ = subscriber().try_init();
        ask(&mut connection).await;
    }
    let _ = subscriber().try_init();
}

/// A runtime that nobody measured has started.
mod runtime_of_nobody {
    use super::*;

    fn shared() -> &'static Runtime {
        static SHARED: OnceLock<Runtime> = OnceLock::new();
        SHARED.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
    }

    async fn ask_there() {
        ask(&mut connection().await).await;
    }

    #[ignore = "a fixture"]
    #[test]
    fn a_starts_it() {
        block_on(shared().spawn(ask_there())).unwrap();
    }

    #[max_queries(100)]
    #[ignore = "a fixture"]
    #[test]
    fn b_uses_it() {
        block_on(shared().spawn(ask_there())).unwrap();
    }
}

/// A runtime that another measured test has started.
mod runtime_of_a_test {
    use super::*;

    fn shared() -> &'static Runtime {
        static SHARED: OnceLock<Runtime> = OnceLock::new();
        SHARED.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
    }

    async fn ask_there() {
        ask(&mut connection().await).await;
    }

    #[max_queries(100)]
    #[ignore = "a fixture"]
    #[test]
    fn a_starts_it() {
        block_on(shared().spawn(ask_there())).unwrap();
    }

    #[max_queries(100)]
    #[ignore = "a fixture"]
    #[test]
    fn b_uses_it() {
        block_on(ask_there());
        block_on(shared().spawn(ask_there())).unwrap();
    }
}
