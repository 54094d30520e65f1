//! The ways in which a test's work gets onto other threads and tasks. Whatever the way, a test sends [`QUERIES`] queries
//! and does [`WORK`] pieces of work.

use std::path::Path;
use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::routing::get;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use perfassert::{counter, endpoint, max_allocs, max_queries, unmeasured_async};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{JoinSet, LocalSet, spawn_blocking, spawn_local};
use tower::ServiceExt;
use tracing::Instrument;

pub(crate) const QUERIES: i64 = 5;
pub(crate) const WORK: u64 = 2;
/// What one piece of work allocates.
pub(crate) const ALLOCS: i64 = 10;

/// A piece of work: counted as a request of an endpoint, so that what it allocates can be read exactly.
fn work() {
    endpoint("work", || {
        for size in 1..=10 {
            drop(std::hint::black_box(Vec::<u8>::with_capacity(size)));
        }
    });
    counter("work").add(1);
}

async fn queries(pool: &SqlitePool, n: i64) {
    for i in 0..n {
        let i_again: i64 = sqlx::query_scalar("SELECT ?").bind(i).fetch_one(pool).await.unwrap();
        assert_eq!(i_again, i);
    }
}

/// Half of the work, and the rest.
async fn some(pool: SqlitePool) {
    work();
    queries(&pool, 2).await;
}

async fn rest(pool: SqlitePool) {
    queries(&pool, 3).await;
    work();
}

async fn in_memory() -> SqlitePool {
    unmeasured_async(SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:")).await.unwrap()
}

/// A pool of several connections, each with a thread of its own, that are opened as they are needed.
async fn in_a_file() -> SqlitePool {
    static DIR: OnceLock<TempDir> = OnceLock::new();
    let dir = DIR.get_or_init(|| tempfile::tempdir().unwrap());
    let thread = format!("{:?}.db", std::thread::current().id());
    let file = SqliteConnectOptions::new().filename(Path::join(dir.path(), thread)).create_if_missing(true);
    SqlitePoolOptions::new().max_connections(3).connect_with(file).await.unwrap()
}

/// Each way on both runtimes and both kinds of pool.
macro_rules! each_way {
    ($($module:ident: $pool:ident, $test:meta;)*) => { $(mod $module {
        use super::*;

        each_way! { @ $pool, $test, [
            directly spawned join_set nested_spawn_with_a_root_span blocking_thread local_set futures_unordered
            std_thread rayon_pool axum_in_process axum_over_tcp
        ] }
    })* };
    (@ $pool:ident, $test:meta, [$($way:ident)*]) => { $(
        #[max_queries(5)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[$test]
        async fn $way() {
            super::$way(super::$pool().await).await;
        }
    )* };
}

each_way! {
    current_thread_in_memory: in_memory, tokio::test;
    current_thread_in_a_file: in_a_file, tokio::test;
    multi_thread_in_memory: in_memory, tokio::test(flavor = "multi_thread", worker_threads = 2);
    multi_thread_in_a_file: in_a_file, tokio::test(flavor = "multi_thread", worker_threads = 2);
}

async fn directly(pool: SqlitePool) {
    some(pool.clone()).await;
    rest(pool).await;
}

async fn spawned(pool: SqlitePool) {
    let tasks = (tokio::spawn(some(pool.clone())), tokio::spawn(rest(pool)));
    tasks.0.await.unwrap();
    tasks.1.await.unwrap();
}

async fn join_set(pool: SqlitePool) {
    let mut tasks = JoinSet::new();
    tasks.spawn(some(pool.clone()));
    tasks.spawn(rest(pool));
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
}

async fn nested_spawn_with_a_root_span(pool: SqlitePool) {
    let root = || tracing::info_span!(parent: None, "root");
    tokio::spawn(async move {
        tokio::spawn(some(pool.clone()).instrument(root())).await.unwrap();
        tokio::spawn(rest(pool)).instrument(root()).await.unwrap();
    })
    .await
    .unwrap();
}

async fn blocking_thread(pool: SqlitePool) {
    let (again, runtime) = (pool.clone(), Handle::current());
    spawn_blocking(move || runtime.block_on(some(again))).await.unwrap();
    spawn_blocking(move || Handle::current().block_on(rest(pool))).await.unwrap();
}

async fn local_set(pool: SqlitePool) {
    let local = LocalSet::new();
    local
        .run_until(async {
            spawn_local(some(pool.clone())).await.unwrap();
            rest(pool).await;
        })
        .await;
}

async fn futures_unordered(pool: SqlitePool) {
    join_all([some(pool.clone())]).await;
    work();
    let mut unordered: FuturesUnordered<_> = (0..3).map(|_| queries(&pool, 1)).collect();
    while unordered.next().await.is_some() {}
}

async fn std_thread(pool: SqlitePool) {
    let runtime = Handle::current();
    let thread = std::thread::spawn({
        let pool = pool.clone();
        move || runtime.block_on(some(pool))
    });
    spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    rest(pool).await;
}

async fn rayon_pool(pool: SqlitePool) {
    let runtime = Handle::current();
    spawn_blocking(move || {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let (a, b) = (some(pool.clone()), rest(pool));
        threads.install(|| rayon::join(|| runtime.block_on(a), || runtime.block_on(b)));
    })
    .await
    .unwrap();
}

fn app(pool: SqlitePool) -> Router {
    Router::new()
        .route("/some", get(async |State(pool)| some(pool).await))
        .route("/rest", get(async |State(pool): State<SqlitePool>| tokio::spawn(rest(pool)).await.unwrap()))
        .with_state(pool)
}

async fn axum_in_process(pool: SqlitePool) {
    for path in ["/some", "/rest"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert!(app(pool.clone()).oneshot(request).await.unwrap().status().is_success());
    }
}

async fn axum_over_tcp(pool: SqlitePool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app(pool)).await.unwrap() });
    let clients = ["/some", "/rest"].map(|path| {
        tokio::spawn(async move {
            let mut server = TcpStream::connect(address).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
            server.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            server.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        })
    });
    for client in clients {
        client.await.unwrap();
    }
}

