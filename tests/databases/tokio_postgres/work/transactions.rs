//! Q16, Q17: the statements inside of a transaction count, its own commands do not.

use perfassert::max_queries;

use super::{INSERT, connect, count};

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn committed() {
    let mut client = connect().await;
    let transaction = client.transaction().await.unwrap();
    transaction.execute(INSERT, &[&41]).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(count(&client).await, 6);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn rolled_back() {
    let mut client = connect().await;
    let transaction = client.build_transaction().read_only(false).start().await.unwrap();
    transaction.execute(INSERT, &[&41]).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(count(&client).await, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn rolled_back_on_drop() {
    let mut client = connect().await;
    let transaction = client.transaction().await.unwrap();
    transaction.execute(INSERT, &[&41]).await.unwrap();
    drop(transaction);
    assert_eq!(count(&client).await, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn nested_three_deep_with_an_inner_rollback() {
    let mut client = connect().await;
    let mut outer = client.transaction().await.unwrap();
    outer.execute(INSERT, &[&41]).await.unwrap();
    let mut middle = outer.transaction().await.unwrap();
    middle.execute(INSERT, &[&42]).await.unwrap();
    let inner = middle.savepoint("deepest").await.unwrap();
    inner.execute(INSERT, &[&43]).await.unwrap();
    inner.rollback().await.unwrap();
    middle.execute(INSERT, &[&44]).await.unwrap();
    middle.commit().await.unwrap();
    outer.commit().await.unwrap();
    assert_eq!(count(&client).await, 8);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn in_a_portal() {
    let mut client = connect().await;
    let transaction = client.transaction().await.unwrap();
    let portal = transaction.bind("SELECT id FROM item ORDER BY id", &[]).await.unwrap();
    assert_eq!(transaction.query_portal(&portal, 2).await.unwrap().len(), 2);
    assert_eq!(transaction.query_portal(&portal, 9).await.unwrap().len(), 3);
    drop(portal);
    transaction.commit().await.unwrap();
    assert_eq!(count(&client).await, 5);
}
