//! The fifty tests, with pools of their own and on one pool. Compiled for each engine.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;

use super::engine::{Pool, PoolOptions};
use crate::work::numbers;

async fn selects(pool: Pool, count: u32) {
    for _ in 0..count {
        let name = sqlx::query_scalar::<_, String>("SELECT name FROM item WHERE id = 1");
        assert_eq!(name.fetch_one(&pool).await.unwrap(), "one");
    }
}

async fn writes(pool: &Pool, updates: u32, pairs: u32) {
    for _ in 0..updates {
        sqlx::query("UPDATE item SET name = 'x' WHERE id = 77").execute(pool).await.unwrap();
    }
    for _ in 0..pairs {
        let mut transaction = pool.begin().await.unwrap();
        for _ in 0..2 {
            sqlx::query("INSERT INTO visit (test) VALUES (1)").execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
}

async fn count(pool: &Pool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(pool).await.unwrap()
}

async fn open(connections: u32) -> Pool {
    let url = std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL");
    let options = PoolOptions::new().max_connections(connections).test_before_acquire(false);
    options.idle_timeout(None).max_lifetime(None).connect(&url).await.unwrap()
}

/// Half of it on a task.
async fn on_a_pool_of_ones_own(n: u32) {
    let pool = open(2).await;
    let [selects_, updates, pairs] = numbers(n);
    let task = tokio::spawn(selects(pool.clone(), selects_));
    writes(&pool, updates, pairs).await;
    assert_eq!(tokio::join!(count(&pool), count(&pool)), (2, 2));
    task.await.unwrap();
    pool.close().await;
}

/// The pool and its runtime belong to whichever test is first. The others poll on their own threads.
fn on_one_pool(n: u32) {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
    static POOL: OnceCell<Pool> = OnceCell::const_new();
    RUNTIME.block_on(async {
        let pool = POOL.get_or_init(|| open(8)).await;
        let [selects_, updates, pairs] = numbers(n);
        tokio::join!(selects(pool.clone(), selects_), writes(pool, updates, pairs));
        assert_eq!(tokio::join!(count(pool), count(pool)), (2, 2));
    });
}

/// Fifty times a test.
macro_rules! fifty {
    ($test:meta, $($asyncness:ident)?, $work:expr) => {
        fifty! { @ $test, ($($asyncness)?), $work, tens_0 0 tens_1 10 tens_2 20 tens_3 30 tens_4 40 }
    };
    (@ $test:meta, $asyncness:tt, $work:expr, $($tens:ident $n:literal)*) => { $(
        mod $tens {
            fifty! { @@ $test, $asyncness, $work, $n, ones_0 0 ones_1 1 ones_2 2 ones_3 3 ones_4 4 ones_5 5 ones_6 6
                ones_7 7 ones_8 8 ones_9 9 }
        }
    )* };
    (@@ $test:meta, (async), $work:expr, $tens:literal, $($ones:ident $n:literal)*) => { $(
        #[perfassert::max_queries(100)]
        #[ignore = "a fixture"]
        #[$test]
        async fn $ones() {
            $work($tens + $n).await;
        }
    )* };
    (@@ $test:meta, (), $work:expr, $tens:literal, $($ones:ident $n:literal)*) => { $(
        #[perfassert::max_queries(100)]
        #[ignore = "a fixture"]
        #[$test]
        fn $ones() {
            $work($tens + $n);
        }
    )* };
}

mod own_pool {
    fifty! { tokio::test, async, super::super::on_a_pool_of_ones_own }
}

mod one_pool {
    fifty! { test, , super::super::on_one_pool }
}
