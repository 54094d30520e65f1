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

diesel::table! {
    stock (id) {
        id -> Integer,
        pieces -> Integer,
        version -> Integer,
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

/// Q58: without rows it cannot be told from chunks.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn batch_per_row() {
    let connection = &mut connect();
    for (order, by, _) in all_orders(connection) {
        let both = customers::table.filter(customers::id.eq_any([order, by]));
        both.load::<(i32, String)>(connection).unwrap();
    }
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn function_for_each_kind() {
    fn subject(connection: &mut SqliteConnection, id: i32) {
        match id % 3 {
            0 => drop(customer(connection, id)),
            1 => {
                drop(customers::table.filter(customers::id.gt(id)).load::<(i32, String)>(connection).unwrap())
            }
            _ => drop(orders::table.find(id).first::<(i32, i32, String)>(connection).unwrap()),
        }
    }
    let connection = &mut connect();
    for (id, ..) in all_orders(connection) {
        subject(connection, id);
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn pairs_in_chunks() {
    let connection = &mut connect();
    for [(a, b), (c, d)] in [[(1, 1), (2, 2)], [(3, 3), (4, 1)], [(5, 4), (6, 5)]] {
        let one = orders::id.eq(a).and(orders::customer_id.eq(b));
        let other = orders::id.eq(c).and(orders::customer_id.eq(d));
        let pairs = orders::table.filter(one.or(other)).load::<(i32, i32, String)>(connection);
        assert_eq!(pairs.unwrap().len(), 2);
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn purge_in_batches() {
    let connection = &mut connect();
    let purge = "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < 15 LIMIT 4)";
    while diesel::sql_query(purge).execute(connection).unwrap() == 4 {}
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn optimistic_lock() {
    let connection = &mut connect();
    for attempt in 0.. {
        let version: i32 = stock::table.find(1).select(stock::version).first(connection).unwrap();
        if attempt < 3 {
            let others = diesel::update(stock::table).set(stock::version.eq(stock::version + 1));
            perfassert::unmeasured(|| others.execute(connection).unwrap());
        }
        let update = diesel::update(stock::table.find(1).filter(stock::version.eq(version)));
        if update.set(stock::version.eq(version + 1)).execute(connection).unwrap() == 1 {
            break;
        }
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn cases_of_the_test() {
    let connection = &mut connect();
    for (id, name) in [(1, "Ann"), (2, "Bob"), (3, "Cleo")] {
        assert_eq!(customer(connection, id).1, name);
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn pages_by_key() {
    let connection = &mut connect();
    let mut last = Some(0);
    while let Some(after) = last {
        let page = orders::table.filter(orders::id.gt(after)).order(orders::id).limit(2).select(orders::id);
        last = page.load::<i32>(connection).unwrap().last().copied();
    }
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn transaction_per_row_some_rolled_back() {
    let connection = &mut connect();
    for name in ["Ann", "Hal", "Bob", "Ian", "Cleo", "Joe"] {
        let insert = diesel::insert_into(customers::table).values(customers::name.eq(name));
        let _ = connection.transaction(|connection| insert.execute(connection));
    }
}
