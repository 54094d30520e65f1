//! Q29 to Q34: whatever thread or task it is on, it counts for the test, and for the endpoint that is current.

use std::thread;

use perfassert::{endpoint_async, max_queries};
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinSet, spawn_blocking};

use super::engine::Pool;
use super::{count, name_of, pool};

async fn names(pool: Pool) {
    for id in 1..=3 {
        name_of(&pool, id).await;
    }
}

/// Each way on both runtimes.
macro_rules! ways {
    ($($way:ident)*) => {
        mod current_thread { $(
            #[perfassert::max_queries(100)]
            #[ignore = "a fixture"]
            #[tokio::test]
            async fn $way() {
                super::$way().await;
            }
        )* }

        mod multi_thread { $(
            #[perfassert::max_queries(100)]
            #[ignore = "a fixture"]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $way() {
                super::$way().await;
            }
        )* }
    };
}

ways! { spawned join_set blocking_thread own_thread_and_runtime joined_endpoints two_pools_at_once }

async fn spawned() {
    let pool = pool(2).await;
    tokio::spawn(names(pool.clone())).await.unwrap();
    tokio::spawn(async move { tokio::spawn(names(pool)).await.unwrap() }).await.unwrap();
}

async fn join_set() {
    let pool = pool(2).await;
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        tasks.spawn(names(pool.clone()));
    }
    tasks.join_all().await;
    count(&pool).await;
}

async fn blocking_thread() {
    let pool = pool(2).await;
    let handle = Handle::current();
    spawn_blocking(move || handle.block_on(names(pool))).await.unwrap();
}

async fn own_thread_and_runtime() {
    let work = || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { names(pool(1).await).await });
    };
    let threads = [thread::spawn(work), thread::spawn(work)];
    for thread in threads {
        thread.join().unwrap();
    }
}

async fn joined_endpoints() {
    let pool = pool(2).await;
    let all = endpoint_async("GET /items", async {
        count(&pool).await;
        names(pool.clone()).await;
    });
    let one = endpoint_async("GET /items/{id}", name_of(&pool, 3));
    let none = endpoint_async("GET /", tokio::task::yield_now());
    tokio::join!(all, one, none);
}

async fn two_pools_at_once() {
    let (a, b) = (pool(1).await, pool(2).await);
    let (first, second) = (tokio::spawn(names(a.clone())), tokio::spawn(names(b)));
    count(&a).await;
    first.await.unwrap();
    second.await.unwrap();
}

/// Q32: it goes on for longer than its test, which waits for no one.
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn a_task_that_is_left_behind() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = pool(2).await;
        count(&pool).await;
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
            names(pool).await;
        });
    });
}
