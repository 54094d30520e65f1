//! Q20, Q29: whatever task it is on, it counts for the test, and for the endpoint that is current.

use std::sync::Arc;

use futures::future::try_join_all;
use perfassert::{endpoint_async, max_queries};

use super::{connect, name_of};

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spawned() {
    let client = Arc::new(connect().await);
    let find = |id: i32| {
        let client = Arc::clone(&client);
        tokio::spawn(async move { name_of(&client, id).await })
    };
    assert_eq!(try_join_all((1..4).map(find)).await.unwrap(), ["one", "two", "three"]);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn pipelined() {
    let client = connect().await;
    let names = futures::join!(name_of(&client, 1), name_of(&client, 2), name_of(&client, 3));
    assert_eq!(names.2, "three");
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn joined_endpoints() {
    let client = connect().await;
    let items = endpoint_async("GET /items", async {
        for id in 1..5 {
            name_of(&client, id).await;
        }
    });
    let item = endpoint_async("GET /items/{id}", async {
        name_of(&client, 5).await;
    });
    futures::join!(items, item);
}
