//! diesel, which tells the values and what failed, and no rows.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use perfassert::no_n_plus_one;

use crate::shop::SCHEMA;

diesel::table! {
    customers (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    orders (id) {
        id -> Integer,
        customer_id -> Integer,
        status -> Text,
    }
}

fn connect() -> SqliteConnection {
    perfassert::unmeasured(|| {
        // Another package of the workspace may bring tokio-postgres along, and then that is to be heard.
        perfassert::tokio_postgres::init().unwrap();
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.batch_execute(SCHEMA).unwrap();
        connection
    })
}

fn all_orders(connection: &mut SqliteConnection) -> Vec<(i32, i32, String)> {
    orders::table.load(connection).unwrap()
}

fn customer(connection: &mut SqliteConnection, id: i32) -> (i32, String) {
    customers::table.find(id).first(connection).unwrap()
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn lazy_load_in_a_loop() {
    let connection = &mut connect();
    for (_, id, _) in all_orders(connection) {
        customer(connection, id);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn update_per_row() {
    let connection = &mut connect();
    for (id, ..) in all_orders(connection) {
        let update = diesel::update(orders::table.find(id)).set(orders::status.eq("sent"));
        update.execute(connection).unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn same_user_per_row() {
    let connection = &mut connect();
    for _ in all_orders(connection) {
        customer(connection, 7);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn chunks() {
    let connection = &mut connect();
    for ids in [[1, 2], [3, 4], [5, 6]] {
        let loaded = customers::table.filter(customers::id.eq_any(ids)).load::<(i32, String)>(connection);
        assert_eq!(loaded.unwrap().len(), 2);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn fan_out_through_a_function() {
    let connection = &mut connect();
    let ann = customer(connection, 1);
    let bob = customer(connection, 2);
    let cleo = customer(connection, 3);
    assert!(ann < bob && bob < cleo);
}

/// Q27: diesel tells that the statement failed.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn statement_that_is_tried_again() {
    let connection = &mut connect();
    for attempt in 0..3 {
        let insert = diesel::insert_into(customers::table)
            .values((customers::id.eq(100), customers::name.eq("Ann")))
            .execute(connection);
        assert!(insert.is_err(), "{attempt}");
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn pages_by_offset() {
    let connection = &mut connect();
    for page in 0..3 {
        let page = orders::table.select(orders::id).order(orders::id).limit(2).offset(2 * page);
        assert_eq!(page.load::<i32>(connection).unwrap().len(), 2);
    }
}