/// Tests without a runtime of their own.
mod plain {
    use super::*;

    fn current_thread() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[max_queries(5)]
    #[max_allocs(1_000_000)]
    #[ignore = "a fixture"]
    #[test]
    fn own_runtime() {
        current_thread().block_on(async { directly(in_memory().await).await });
    }

    #[max_queries(5)]
    #[max_allocs(1_000_000)]
    #[ignore = "a fixture"]
    #[test]
    fn own_runtime_with_several_threads() {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async { spawned(in_a_file().await).await });
    }

    #[max_queries(5)]
    #[max_allocs(1_000_000)]
    #[ignore = "a fixture"]
    #[test]
    fn own_runtime_on_a_thread() {
        let thread =
            std::thread::spawn(|| current_thread().block_on(async { spawned(in_memory().await).await }));
        thread.join().unwrap();
    }

    #[max_queries(5)]
    #[max_allocs(1_000_000)]
    #[ignore = "a fixture"]
    #[test]
    fn threads() {
        let some = std::thread::spawn(|| current_thread().block_on(async { some(in_memory().await).await }));
        let rest = std::thread::spawn(|| current_thread().block_on(async { rest(in_a_file().await).await }));
        some.join().unwrap();
        rest.join().unwrap();
    }

    #[max_queries(5)]
    #[max_allocs(1_000_000)]
    #[ignore = "a fixture"]
    #[test]
    fn scoped_threads() {
        let pool = current_thread().block_on(in_memory());
        std::thread::scope(|threads| {
            threads.spawn(|| current_thread().block_on(some(pool.clone())));
            threads.spawn(|| current_thread().block_on(rest(pool.clone())));
        });
    }

    #[max_queries(5)]
    #[max_allocs(1_000_000)]
    #[ignore = "a fixture"]
    #[test]
    fn rayon_scope() {
        let pool = current_thread().block_on(in_memory());
        rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap().scope(|jobs| {
            jobs.spawn(|_| current_thread().block_on(some(pool.clone())));
            jobs.spawn(|_| current_thread().block_on(rest(pool.clone())));
        });
    }
}

mod actix {
    use actix_web::{App, test, web};

    use super::*;

    #[max_queries(5)]
    #[max_allocs(1_000_000)]
    #[ignore = "a fixture"]
    #[actix_web::test]
    async fn in_process() {
        let pool = in_memory().await;
        let app = App::new()
            .app_data(web::Data::new(pool))
            .route(
                "/some",
                web::get().to(async |pool: web::Data<SqlitePool>| {
                    some(SqlitePool::clone(&pool)).await;
                    "done"
                }),
            )
            .route(
                "/rest",
                web::get().to(async |pool: web::Data<SqlitePool>| {
                    actix_web::rt::spawn(rest(SqlitePool::clone(&pool))).await.unwrap();
                    "done"
                }),
            );
        let app = test::init_service(app).await;
        for path in ["/some", "/rest"] {
            let answer = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
            assert!(answer.status().is_success());
        }
    }
}
