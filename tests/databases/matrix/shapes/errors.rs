//! Q25, Q26: what fails is counted once, what was never sent is not.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use perfassert::max_queries;
use tokio::time::timeout;

use super::{count, engine, name_of, pool};

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn syntax() {
    let pool = pool(1).await;
    sqlx::query("SELEC name FROM item").execute(&pool).await.unwrap_err();
    count(&pool).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn constraint() {
    let pool = pool(1).await;
    let twice = sqlx::query("INSERT INTO item (id, name, shop) VALUES (1, 'again', 1)");
    twice.execute(&pool).await.unwrap_err();
    count(&pool).await;
}

/// The last thing that the test does: nothing comes after it that would make sure that it was logged.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn constraint_at_the_end_of_the_test() {
    let pool = pool(1).await;
    let twice = sqlx::query("INSERT INTO item (id, name, shop) VALUES (1, 'again', 1)");
    twice.execute(&pool).await.unwrap_err();
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn timed_out() {
    let pool = pool(2).await;
    let mut connection = pool.acquire().await.unwrap();
    // The first time it is prepared: from then on it is sent at the first poll.
    sqlx::query(engine::SLOW).execute(&mut *connection).await.unwrap();
    let slow = sqlx::query(engine::SLOW).execute(&mut *connection);
    timeout(Duration::from_millis(20), slow).await.unwrap_err();
    count(&pool).await;
    drop(connection);
    // It goes on in the database: this waits for it.
    pool.close().await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn never_polled() {
    let pool = pool(1).await;
    drop(sqlx::query("DELETE FROM item").execute(&pool));
    count(&pool).await;
}

/// It got as far as one turn leads: to the server or not is the driver's affair.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn polled_once() {
    let pool = pool(1).await;
    count(&pool).await;
    {
        let mut counting = pin!(count(&pool));
        poll_fn(|cx| Poll::Ready(counting.as_mut().poll(cx).is_ready())).await;
    }
    name_of(&pool, 1).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn cancelled_while_waiting_for_the_pool() {
    let pool = pool(1).await;
    let connection = pool.acquire().await.unwrap();
    timeout(Duration::from_millis(10), sqlx::query("DELETE FROM item").execute(&pool)).await.unwrap_err();
    drop(connection);
    count(&pool).await;
}
