//! Threads that were started before the test, by a fixture, are the test's where the process runs no other.

use perfassert::{Metric, endpoint, max_allocs, max_queries};
use rstest::{fixture, rstest};
use sqlx::{Connection, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

use crate::{endpoint as recorded, record_of};
use perfassert_test_support::child::{Child, list};

/// A runtime whose threads all run.
#[fixture]
fn runtime() -> Runtime {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        // Blocks a worker, so that the other one starts.
        tokio::spawn(async { tokio::task::block_in_place(|| ()) }).await.unwrap();
        tokio::task::spawn_blocking(|| ()).await.unwrap();
    });
    runtime
}

/// The same, and a subscriber that only this thread has, for as long as it lives.
#[fixture]
fn subscribed(runtime: Runtime) -> Runtime {
    let subscriber = tracing_subscriber::fmt().with_test_writer().finish();
    std::mem::forget(tracing::subscriber::set_default(subscriber));
    runtime
}

fn one_query_and_two_allocations(runtime: &Runtime) {
    let task = runtime.spawn(async {
        endpoint("work", || drop(std::hint::black_box((Box::new(1), Box::new(2)))));
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let _: i64 = sqlx::query_scalar("SELECT 1 AS of_a_worker").fetch_one(&mut connection).await.unwrap();
    });
    runtime.block_on(task).unwrap();
}

#[rstest]
#[max_queries(1)]
#[max_allocs(1_000_000)]
#[ignore = "a fixture"]
fn with_a_runtime_of_a_fixture(runtime: Runtime) {
    one_query_and_two_allocations(&runtime);
}

#[rstest]
#[max_queries(1)]
#[ignore = "a fixture"]
fn with_a_subscriber_besides(subscribed: Runtime) {
    one_query_and_two_allocations(&subscribed);
}

#[track_caller]
fn check(fixture: &str) {
    let record = record_of(fixture);
    assert_eq!(list(&record.statements), "1x SELECT ? AS of_a_worker");
    assert_eq!(recorded(&record, "work").counts.get(&Metric::Allocs), Some(2));
}

#[test]
fn a_runtime_that_was_there_before_the_test_is_the_tests() {
    check("before::with_a_runtime_of_a_fixture");
    check("before::with_a_subscriber_besides");
}

#[test]
fn beside_other_tests_it_is_nobodys_and_the_gate_says_that_it_saw_nothing() {
    let run = Child::matching("before::with_a", 1).run();
    assert!(!run.passed, "{}", run.output);
    assert_eq!(run.records.len(), 2);
    assert_eq!(run.output.matches("no query of the test was observed").count(), 2, "{}", run.output);
}
