//! What outlives its test never charges the next one (Q32).

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::sleep;
use std::time::Duration;

use perfassert::record::Outcome;
use perfassert::{Metric, max_allocs, max_queries};
use sqlx::{Connection, SqliteConnection};
use tokio::runtime::Builder;

use perfassert_test_support::child::{Child, count, list};

/// Queries of the thread that goes on.
static SENT: AtomicU64 = AtomicU64::new(0);

async fn select(connection: &mut SqliteConnection) {
    let _: i64 = sqlx::query_scalar("SELECT 1 AS of_the_test").fetch_one(connection).await.unwrap();
}

async fn go_on() {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    loop {
        let _: i64 = sqlx::query_scalar("SELECT 1 AS outliving").fetch_one(&mut connection).await.unwrap();
        let _keep = std::hint::black_box(vec![0_u8; 100]);
        SENT.fetch_add(1, SeqCst);
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
}

fn wait_for_more() {
    let before = SENT.load(SeqCst);
    while SENT.load(SeqCst) < before + 20 {
        sleep(Duration::from_millis(1));
    }
}

#[max_queries(1_000_000)]
#[ignore = "a fixture"]
#[test]
fn a_starts_what_goes_on() {
    std::thread::spawn(|| Builder::new_current_thread().enable_all().build().unwrap().block_on(go_on()));
    wait_for_more();
}

#[max_queries(1)]
#[max_allocs(1_000_000)]
#[ignore = "a fixture"]
#[tokio::test]
async fn b_is_next() {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    wait_for_more();
    select(&mut connection).await;
}

#[max_allocs(0)]
#[ignore = "a fixture"]
#[test]
fn c_allocates_nothing() {
    wait_for_more();
}

#[test]
fn what_goes_on_after_its_test_never_charges_the_next() {
    // On one thread, so one after the other, in the order of their names.
    let run = Child::matching("outliving::", 1).run();
    let [starts, next, nothing] = run.records.as_slice() else { panic!("{}", run.output) };
    assert!(list(&starts.statements).ends_with("x SELECT ? AS outliving"), "{}", list(&starts.statements));
    assert_eq!(list(&next.statements), "1x SELECT ? AS of_the_test");
    assert_eq!(count(next, &Metric::Queries), 1);
    // It is not charged, and it is not hidden either: the queries could have been this test's.
    assert!(matches!(next.outcome, Outcome::Inconclusive(_)), "{:?}", next.outcome);
    assert!(list(&next.unattributed).ends_with("x SELECT ? AS outliving"), "{}", list(&next.unattributed));
    assert_eq!(count(nothing, &Metric::Allocs), 0);
    assert_eq!(nothing.outcome, Outcome::Passed);
}
