//! Q23, Q29: whatever task it is on, it counts for the test, and what a pool asks by itself does not.

use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, bb8::Pool as Bb8, deadpool::Pool as Deadpool,
};
use futures::future::try_join_all;
use perfassert::{endpoint_async, max_queries};

use super::engine::Connection;
use super::shapes::{connect, name_of, url};

fn manager() -> AsyncDieselConnectionManager<Connection> {
    AsyncDieselConnectionManager::new(url())
}

/// It asks a connection that has come back to it.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn deadpool() {
    let pool = Deadpool::builder(manager()).max_size(1).build().unwrap();
    for id in 1..4 {
        name_of(&mut pool.get().await.unwrap(), id).await;
    }
}

/// It asks any.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn bb8() {
    let pool = Bb8::builder().max_size(1).build(manager()).await.unwrap();
    for id in 1..4 {
        name_of(&mut pool.get().await.unwrap(), id).await;
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spawned() {
    let find = |id: i32| tokio::spawn(async move { name_of(&mut connect().await, id).await });
    assert_eq!(try_join_all((1..4).map(find)).await.unwrap(), ["one", "two", "three"]);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn joined_endpoints() {
    let (mut first, mut second) = (connect().await, connect().await);
    let items = endpoint_async("GET /items", async {
        for id in 1..5 {
            name_of(&mut first, id).await;
        }
    });
    let item = endpoint_async("GET /items/{id}", async {
        name_of(&mut second, 5).await;
    });
    futures::join!(items, item);
}
