//! The five traps that a subscriber between sqlx and the user can fall into. Each cost hours; each has a test.

use std::thread;

use perfassert::{Metric, endpoint, endpoint_async, max_queries, measure};
use tracing::subscriber::set_global_default;
use tracing_subscriber::fmt;

use crate::shop::{QUERIES, block_on, connect, select, serve};
use perfassert_test_support::child::{Child, count};

#[track_caller]
fn check_counted(fixture: &str, queries: i64) {
    let run = Child::one(&format!("traps::{fixture}")).run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(count(&run.records[0], &Metric::Queries), queries);
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[test]
fn alone() {
    block_on(serve());
}

/// sqlx asks `enabled!` first, with a callsite that is no event: a filter on events would see none.
#[test]
fn the_question_before_the_event_is_answered() {
    check_counted("alone", QUERIES);
}

#[ignore = "a fixture"]
#[test]
fn after_an_uncovered_thread() {
    #[max_queries(2)]
    fn body() {
        block_on(serve());
        thread::scope(|threads| {
            threads.spawn(|| block_on(async {}));
        });
    }

    // A scope, so that there is a dispatcher, and then the first query of the process on a thread without one.
    let _ = measure("earlier", || ());
    thread::spawn(|| block_on(serve())).join().unwrap();
    body();
}

/// With a single dispatcher the first event on an uncovered thread would switch the callsite off for the whole process.
#[test]
fn an_uncovered_thread_does_not_switch_the_callsite_off() {
    check_counted("after_an_uncovered_thread", QUERIES);
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[test]
fn sqlx_filtered() {
    // Wants our canary, and not the driver's events.
    let filter = tracing_subscriber::EnvFilter::new("trace,sqlx=off");
    set_global_default(fmt().with_env_filter(filter).with_writer(std::io::sink).finish()).unwrap();
    block_on(serve());
}

/// A canary that passes proves nothing about the driver's own callsite: that is forced on by itself.
#[test]
fn a_filter_that_passes_the_canary_and_not_the_driver() {
    check_counted("sqlx_filtered", QUERIES);
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[tokio::test]
async fn nested() {
    let mut connection = connect().await;
    endpoint_async("outer", async {
        endpoint_async("inner", select(&mut connection)).await;
        select(&mut connection).await;
        endpoint("at once", || ());
    })
    .await;
    let (a, b) =
        (endpoint_async("a", tokio::task::yield_now()), endpoint_async("b", tokio::task::yield_now()));
    tokio::join!(a, b);
    select(&mut connection).await;
}

/// Attaching a thread twice, and leaving, must not detach it.
#[test]
fn scopes_that_are_entered_twice_leave_the_thread_attached() {
    check_counted("nested", 3);
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[test]
fn never_interested() {
    set_global_default(fmt().with_max_level(tracing::level_filters::LevelFilter::OFF).finish()).unwrap();
    block_on(serve());
}

/// The user's subscriber says *never* for every callsite, which `tracing-core` keeps.
#[test]
fn a_users_never_does_not_win() {
    check_counted("never_interested", QUERIES);
}
