//! The work, written once and compiled for each engine: a fixture for each shape.
//!
//! The module around this one brings `engine`: the type of the connection, and what is said differently in that dialect.

use std::time::Duration;

use diesel::connection::CacheSize;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_query;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures::TryStreamExt;
use perfassert::max_queries;
use tokio::time::{sleep, timeout};

use super::engine::{Connection, SETTINGS, SLOW};

diesel::table! {
    item (id) {
        id -> Integer,
        name -> Text,
        shop -> Integer,
    }
}

/// Where the database is. As the program has tokio-postgres in it, that is to be heard, too.
pub(super) fn url() -> String {
    perfassert::tokio_postgres::init().unwrap();
    let url = std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL");
    url + SETTINGS
}

pub(super) async fn connect() -> Connection {
    Connection::establish(&url()).await.unwrap()
}

pub(super) async fn count(connection: &mut Connection) -> i64 {
    item::table.count().get_result(connection).await.unwrap()
}

pub(super) async fn name_of(connection: &mut Connection, id: i32) -> String {
    item::table.find(id).select(item::name).first(connection).await.unwrap()
}

async fn insert(connection: &mut Connection, id: i32) -> QueryResult<usize> {
    let new = (item::id.eq(id), item::name.eq("a 'new' one"), item::shop.eq(1));
    diesel::insert_into(item::table).values(new).execute(connection).await
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn reads_and_writes() {
    let connection = &mut connect().await;
    for id in 11..14 {
        insert(connection, id).await.unwrap();
    }
    let of_shop = diesel::update(item::table.filter(item::shop.eq(1)));
    of_shop.set(item::name.eq("b")).execute(connection).await.unwrap();
    diesel::delete(item::table.filter(item::id.gt(10))).execute(connection).await.unwrap();
    let names: Vec<String> = item::table.select(item::name).load(connection).await.unwrap();
    assert_eq!(names.len(), 5);
}

/// Q7
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn many_rows_at_once() {
    let connection = &mut connect().await;
    let new: Vec<_> =
        (21..24).map(|id| (item::id.eq(id), item::name.eq("many"), item::shop.eq(id))).collect();
    diesel::insert_into(item::table).values(&new).execute(connection).await.unwrap();
    assert_eq!(count(connection).await, 8);
}

/// Q21
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn cached() {
    let connection = &mut connect().await;
    for id in 1..5 {
        name_of(connection, id).await;
    }
}

/// Q21: by a setting, and a text that diesel does not know to be always the same.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn not_cached() {
    let connection = &mut connect().await;
    for _ in 0..2 {
        sql_query("SELECT shop FROM item WHERE id = 3").execute(connection).await.unwrap();
    }
    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
    for id in 1..5 {
        name_of(connection, id).await;
    }
}

/// Q16
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn committed() {
    let connection = &mut connect().await;
    connection.transaction(async |connection| insert(connection, 41).await).await.unwrap();
    assert_eq!(count(connection).await, 6);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn rolled_back() {
    let connection = &mut connect().await;
    let rolled_back = connection.transaction(async |connection| {
        insert(connection, 41).await?;
        Err::<(), _>(Error::RollbackTransaction)
    });
    rolled_back.await.unwrap_err();
    assert_eq!(count(connection).await, 5);
}

/// Q17
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn nested_three_deep_with_an_inner_rollback() {
    async fn middle(connection: &mut Connection) -> QueryResult<usize> {
        insert(connection, 42).await?;
        let inner = connection.transaction(async |connection| {
            insert(connection, 43).await?;
            Err::<(), _>(Error::RollbackTransaction)
        });
        inner.await.unwrap_err();
        insert(connection, 44).await
    }
    let connection = &mut connect().await;
    let outer = connection.transaction(async |connection| {
        insert(connection, 41).await?;
        connection.transaction(middle).await
    });
    outer.await.unwrap();
    assert_eq!(count(connection).await, 8);
}

/// Q19
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn batch_of_two() {
    let connection = &mut connect().await;
    let text = "INSERT INTO item VALUES (31, 'x; y', 1); UPDATE item SET shop = 2 WHERE id = 31";
    connection.batch_execute(text).await.unwrap();
    assert_eq!(count(connection).await, 6);
}

/// Q25
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn constraint() {
    let connection = &mut connect().await;
    insert(connection, 1).await.unwrap_err();
    assert_eq!(count(connection).await, 5);
}

/// Q25
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn syntax() {
    let connection = &mut connect().await;
    sql_query("SELEC name FROM item").execute(connection).await.unwrap_err();
    connection.batch_execute("SELEC name FROM item").await.unwrap_err();
    assert_eq!(count(connection).await, 5);
}

/// Q24
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn dropped_after_a_row() {
    let connection = &mut connect().await;
    let mut rows = item::table.load_stream::<(i32, String, i32)>(connection).await.unwrap();
    rows.try_next().await.unwrap().unwrap();
    drop(rows);
    assert_eq!(count(connection).await, 5);
}

/// Q26
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn timed_out() {
    let connection = &mut connect().await;
    sql_query(SLOW).execute(connection).await.unwrap();
    let slow = sql_query(SLOW).execute(connection);
    timeout(Duration::from_millis(100), slow).await.unwrap_err();
    // It goes on in the database.
    sleep(Duration::from_millis(300)).await;
    assert_eq!(count(&mut connect().await).await, 5);
}

/// Q26
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn never_polled() {
    let connection = &mut connect().await;
    drop(sql_query("DELETE FROM item").execute(connection));
    assert_eq!(count(connection).await, 5);
}
