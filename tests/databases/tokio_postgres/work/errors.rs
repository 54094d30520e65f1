//! Q25, Q26: what fails is counted once, what was never sent is not.

use std::time::Duration;

use perfassert::max_queries;
use tokio::time::{sleep, timeout};
use tokio_postgres::NoTls;

use super::{INSERT, connect, count};

const SLOW: &str = "SELECT pg_sleep(0.3)";

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn constraint() {
    let client = connect().await;
    client.execute(INSERT, &[&1]).await.unwrap_err();
    assert_eq!(count(&client).await, 5);
}

/// By `query`, which prepares it first, and by `batch_execute`.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn syntax() {
    let client = connect().await;
    client.query("SELEC name FROM item", &[]).await.unwrap_err();
    client.batch_execute("SELEC name FROM item").await.unwrap_err();
    assert_eq!(count(&client).await, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn timed_out() {
    let client = connect().await;
    let slow = client.prepare(SLOW).await.unwrap();
    client.query(&slow, &[]).await.unwrap();
    timeout(Duration::from_millis(20), client.query(&slow, &[])).await.unwrap_err();
    // Behind it, on the same connection: it goes on in the database.
    assert_eq!(count(&client).await, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn cancelled() {
    let client = connect().await;
    let token = client.cancel_token();
    let cancel = async {
        sleep(Duration::from_millis(100)).await;
        token.cancel_query(NoTls).await.unwrap();
    };
    let (slow, ()) = tokio::join!(client.query("SELECT pg_sleep(60)", &[]), cancel);
    slow.unwrap_err();
    // PostgreSQL signals the process and its group: the second signal is not to meet the next statement.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(count(&client).await, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn never_polled() {
    let client = connect().await;
    drop(client.execute("DELETE FROM item", &[]));
    drop(client.batch_execute("DELETE FROM item"));
    assert_eq!(count(&client).await, 5);
}
