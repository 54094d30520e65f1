//! Batches, locks, functions and databases.

use perfassert::{endpoint, no_n_plus_one, unmeasured};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::{customer, open, orders};
use crate::shop::SCHEMA;

/// A database that has the functions of another one, by name.
fn open_with(functions: &[&str]) -> Connection {
    unmeasured(|| {
        let db = open();
        for function in functions {
            let flags = FunctionFlags::SQLITE_UTF8;
            db.create_scalar_function(*function, -1, flags, |_| Ok(1)).unwrap();
        }
        db
    })
}

fn call(db: &Connection, sql: &str, value: i64) -> i64 {
    db.query_row(sql, [value], |row| row.get(0)).unwrap()
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn batch_per_row() {
    let db = open();
    for (order, by) in orders(&db) {
        let mut both = db.prepare_cached("SELECT name FROM customers WHERE id IN (?1, ?2)").unwrap();
        assert!(both.query_map([order, by], |row| row.get::<_, String>(0)).unwrap().count() > 0);
    }
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn one_line_for_several_tables() {
    let db = open();
    for (order, _) in orders(&db) {
        let table = ["products", "categories", "lines"][(order % 3) as usize];
        call(&db, &format!("SELECT count(*) FROM {table} WHERE id = ?1"), order);
    }
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn transaction_per_row_some_rolled_back() {
    let mut db = open();
    for name in ["Ann", "Hal", "Bob", "Ian", "Cleo", "Joe"] {
        let transaction = db.transaction().unwrap();
        if transaction.execute("INSERT INTO customers (name) VALUES (?1)", [name]).is_ok() {
            transaction.commit().unwrap();
        }
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn optimistic_lock() {
    let db = open();
    for attempt in 0.. {
        let version = call(&db, "SELECT version FROM stock WHERE id = ?1", 1);
        if attempt < 3 {
            unmeasured(|| db.execute("UPDATE stock SET version = version + 1", []).unwrap());
        }
        let update = "UPDATE stock SET pieces = 8, version = version + 1 WHERE id = ?1 AND version = ?2";
        if db.execute(update, [1, version]).unwrap() == 1 {
            break;
        }
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn lock_for_each_step() {
    let db = open_with(&["pg_advisory_xact_lock"]);
    endpoint("POST /orders", || {
        for _ in 0..3 {
            call(&db, "SELECT pg_advisory_xact_lock(?1)", 7);
        }
    });
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn tenant_for_each_transaction() {
    let db = open_with(&["set_config"]);
    endpoint("GET /orders", || {
        for _ in 0..3 {
            call(&db, "SELECT set_config('app.tenant', ?1, true)", 42);
        }
    });
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn number_for_each_row() {
    let db = open_with(&["nextval"]);
    for _ in orders(&db) {
        db.query_row("SELECT nextval('invoice')", [], |row| row.get::<_, i64>(0)).unwrap();
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn note_for_each_row() {
    let db = open_with(&["pg_notify"]);
    for (order, _) in orders(&db) {
        call(&db, "SELECT pg_notify('orders', ?1)", order);
    }
}

/// What a function of the application's does is not known, so it cannot be kept.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn function_that_may_do_anything() {
    let db = open_with(&["write_audit"]);
    endpoint("POST /orders", || {
        for _ in 0..3 {
            call(&db, "SELECT write_audit(?1)", 7);
        }
    });
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn function_called_per_row() {
    let db = open_with(&["price_of"]);
    for (order, _) in orders(&db) {
        call(&db, "SELECT price_of(?1)", order);
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn query_for_each_database() {
    for shard in [open(), open(), open()] {
        customer(&shard, 1);
    }
}

/// Q59: they are opened anew, and each is another file.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn query_for_each_file() {
    let dir = unmeasured(|| tempfile::tempdir().unwrap());
    for tenant in ["a", "b", "c", "d"] {
        let db = unmeasured(|| {
            let db = Connection::open(dir.path().join(tenant)).unwrap();
            db.execute_batch(SCHEMA).unwrap();
            db
        });
        customer(&db, 1);
    }
}

/// Three connections, and one database.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn query_for_each_connection() {
    let dir = unmeasured(|| tempfile::tempdir().unwrap());
    let file = dir.path().join("shop");
    unmeasured(|| Connection::open(&file).unwrap().execute_batch(SCHEMA).unwrap());
    endpoint("GET /me", || {
        for _ in 0..3 {
            let db = unmeasured(|| Connection::open(&file).unwrap());
            customer(&db, 1);
        }
    });
}

/// In each of two databases, row by row.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn rows_of_each_database() {
    for db in [open(), open()] {
        for (_, by) in orders(&db) {
            customer(&db, by);
        }
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn cases_of_the_test() {
    let db = open();
    for (id, name) in [(1, "Ann"), (2, "Bob"), (3, "Cleo")] {
        assert_eq!(customer(&db, id), name);
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn purge_in_batches() {
    let db = open();
    let purge = "DELETE FROM events WHERE rowid IN (SELECT rowid FROM events WHERE at < ?1 LIMIT 4)";
    while db.execute(purge, [15]).unwrap() == 4 {}
}

/// A row at a time, because the next one is known by the one before it.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[test]
fn up_a_tree() {
    let db = open();
    let mut category = Some(6);
    while let Some(id) = category {
        category =
            db.query_row("SELECT parent_id FROM categories WHERE id = ?1", [id], |row| row.get(0)).unwrap();
    }
}
