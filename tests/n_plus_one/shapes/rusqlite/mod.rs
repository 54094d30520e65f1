//! rusqlite, which tells the values, the rows and the database.

mod more;

use perfassert::no_n_plus_one;
use rusqlite::Connection;

use crate::shop::{ORDERS, SCHEMA};

fn open() -> Connection {
    perfassert::unmeasured(|| {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(SCHEMA).unwrap();
        db
    })
}

fn orders(db: &Connection) -> Vec<(i64, i64)> {
    let mut orders = db.prepare("SELECT id, customer_id FROM orders").unwrap();
    let rows = orders.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn customer(db: &Connection, id: i64) -> String {
    db.query_row("SELECT name FROM customers WHERE id = ?1", [id], |row| row.get(0)).unwrap()
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn lazy_load_in_a_loop() {
    let db = open();
    for (_, id) in orders(&db) {
        customer(&db, id);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn prepared_once() {
    let db = open();
    let mut count = db.prepare("SELECT count(*) FROM lines WHERE order_id = ?1").unwrap();
    for (order, _) in orders(&db) {
        let _: i64 = count.query_row([order], |row| row.get(0)).unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn insert_in_a_loop() {
    let db = open();
    for name in ["nib", "pad", "mug", "box"] {
        db.execute("INSERT INTO products (name) VALUES (?1)", [name]).unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn same_user_per_row() {
    let db = open();
    for _ in orders(&db) {
        customer(&db, 7);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn same_user_from_three_lines() {
    let db = open();
    perfassert::endpoint("GET /me", || {
        customer(&db, 7);
        customer(&db, 7);
        customer(&db, 7);
    });
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn count_after_each_insert() {
    let db = open();
    for name in ["nib", "pad", "mug", "box"] {
        db.execute("INSERT INTO products (name) VALUES (?1)", [name]).unwrap();
        let _: i64 = db.query_row("SELECT count(*) FROM products", [], |row| row.get(0)).unwrap();
    }
}

/// By its rows it is told from a page.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn latest_before_each_row() {
    let db = open();
    let sql = "SELECT rate FROM rates WHERE day < ?1 ORDER BY day DESC LIMIT 1";
    for (order, _) in orders(&db) {
        let _: i64 = db.query_row(sql, [order], |row| row.get(0)).unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn batch() {
    let db = open();
    for ids in ["1, 2", "3, 4", "5, 6"] {
        let mut customers = db.prepare(&format!("SELECT name FROM customers WHERE id IN ({ids})")).unwrap();
        assert_eq!(customers.query_map([], |row| row.get::<_, String>(0)).unwrap().count(), 2);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn pages_by_key() {
    let db = open();
    let mut page = db.prepare("SELECT id FROM orders WHERE id > ?1 ORDER BY id LIMIT 2").unwrap();
    let mut last = 0;
    while last < ORDERS {
        last = page.query_map([last], |row| row.get(0)).unwrap().last().unwrap().unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn fan_out_from_lines() {
    let db = open();
    let names = (customer(&db, 1), customer(&db, 2));
    assert_ne!(names.0, customer(&db, 3));
}

/// The test itself asks again.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn test_that_looks_again() {
    let db = open();
    assert_eq!(customer(&db, 1), "Ann");
    assert_eq!(customer(&db, 1), "Ann");
    assert_eq!(customer(&db, 1), "Ann");
}

/// Q27
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn transaction_that_is_tried_again() {
    let mut db = open();
    for attempt in 0..3 {
        let transaction = db.transaction().unwrap();
        customer(&transaction, 1);
        transaction.execute("UPDATE orders SET status = 'sent' WHERE id = ?1", [1]).unwrap();
        if attempt == 2 {
            transaction.commit().unwrap();
        }
    }
}

/// The values differ, so it is no retry.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn transaction_per_row() {
    let mut db = open();
    for order in 1..=ORDERS {
        let transaction = db.transaction().unwrap();
        customer(&transaction, order);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn polling() {
    let db = open();
    for _ in 0..4 {
        let status =
            db.query_row("SELECT status FROM orders WHERE id = ?1", [1], |row| row.get::<_, String>(0));
        assert_eq!(status.unwrap(), "open");
    }
}
