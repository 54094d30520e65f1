//! Parts of a test are told apart, and roll up once.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::routing::get;
use futures::FutureExt;
use perfassert::record::Endpoint;
use perfassert::tower::EndpointLayer;
use perfassert::{Metric, endpoint_async, max_allocs, max_queries, measure_async, unmeasured_async};
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;
use tokio::task::yield_now;
use tower::ServiceExt;

use crate::{endpoint, record_of};
use perfassert_test_support::child::{count, list};

async fn pool() -> SqlitePool {
    SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap()
}

async fn select(pool: &SqlitePool, column: &'static str, n: usize) {
    for _ in 0..n {
        let sql: &'static str = match column {
            "a" => "SELECT 1 AS a",
            _ => "SELECT 1 AS b",
        };
        let _: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
        yield_now().await;
    }
}

fn app(pool: SqlitePool) -> Router {
    Router::new()
        .route(
            "/a/{n}",
            get(async |State(pool): State<SqlitePool>, Path(n): Path<usize>| select(&pool, "a", n).await),
        )
        .route(
            "/b/{n}",
            get(async |State(pool): State<SqlitePool>, Path(n): Path<usize>| select(&pool, "b", n).await),
        )
        .with_state(pool)
        .layer(EndpointLayer::new())
}

async fn call(app: &Router, path: &str) {
    let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    assert!(answer.status().is_success());
}

#[max_queries(30)]
#[max_queries(4, endpoint = "GET /a/{n}")]
#[max_queries(6, endpoint = "GET /b/{n}")]
#[ignore = "a fixture"]
#[tokio::test]
async fn joined_requests() {
    let app = app(pool().await);
    for _ in 0..2 {
        tokio::join!(call(&app, "/a/4"), call(&app, "/b/6"), call(&app, "/a/3"));
    }
}

#[max_queries(30)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joined_requests_on_several_threads() {
    let app = app(pool().await);
    for _ in 0..2 {
        let spawned = ["/a/4", "/b/6", "/a/3"].map(|path| {
            let app = app.clone();
            tokio::spawn(async move { call(&app, path).await })
        });
        for request in spawned {
            request.await.unwrap();
        }
    }
}

/// Q33: requests that run interleaved are told apart.
#[test]
fn joined_requests_are_told_apart() {
    for fixture in ["endpoints::joined_requests", "endpoints::joined_requests_on_several_threads"] {
        let record = record_of(fixture);
        assert_eq!(count(&record, &Metric::Queries), 26);
        let (a, b) = (endpoint(&record, "GET /a/{n}"), endpoint(&record, "GET /b/{n}"));
        assert_eq!((a.requests, list(&a.statements).as_str()), (4, "4x SELECT ? AS a"));
        assert_eq!((b.requests, list(&b.statements).as_str()), (2, "6x SELECT ? AS b"));
        // Of all requests together.
        let sums = |it: &Endpoint| {
            (it.sums.as_ref().and_then(|sums| sums.get(&Metric::Queries)), it.statements[0].sum)
        };
        assert_eq!((sums(a), sums(b)), ((Some(14), Some(14)), (Some(12), Some(12))));
    }
}

#[max_queries(30)]
#[max_allocs(100_000)]
#[ignore = "a fixture"]
#[tokio::test]
async fn nested_scopes() {
    let pool = pool().await;
    endpoint_async("outer", async {
        select(&pool, "a", 2).await;
        let (_, inner) = measure_async("section", async {
            select(&pool, "b", 3).await;
            drop(std::hint::black_box(Box::new(1_u8)));
            endpoint_async("inner", async {
                drop(std::hint::black_box(Box::new(1_u8)));
                select(&pool, "a", 5).await;
            })
            .await;
        })
        .await;
        assert_eq!(inner.get(&Metric::Queries), Some(8));
        perfassert::endpoint("leaf", || drop(std::hint::black_box(Box::new(1_u8))));
    })
    .await;
    select(&pool, "b", 1).await;
}

#[max_queries(9)]
#[ignore = "a fixture"]
#[tokio::test]
async fn panicking_parts() {
    let pool = pool().await;
    let panics = endpoint_async("job", async {
        select(&pool, "a", 1).await;
        panic!("it was to panic");
    });
    let caught = AssertUnwindSafe(panics).catch_unwind().await;
    assert!(caught.is_err());
    endpoint_async("job", select(&pool, "a", 1)).await;
    let caught = std::panic::catch_unwind(|| perfassert::endpoint("command", || panic!("it was to panic")));
    assert!(caught.is_err());
}

#[test]
fn a_part_that_panics_is_a_failed_request() {
    let record = record_of("endpoints::panicking_parts");
    let (job, command) = (endpoint(&record, "job"), endpoint(&record, "command"));
    assert_eq!((job.requests, job.failed), (2, 1));
    assert_eq!((command.requests, command.failed), (1, 1));
}

/// Q33: what is done in a part counts for each scope around it, once.
#[test]
fn nested_scopes_roll_up_once() {
    let record = record_of("endpoints::nested_scopes");
    assert_eq!(list(&record.statements), "7x SELECT ? AS a; 4x SELECT ? AS b");
    let (outer, inner) = (endpoint(&record, "outer"), endpoint(&record, "inner"));
    assert_eq!(list(&outer.statements), "7x SELECT ? AS a; 3x SELECT ? AS b");
    assert_eq!(list(&inner.statements), "5x SELECT ? AS a");
    assert_eq!(endpoint(&record, "leaf").counts.get(&Metric::Allocs), Some(1));
    let allocs = |endpoint: &Endpoint| endpoint.counts.get(&Metric::Allocs).unwrap();
    assert_eq!((allocs(inner), allocs(outer)), (1, 3));
    assert!(allocs(outer) <= count(&record, &Metric::Allocs));
}

#[max_queries(3)]
#[ignore = "a fixture"]
#[tokio::test]
async fn unmeasured_set_up() {
    let pool = unmeasured_async(async {
        let pool = pool().await;
        select(&pool, "a", 4).await;
        endpoint_async("set-up", select(&pool, "a", 1)).await;
        pool
    })
    .await;
    select(&pool, "b", 3).await;
}

/// Q35: and the pool's worker thread, which was started there, works for the test afterwards.
#[test]
fn a_pool_that_was_opened_in_the_set_up_counts_afterwards() {
    let record = record_of("endpoints::unmeasured_set_up");
    assert_eq!(list(&record.statements), "3x SELECT ? AS b");
    assert!(record.endpoints.is_empty());
}
