//! The test attributes, and how a test may end.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use perfassert::{max_allocs, max_queries, scaling, unmeasured, unmeasured_async};
use rstest::{fixture, rstest};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool};
use tracing::subscriber::{NoSubscriber, set_default};

use super::shop::{author, books, fill, shop_with};

fn one_and(n: usize) {
    perfassert::query("SELECT id FROM books");
    for _ in 0..n {
        perfassert::query("SELECT name FROM authors WHERE id = 7");
    }
}

#[scaling(queries = "constant")]
#[test]
#[ignore = "run by the suite"]
fn plain(n: usize) {
    one_and(n);
}

#[max_queries(17)]
#[test]
#[ignore = "run by the suite"]
#[scaling(queries = "constant")]
fn beneath_but_for_another(n: u64) {
    one_and(n as usize);
}

#[scaling(queries = "constant")]
#[test]
#[max_queries(17)]
#[ignore = "run by the suite"]
#[max_allocs(1_000_000)]
fn above_and_beneath(n: u8) {
    one_and(n.into());
}

#[perfassert::scaling(queries = "constant")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the suite"]
async fn on_several_threads(n: usize) {
    one_and(0);
    let tasks: Vec<_> = (0..n).map(|_| tokio::spawn(async { query_of_a_task() })).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let thread = move || (0..n).for_each(|_| perfassert::query("SELECT total FROM orders"));
    tokio::task::spawn_blocking(thread).await.unwrap();
}

fn query_of_a_task() {
    perfassert::query("SELECT name FROM authors WHERE id = 7");
}

#[tokio::test]
#[ignore = "run by the suite"]
#[scaling(queries = "constant", allocs = "quadratic")]
#[max_allocs(0)]
async fn beneath_tokio(n: usize) {
    one_and(n);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[max_queries(17)]
#[scaling(queries = "constant")]
#[ignore = "run by the suite"]
async fn beneath_several_threads(n: usize) -> Result<(), std::io::Error> {
    tokio::spawn(async move { one_and(n) }).await?;
    Ok(())
}

#[scaling(queries = "constant")]
#[tokio::test(start_paused = true)]
#[ignore = "run by the suite"]
async fn with_the_clock_stopped(n: usize) {
    tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
    one_and(n);
}

#[scaling(queries = "constant")]
#[sqlx::test(migrations = "attributes/migrations", fixtures("../fixtures/orders.sql"))]
#[ignore = "run by the suite"]
async fn with_a_database_each(mut pool: SqlitePool, n: usize) {
    pool = unmeasured(|| pool.clone());
    // What another size has made is not there.
    let mut shop = pool.acquire().await.unwrap();
    unmeasured_async(fill(&mut shop, n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}

#[scaling(queries = "constant")]
#[sqlx::test]
#[ignore = "run by the suite"]
async fn with_a_connection_each(mut shop: PoolConnection<Sqlite>, n: usize) -> sqlx::Result<()> {
    unmeasured_async(fill(&mut shop, n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
    Ok(())
}

#[scaling(queries = "constant")]
#[actix_web::test]
#[ignore = "run by the suite"]
async fn with_actix(n: usize) {
    one_and(n);
}

#[scaling(queries = "constant")]
#[test_log::test]
#[ignore = "run by the suite"]
fn with_test_log(n: usize) {
    one_and(n);
}

#[scaling(queries = "constant")]
#[test_log::test(tokio::test)]
#[ignore = "run by the suite"]
async fn with_test_log_and_tokio(n: usize) {
    one_and(n);
}

#[fixture]
fn orders() -> usize {
    one_and(7);
    1
}

/// A fixture is set-up.
#[scaling(queries = "constant")]
#[rstest]
#[ignore = "run by the suite"]
fn with_a_fixture(#[from(orders)] mut one: usize, n: usize) {
    one *= n;
    one_and(one);
}

#[scaling(queries = "constant")]
#[rstest]
#[tokio::test]
#[ignore = "run by the suite"]
async fn with_a_fixture_and_tokio(orders: usize, n: usize) {
    one_and(orders * n);
}

/// Above.
#[deny(warnings)]
#[scaling(n = [1, 2_000, 4_000_usize], queries = "constant", allocs = "quadratic",)]
/// Beneath.
#[test]
#[allow(unused_variables)]
#[ignore = "run by the suite"]
#[track_caller]
#[inline(never)]
#[must_use = "a result"]
pub(crate) fn r#match(mut n: usize) -> Result<(), String> {
    let nobody_asks = 1;
    n *= 2;
    perfassert::query(&format!("SELECT id FROM books LIMIT {n}"));
    Ok(())
}

#[scaling(queries = "linear")]
#[test]
#[ignore = "run by the suite"]
fn passes(n: usize) {
    one_and(n);
}

#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn passes_with_a_result(n: usize) -> Result<(), Box<dyn std::error::Error>> {
    unmeasured(|| "7".parse::<u32>())?;
    one_and(n);
    Ok(())
}

#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn returns_an_error(n: usize) -> Result<(), &'static str> {
    one_and(n);
    if n == 4 { Err("its own") } else { Ok(()) }
}

#[scaling(queries = "constant")]
#[test]
#[ignore = "run by the suite"]
fn panics(n: usize) {
    one_and(n);
    assert_ne!(n, 16, "its own");
}

#[scaling(queries = "constant")]
#[sqlx::test]
#[ignore = "run by the suite"]
async fn panics_at_once(pool: SqlitePool, n: usize) {
    drop(pool);
    one_and(n);
    panic!("its own");
}

#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
#[should_panic = "its own"]
async fn panics_as_it_should(n: usize) {
    one_and(n);
    assert_ne!(n, 16, "its own");
}

#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
#[should_panic(expected = "its own")]
async fn panics_in_each_size(n: usize) {
    one_and(n);
    panic!("its own");
}

#[scaling(queries = "constant")]
#[test]
#[ignore = "run by the suite"]
#[should_panic]
fn does_not_panic(n: usize) {
    one_and(n);
}

/// A size that could not be seen is none that passes.
#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn hides_in_one_size(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    let _hides = (n == 4).then(|| set_default(NoSubscriber::default()));
    books(&mut shop).await;
}

#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn hides_in_two_sizes(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    let _hides = (n >= 4).then(|| set_default(NoSubscriber::default()));
    books(&mut shop).await;
}

#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn hides_in_all_sizes(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    books(&mut shop).await;
    let _hides = set_default(NoSubscriber::default());
    books(&mut shop).await;
}

/// The sizes in the order in which they run: the smallest twice.
#[scaling(n = [2, 3, 5], queries = "linear")]
#[test]
#[ignore = "run by the suite"]
fn in_their_order(n: usize) {
    static RUN: AtomicUsize = AtomicUsize::new(0);
    assert_eq!([2, 2, 3, 5][RUN.fetch_add(1, Relaxed)], n);
    one_and(n);
}
