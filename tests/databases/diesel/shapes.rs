//! The work, written once and compiled for each engine: a fixture for each shape.
//!
//! The module around this one brings `engine`: the type of the connection, and where the database is.

use diesel::Connection as _;
use diesel::connection::{CacheSize, DefaultLoadingMode, SimpleConnection};
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_query;
use perfassert::{endpoint, max_queries};

use super::engine::{Connection, url};

diesel::table! {
    item (id) {
        id -> Integer,
        name -> Text,
        shop -> Integer,
    }
}

pub(super) fn connect() -> Connection {
    Connection::establish(&url()).unwrap()
}

pub(super) fn count(connection: &mut Connection) -> i64 {
    item::table.count().get_result(connection).unwrap()
}

pub(super) fn name_of(connection: &mut Connection, id: i32) -> String {
    item::table.find(id).select(item::name).first(connection).unwrap()
}

fn insert(connection: &mut Connection, id: i32) -> QueryResult<usize> {
    diesel::insert_into(item::table)
        .values((item::id.eq(id), item::name.eq("a 'new' one"), item::shop.eq(1)))
        .execute(connection)
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn reads_and_writes() {
    let connection = &mut connect();
    for id in 11..14 {
        insert(connection, id).unwrap();
    }
    diesel::update(item::table.filter(item::shop.eq(1))).set(item::name.eq("b")).execute(connection).unwrap();
    diesel::delete(item::table.filter(item::id.gt(10))).execute(connection).unwrap();
    let names: Vec<String> = item::table.select(item::name).order(item::id).load(connection).unwrap();
    assert_eq!(names.len(), 5);
}

/// Q7
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn many_rows_at_once() {
    let connection = &mut connect();
    let new: Vec<_> =
        (21..24).map(|id| (item::id.eq(id), item::name.eq("many"), item::shop.eq(id))).collect();
    diesel::insert_into(item::table).values(&new).execute(connection).unwrap();
    assert_eq!(count(connection), 8);
}

/// Q21
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn cached() {
    let connection = &mut connect();
    for id in 1..5 {
        name_of(connection, id);
    }
}

/// Q21: by a setting, and a text that diesel does not know to be always the same.
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn not_cached() {
    let connection = &mut connect();
    for _ in 0..2 {
        sql_query("SELECT shop FROM item WHERE id = 3").execute(connection).unwrap();
    }
    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
    for id in 1..5 {
        name_of(connection, id);
    }
}

/// Q16
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn committed() {
    let connection = &mut connect();
    connection.transaction(|connection| insert(connection, 41)).unwrap();
    assert_eq!(count(connection), 6);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn rolled_back() {
    let connection = &mut connect();
    let rolled_back = connection.transaction(|connection| {
        insert(connection, 41)?;
        Err::<(), _>(Error::RollbackTransaction)
    });
    rolled_back.unwrap_err();
    assert_eq!(count(connection), 5);
}

/// Q17
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn nested_three_deep_with_an_inner_rollback() {
    let connection = &mut connect();
    let outer = connection.transaction(|connection| {
        insert(connection, 41)?;
        connection.transaction(|connection| {
            insert(connection, 42)?;
            let inner = connection.transaction(|connection| {
                insert(connection, 43)?;
                Err::<(), _>(Error::RollbackTransaction)
            });
            inner.unwrap_err();
            insert(connection, 44)
        })
    });
    outer.unwrap();
    assert_eq!(count(connection), 8);
}

/// Q19
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn batch_of_two() {
    let connection = &mut connect();
    let text = "INSERT INTO item VALUES (31, 'x; y', 1); UPDATE item SET shop = 2 WHERE id = 31";
    connection.batch_execute(text).unwrap();
    assert_eq!(count(connection), 6);
}

/// Q25
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn constraint() {
    let connection = &mut connect();
    insert(connection, 1).unwrap_err();
    assert_eq!(count(connection), 5);
}

/// Q25
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn syntax() {
    let connection = &mut connect();
    sql_query("SELEC name FROM item").execute(connection).unwrap_err();
    connection.batch_execute("SELEC name FROM item").unwrap_err();
    assert_eq!(count(connection), 5);
}

/// Q24
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn dropped_after_a_row() {
    let connection = &mut connect();
    let mut rows = item::table.load_iter::<(i32, String, i32), DefaultLoadingMode>(connection).unwrap();
    rows.next().unwrap().unwrap();
    drop(rows);
    assert_eq!(count(connection), 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn with_endpoints() {
    let connection = &mut connect();
    endpoint("GET /items", || {
        for id in 1..5 {
            name_of(connection, id);
        }
    });
    for id in 1..3 {
        endpoint("GET /items/{id}", || name_of(connection, id));
    }
    endpoint("GET /", || ());
}
