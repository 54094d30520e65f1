//! Q24: a stream is one query, however far it is read.

use futures::{StreamExt, TryStreamExt};
use perfassert::max_queries;

use super::{connection, count, pool};

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn read_to_the_end() {
    let mut connection = connection().await;
    let rows = sqlx::query("SELECT id FROM item ORDER BY id").fetch(&mut connection);
    assert_eq!(rows.try_collect::<Vec<_>>().await.unwrap().len(), 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn dropped_after_a_row() {
    let pool = pool(1).await;
    let mut rows = sqlx::query("SELECT id FROM item ORDER BY id").fetch(&pool);
    rows.next().await.unwrap().unwrap();
    drop(rows);
    count(&pool).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn dropped_after_a_row_at_the_end_of_the_test() {
    let pool = pool(1).await;
    let mut rows = sqlx::query("SELECT id FROM item ORDER BY id").fetch(&pool);
    rows.next().await.unwrap().unwrap();
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn failing_in_the_middle() {
    let pool = pool(1).await;
    // The least of all numbers has no absolute value.
    let rows =
        sqlx::query("SELECT abs(-9223372036854775805 - id) FROM item WHERE id <= 3 ORDER BY id").fetch(&pool);
    let rows: Vec<_> = rows.collect().await;
    assert!(rows.iter().any(Result::is_err));
    count(&pool).await;
}
