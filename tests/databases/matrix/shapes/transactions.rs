//! Q16, Q17: the statements inside of a transaction count, its own commands do not.

use perfassert::max_queries;
use sqlx::Connection as _;

use super::engine::{Connection, q};
use super::{connection, count, pool};

async fn insert(connection: &mut Connection, id: i32) {
    let insert = sqlx::query(q("INSERT INTO item (id, name, shop) VALUES (?, 'x', 1)"));
    insert.bind(id).execute(connection).await.unwrap();
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn committed() {
    let pool = pool(1).await;
    let mut transaction = pool.begin().await.unwrap();
    insert(&mut transaction, 41).await;
    transaction.commit().await.unwrap();
    assert_eq!(count(&pool).await, 6);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn rolled_back() {
    let pool = pool(1).await;
    let mut transaction = pool.begin().await.unwrap();
    insert(&mut transaction, 41).await;
    transaction.rollback().await.unwrap();
    assert_eq!(count(&pool).await, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn rolled_back_on_drop() {
    let pool = pool(1).await;
    let mut transaction = pool.begin().await.unwrap();
    insert(&mut transaction, 41).await;
    drop(transaction);
    assert_eq!(count(&pool).await, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn dropped_at_the_end_of_the_test() {
    let pool = pool(1).await;
    let mut transaction = pool.begin().await.unwrap();
    insert(&mut transaction, 41).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn nested_three_deep_with_an_inner_rollback() {
    let mut connection = connection().await;
    let mut outer = connection.begin().await.unwrap();
    insert(&mut outer, 41).await;
    let mut middle = outer.begin().await.unwrap();
    insert(&mut middle, 42).await;
    let mut inner = middle.begin().await.unwrap();
    insert(&mut inner, 43).await;
    inner.rollback().await.unwrap();
    insert(&mut middle, 44).await;
    middle.commit().await.unwrap();
    outer.commit().await.unwrap();
    let ids: i64 = sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(&mut connection).await.unwrap();
    assert_eq!(ids, 8);
}
