//! What an application of axum may look like, for each version of it.

use std::panic::AssertUnwindSafe;

use futures::future::{FutureExt, join_all};
use futures::stream::StreamExt;
use perfassert::max_queries;
use perfassert::tower::EndpointLayer;
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::framework::Router;
use super::framework::body::Body;
use super::framework::extract::{Path, State};
use super::framework::http::{Request, StatusCode};
use super::framework::response::Response;
use super::framework::routing::get;
use super::{framework, parameter};
use crate::client::{AT_ONCE, REQUESTS, call_all};
use crate::work::{A, B, cut, frames, pool, select};

pub(crate) fn app(pool: SqlitePool) -> Router {
    let n = parameter("n");
    let users = Router::new().route(
        &format!("/users/{}", parameter("id")),
        get(async |State(pool): State<SqlitePool>| select(&pool, "SELECT 1 AS of_a_user", 1).await),
    );
    Router::new()
        .route(
            &format!("/a/{n}"),
            get(async |State(pool): State<SqlitePool>, Path(n): Path<usize>| select(&pool, A, n).await),
        )
        .route(
            &format!("/b/{n}"),
            get(async |State(pool): State<SqlitePool>, Path(n): Path<usize>| select(&pool, B, n).await),
        )
        .route(&format!("/stream/{n}"), get(stream))
        .route(&format!("/cut/{n}"), get(cut_off))
        .route("/broken", get(broken))
        .route("/panics", get(panics))
        .nest("/api", users)
        .fallback(async |State(pool): State<SqlitePool>| select(&pool, "SELECT 1 AS of_nothing", 1).await)
        .with_state(pool)
        .layer(EndpointLayer::new())
}

async fn stream(State(pool): State<SqlitePool>, Path(n): Path<usize>) -> Response {
    Response::new(Body::from_stream(frames(pool, n, None::<fn() -> std::io::Error>)))
}

async fn cut_off(State(pool): State<SqlitePool>, Path(n): Path<usize>) -> Response {
    Response::new(Body::from_stream(frames(pool, n, Some(cut))))
}

async fn broken(State(pool): State<SqlitePool>) -> StatusCode {
    select(&pool, A, 1).await;
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn panics(State(pool): State<SqlitePool>) {
    select(&pool, A, 1).await;
    panic!("a handler");
}

/// In place of a server, which reads the body to its end and survives a panic.
async fn call(app: &Router, method: &str, path: &str) {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(request);
    let read = async {
        let mut body = answer.await.unwrap().into_body().into_data_stream();
        while let Some(Ok(_)) = body.next().await {}
    };
    let _ = AssertUnwindSafe(read).catch_unwind().await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn oneshot() {
    let app = app(pool().await);
    for (method, path) in REQUESTS {
        call(&app, method, path).await;
    }
    join_all(AT_ONCE.map(|path| call(&app, "GET", path))).await;
}

async fn serve_and_call() {
    let app = app(pool().await);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { framework::serve(listener, app).await });
    call_all(address).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn served() {
    serve_and_call().await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn served_on_several_threads() {
    serve_and_call().await;
}

#[track_caller]
pub(super) fn check_all(version: &str) {
    let (n, id) = (parameter("n"), parameter("id"));
    let expected = [
        "GET (no route) | 3 requests, 0 failed | 1x SELECT ? AS of_nothing".to_owned(),
        format!("GET /a/{n} | 3 requests, 0 failed | 4x SELECT ? AS a"),
        format!("GET /api/users/{id} | 2 requests, 0 failed | 1x SELECT ? AS of_a_user"),
        format!("GET /b/{n} | 1 requests, 0 failed | 6x SELECT ? AS b"),
        "GET /broken | 1 requests, 1 failed | 1x SELECT ? AS a".to_owned(),
        format!("GET /cut/{n} | 1 requests, 1 failed | 3x SELECT ? AS of_a_frame"),
        "GET /panics | 1 requests, 1 failed | 1x SELECT ? AS a".to_owned(),
        format!("GET /stream/{n} | 1 requests, 0 failed | 3x SELECT ? AS of_a_frame"),
        format!("HEAD /a/{n} | 1 requests, 0 failed | 2x SELECT ? AS a"),
        format!("OPTIONS /a/{n} | 1 requests, 0 failed | "),
    ];
    let expected = expected.each_ref().map(String::as_str);
    for fixture in ["oneshot", "served", "served_on_several_threads"] {
        crate::check(&format!("{version}::shapes::{fixture}"), &expected);
    }
}
