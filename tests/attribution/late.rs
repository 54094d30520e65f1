//! Queries whose event comes after their future was done, or dropped, are counted before the budget is checked. sqlx's
//! worker for SQLite answers first and logs then (Q24 to Q26, Q30).

use std::pin::pin;
use std::time::Duration;

use futures::{FutureExt, TryStreamExt};
use perfassert::record::Outcome;
use perfassert::{Metric, max_allocs, max_queries, unmeasured_async};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tracing::subscriber::set_global_default;
use tracing::{Instrument, info_span};

use perfassert_test_support::child::{Child, count, list};
use perfassert_test_support::runs;

/// Tells the fixtures how often each case is run.
const RUNS: &str = "LATE_RUNS";

const MANY_ROWS: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n";
/// Takes longer than its time-out.
const LONG: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT count(*) FROM n";
/// Takes longer than a test waits at its end.
const VERY_LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n";

async fn connect() -> SqliteConnection {
    unmeasured_async(SqliteConnection::connect("sqlite::memory:")).await.unwrap()
}

async fn missing_table() {
    let mut connection = connect().await;
    assert!(sqlx::query("SELECT * FROM missing").execute(&mut connection).await.is_err());
}

async fn constraint() {
    let mut connection = connect().await;
    unmeasured_async(async {
        sqlx::raw_sql("CREATE TABLE one (id INTEGER PRIMARY KEY); INSERT INTO one VALUES (1)")
            .execute(&mut connection)
            .await
            .unwrap();
    })
    .await;
    assert!(sqlx::query("INSERT INTO one VALUES (1)").execute(&mut connection).await.is_err());
}

async fn stream_dropped() {
    let mut connection = connect().await;
    let mut rows = sqlx::query(MANY_ROWS).fetch(&mut connection);
    assert!(rows.try_next().await.unwrap().is_some());
}

async fn timed_out() {
    let mut connection = connect().await;
    let query = sqlx::query(LONG).fetch_one(&mut connection);
    let _ = timeout(Duration::from_micros(50), query).await;
}

async fn never_polled() {
    let mut connection = connect().await;
    drop(sqlx::query("SELECT 1").execute(&mut connection));
    let _ = sqlx::query("SELECT 2").fetch_one(&mut connection).await;
}

async fn cancelled_while_it_waits_for_the_pool() {
    let pool: SqlitePool =
        unmeasured_async(SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:"))
            .await
            .unwrap();
    let mut held = unmeasured_async(pool.acquire()).await.unwrap();
    {
        let mut waits = pin!(sqlx::query("SELECT 1").execute(&pool));
        assert!(waits.as_mut().now_or_never().is_none());
    }
    sqlx::query("SELECT 2").execute(&mut *held).await.unwrap();
}

/// On a runtime that is not waited for.
#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn goes_on() {
    runtime().block_on(async {
        let mut connection = connect().await;
        sqlx::query("SELECT 1").execute(&mut connection).await.unwrap();
        let _ = timeout(Duration::from_millis(5), sqlx::query(VERY_LONG).execute(&mut connection)).await;
    });
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Each case as the body of a test of tokio's, and inside a plain one.
macro_rules! late {
    ($($case:ident)*) => { mod cases { $(
        mod $case {
            use super::super::*;

            #[max_queries(1)]
            #[max_allocs(100_000)]
            #[tokio::test]
            #[allow(unnameable_test_items, reason = "it is called below")]
            async fn in_tokio() {
                $case().instrument(info_span!("case")).await;
            }

            #[max_queries(1)]
            #[max_allocs(100_000)]
            fn in_a_plain_function() {
                runtime().block_on($case());
            }

            #[ignore = "a fixture"]
            #[test]
            fn many_times() {
                let runs: usize = std::env::var(RUNS).unwrap().parse().unwrap();
                for _ in 0..runs {
                    in_tokio();
                    in_a_plain_function();
                }
            }

            /// With a subscriber that knows each handle of a span by the span's own id.
            #[ignore = "a fixture"]
            #[test]
            fn many_times_under_a_wrapped_subscriber() {
                set_global_default(perfassert::subscriber(tracing_subscriber::registry())).unwrap();
                many_times();
            }
        }
    )* } };
}

late! {
    missing_table
    constraint
    stream_dropped
    timed_out
    never_polled
    cancelled_while_it_waits_for_the_pool
}

#[track_caller]
fn check(case: &str) {
    for fixture in ["many_times", "many_times_under_a_wrapped_subscriber"] {
        let runs = runs(50, 300);
        let case = Child::one(&format!("late::cases::{case}::{fixture}"));
        let run = case.told(|child| _ = child.env(RUNS, runs.to_string())).run();
        assert!(run.passed, "{}", run.output);
        assert_eq!(run.records.len(), 2 * runs);
        for record in &run.records {
            assert_eq!(count(record, &Metric::Queries), 1, "{}: {}", record.test, list(&record.statements));
            assert_eq!(record.outcome, Outcome::Passed);
            assert!(record.unattributed.is_empty());
        }
    }
}

#[test]
fn an_error_of_the_statement_is_counted() {
    check("missing_table");
}

#[test]
fn an_error_of_a_constraint_is_counted() {
    check("constraint");
}

#[test]
fn a_stream_that_is_dropped_after_a_row_is_one_query() {
    check("stream_dropped");
}

#[test]
fn a_query_that_is_cancelled_after_it_was_sent_is_counted() {
    check("timed_out");
}

#[test]
fn a_query_that_is_never_polled_is_none() {
    check("never_polled");
}

#[test]
fn a_query_that_is_cancelled_before_it_has_a_connection_is_none() {
    check("cancelled_while_it_waits_for_the_pool");
}

#[test]
fn a_query_that_cannot_be_waited_for_fails_the_gate() {
    let run = Child::one("late::goes_on").run();
    assert!(run.output.contains("a query was still running"), "{}", run.output);
    assert!(matches!(run.records[0].outcome, Outcome::Inconclusive(_)));
}
