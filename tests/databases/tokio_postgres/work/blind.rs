//! Where the driver is heard through events of `tracing`: what a subscriber hides that somebody sets for a part of a test.

use perfassert::{max_queries, no_n_plus_one};
use tokio_postgres::{Client, NoTls};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::{set_default, set_global_default};
use tracing_subscriber::fmt;

use super::{connect_unheard, count, name_of, url};

fn subscriber() -> impl tracing::Subscriber + Send + Sync + use<> {
    fmt().with_max_level(tracing::Level::INFO).with_writer(std::io::sink).finish()
}

async fn heard_by_events() -> Client {
    tracing_log::LogTracer::init().unwrap();
    set_global_default(subscriber()).unwrap();
    connect_unheard().await
}

#[max_queries(1)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_part_of_the_body() {
    let client = heard_by_events().await;
    count(&client).await;
    let guard = set_default(subscriber());
    for id in 1..4 {
        name_of(&client, id).await;
    }
    drop(guard);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_task() {
    let client = heard_by_events().await;
    count(&client).await;
    let names = async move {
        for id in 1..4 {
            name_of(&client, id).await;
        }
    };
    tokio::spawn(names.with_subscriber(subscriber())).await.unwrap();
}

/// Nothing is hidden: the one that is set stands around no query, and around what serves the connection.
#[max_queries(1)]
#[ignore = "a fixture"]
#[tokio::test]
async fn no_query() {
    tracing_log::LogTracer::init().unwrap();
    let (client, connection) = tokio_postgres::connect(&url(), NoTls).await.unwrap();
    tokio::spawn(connection.with_subscriber(subscriber()));
    tracing::subscriber::with_default(subscriber(), || tracing::info!("what is tested is the log"));
    count(&client).await;
}

/// It has a logger, which no subscriber stands in front of.
#[max_queries(1)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_logger() {
    perfassert::tokio_postgres::init().unwrap();
    let client = connect_unheard().await;
    let _guard = set_default(subscriber());
    count(&client).await;
}
