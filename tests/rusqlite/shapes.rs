//! The shapes in which a statement is executed: each is a test of its own, and what it executed is its record.

use perfassert::{max_allocs, unmeasured};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, DropBehavior, Error, TransactionBehavior};

use crate::open;

/// Each shape on a database of its own. The gate is one that does not mind a shape without any query.
macro_rules! shapes {
    ($($name:ident: |$db:ident| $shape:expr;)*) => { $(
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[test]
        fn $name() {
            #[allow(unused_mut, reason = "transactions want one")]
            let mut $db = open();
            $shape;
        }
    )* };
}

shapes! {
    writes_and_reads: |db| {
        let insert = "INSERT INTO customers (name) VALUES ('Dan') RETURNING id";
        let id: i64 = db.query_row(insert, [], |row| row.get(0)).unwrap();
        db.execute("WITH new(name) AS (SELECT ?1) INSERT INTO customers (name) SELECT name FROM new", ["Eve"]).unwrap();
        db.execute("UPDATE customers SET name = ?1 WHERE id = ?2", ("Don", id)).unwrap();
        let _: i64 = db.query_row("SELECT id FROM customers WHERE name = 'Don'", [], |row| row.get(0)).unwrap();
        db.execute("DELETE FROM customers WHERE id = :id", &[(":id", &id)]).unwrap();
    };
    no_queries: |db| {
        db.pragma_update(None, "foreign_keys", true).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        db.execute_batch("PRAGMA foreign_keys = 1").unwrap();
        db.execute("CREATE INDEX by_name ON customers (name)", []).unwrap();
        let _: i64 = db.query_row("EXPLAIN SELECT 1", [], |row| row.get(0)).unwrap();
    };
    committed: |db| {
        let transaction = db.transaction().unwrap();
        select_one(&transaction);
        transaction.commit().unwrap();
    };
    rolled_back: |db| {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        select_one(&transaction);
        transaction.rollback().unwrap();
    };
    rolled_back_on_drop: |db| select_one(&db.transaction().unwrap());
    savepoints: |db| {
        let mut outer = db.transaction().unwrap();
        {
            let mut middle = outer.savepoint().unwrap();
            {
                let mut inner = middle.savepoint().unwrap();
                select_one(&inner);
                inner.set_drop_behavior(DropBehavior::Rollback);
            }
            select_one(&middle);
            middle.commit().unwrap();
        }
        select_one(&outer);
        outer.commit().unwrap();
    };
    batch: |db| db.execute_batch("SELECT 1; SELECT 2;\n SELECT 3;").unwrap();
    cached: |db| for id in 1..=3 {
        let mut statement = db.prepare_cached("SELECT name FROM customers WHERE id = ?1").unwrap();
        let _: String = statement.query_row([id], |row| row.get(0)).unwrap();
    };
    prepared_once: |db| {
        let mut statement = db.prepare("SELECT name FROM customers WHERE id = ?1").unwrap();
        for id in 1..=3 {
            assert!(statement.exists([id]).unwrap());
        }
    };
    prepared_and_not_executed: |db| {
        let mut statement = db.prepare("SELECT name FROM customers WHERE id = ?1").unwrap();
        drop(statement.query([1]).unwrap());
    };
    schema_changed: |db| {
        let mut statement = db.prepare("SELECT * FROM customers").unwrap();
        assert!(statement.exists([]).unwrap());
        db.execute("ALTER TABLE customers ADD COLUMN age", []).unwrap();
        assert!(statement.exists([]).unwrap());
    };
    rows_to_the_end: |db| {
        let mut statement = db.prepare("SELECT name FROM customers").unwrap();
        assert_eq!(statement.query_map([], |row| row.get::<_, String>(0)).unwrap().count(), 3);
    };
    rows_dropped_after_one: |db| {
        let mut statement = db.prepare("SELECT name FROM customers").unwrap();
        assert!(statement.query([]).unwrap().next().unwrap().is_some());
    };
    rows_that_fail_in_the_middle: |db| {
        let fail_at = |context: &rusqlite::functions::Context<'_>| match context.get::<i64>(0)? {
            2 => Err(Error::UserFunctionError("two".into())),
            id => Ok(id),
        };
        db.create_scalar_function("fail_at", 1, FunctionFlags::empty(), fail_at).unwrap();
        let mut statement = db.prepare("SELECT fail_at(id) FROM customers").unwrap();
        let mut rows = statement.query([]).unwrap();
        assert!(rows.next().unwrap().is_some());
        rows.next().unwrap_err();
    };
    constraint_error: |db| {
        db.execute("INSERT INTO customers (id, name) VALUES (1, 'again')", []).unwrap_err();
    };
    interrupted: |db| {
        let handle = db.get_interrupt_handle();
        let interrupt = move |_: &rusqlite::functions::Context<'_>| {
            handle.interrupt();
            Ok(1)
        };
        db.create_scalar_function("interrupt", 0, FunctionFlags::empty(), interrupt).unwrap();
        let mut statement = db.prepare("SELECT interrupt() FROM customers").unwrap();
        let rows: Result<Vec<i64>, _> = statement.query_map([], |row| row.get(0)).unwrap().collect();
        rows.unwrap_err();
    };
    syntax_error: |db| {
        db.execute("SELEC 1", []).unwrap_err();
    };
    trigger: |db| {
        unmeasured(|| {
            let log = "CREATE TABLE log (id); CREATE TRIGGER logs AFTER INSERT ON customers
                       BEGIN INSERT INTO log VALUES (new.id); INSERT INTO log VALUES (0); END";
            db.execute_batch(log).unwrap();
        });
        db.execute("INSERT INTO customers (name) VALUES (?1)", ["Dan"]).unwrap();
        let logged: i64 = unmeasured(|| db.query_row("SELECT count(*) FROM log", [], |row| row.get(0)).unwrap());
        assert_eq!(logged, 2);
    };
    full_text: |db| {
        unmeasured(|| db.execute_batch("CREATE VIRTUAL TABLE texts USING fts5 (body)").unwrap());
        db.execute("INSERT INTO texts (body) VALUES ('some text')", []).unwrap();
        assert!(db.prepare("SELECT * FROM texts('some')").unwrap().exists([]).unwrap());
    };
    function_that_asks: |db| {
        let ask = |context: &rusqlite::functions::Context<'_>| {
            // SAFETY: the connection is used while the function runs, and is not closed.
            #[expect(unsafe_code, reason = "the only way to it")]
            let db = unsafe { context.get_connection() }?;
            db.query_row("SELECT count(*) FROM customers", [], |row| row.get::<_, i64>(0))
        };
        db.create_scalar_function("ask", 0, FunctionFlags::empty(), ask).unwrap();
        assert_eq!(db.query_row("SELECT ask()", [], |row| row.get(0)), Ok(3));
    };
    vacuum: |db| db.execute_batch("VACUUM").unwrap();
    file: |_db| {
        let file = tempfile::NamedTempFile::new().unwrap();
        unmeasured(|| {
            let first = Connection::open(file.path()).unwrap();
            first.execute_batch("CREATE TABLE customers (id); INSERT INTO customers VALUES (1)").unwrap();
        });
        let second = Connection::open(file.path()).unwrap();
        assert!(second.prepare("SELECT * FROM customers").unwrap().exists([]).unwrap());
    };
    comment_in_front: |db| {
        let sql = "-- name: find_customer\nSELECT name FROM customers WHERE id = ?1";
        for id in 1..=2 {
            let _: String = db.query_row(sql, [id], |row| row.get(0)).unwrap();
        }
    };
    call_site: |db| {
        let _: i64 = db.query_row("SELECT 1", [], |row| row.get(0)).unwrap();
    };
}

fn select_one(db: &Connection) {
    let _: i64 = db.query_row("SELECT 1", [], |row| row.get(0)).unwrap();
}
