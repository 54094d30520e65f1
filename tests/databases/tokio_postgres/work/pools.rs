//! Q23: what a pool asks a connection that comes back to it is no query of the application's.

use bb8_postgres::PostgresConnectionManager;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use perfassert::max_queries;
use tokio_postgres::NoTls;

use super::{name_of, url};

async fn deadpool(recycling_method: RecyclingMethod) {
    perfassert::tokio_postgres::init().unwrap();
    let config = url().parse().unwrap();
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
    let pool = Pool::builder(manager).max_size(1).build().unwrap();
    for id in 1..4 {
        name_of(&pool.get().await.unwrap(), id).await;
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn deadpool_fast() {
    deadpool(RecyclingMethod::Fast).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn deadpool_verified() {
    deadpool(RecyclingMethod::Verified).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn deadpool_clean() {
    deadpool(RecyclingMethod::Clean).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn bb8() {
    perfassert::tokio_postgres::init().unwrap();
    let manager = PostgresConnectionManager::new_from_stringlike(url(), NoTls).unwrap();
    let pool = bb8_postgres::bb8::Pool::builder().max_size(1).build(manager).await.unwrap();
    for id in 1..4 {
        name_of(&pool.get().await.unwrap(), id).await;
    }
}
