//! The work: a fixture for each shape.

mod blind;
mod errors;
mod pools;
mod statements;
mod synchronous;
mod transactions;
mod ways;

use tokio_postgres::{Client, NoTls};

/// Where the database is, as the test that started this process says.
fn url() -> String {
    std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL")
}

async fn connect() -> Client {
    perfassert::tokio_postgres::init().unwrap();
    connect_unheard().await
}

/// Without a logger of ours.
async fn connect_unheard() -> Client {
    let (client, connection) = tokio_postgres::connect(&url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(client: &Client) -> i64 {
    client.query_one("SELECT count(*) FROM item", &[]).await.unwrap().get(0)
}

async fn name_of(client: &Client, id: i32) -> String {
    client.query_one("SELECT name FROM item WHERE id = $1", &[&id]).await.unwrap().get(0)
}

const INSERT: &str = "INSERT INTO item (id, name, shop) VALUES ($1, 'a ''new'' one', 1)";
