//! rusqlite: what each of its operations counts as, for whom, and what keeps it from being seen.

mod blindness;
mod shapes;
mod ways;

use std::sync::OnceLock;

use perfassert::record::{Outcome, Record};
use perfassert::sql::Class;
use perfassert::{Metric, measure};
use perfassert_test_support::child::{Child, Ran, count, list};
use rusqlite::{Connection, StatementStatus};

/// A database of customers, whose making is in no count.
fn open() -> Connection {
    perfassert::unmeasured(|| {
        let db = Connection::open_in_memory().unwrap();
        let schema = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
                      INSERT INTO customers (name) VALUES ('Ann'), ('Bob'), ('Cid')";
        db.execute_batch(schema).unwrap();
        db
    })
}

/// The records of all shapes, which run side by side in one process.
fn shapes() -> &'static Ran {
    static SHAPES: OnceLock<Ran> = OnceLock::new();
    SHAPES.get_or_init(|| Child::matching("shapes::", 4).run())
}

fn shape(name: &str) -> &'static Record {
    let run = shapes();
    let found = run.records.iter().find(|record| record.test.name == format!("shapes::{name}"));
    found.unwrap_or_else(|| panic!("no record of {name}:\n{}", run.output))
}

/// Compares what a shape executed: the application's statements, and the others with their class.
#[track_caller]
fn check(name: &str, expected: &[&str]) {
    let record = shape(name);
    let mut statements: Vec<_> = record
        .statements
        .iter()
        .map(|statement| match statement.class {
            Class::Application => format!("{}x {}: {}", statement.count, statement.kind, statement.sql),
            class => format!("{}x {class}: {}", statement.count, statement.sql),
        })
        .collect();
    statements.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(statements, expected, "{name}");
    assert_eq!(record.outcome, Outcome::Passed);
    assert!(record.unattributed.is_empty(), "{}", list(&record.unattributed));
}

/// Q13, Q14
#[test]
fn writes_and_reads_are_told_apart() {
    check(
        "writes_and_reads",
        &[
            "1x delete: DELETE FROM customers WHERE id = ?",
            "1x insert: INSERT INTO customers (name) VALUES (?) RETURNING id",
            "1x insert: WITH new(name) AS (SELECT ?) INSERT INTO customers (name) SELECT name FROM new",
            "1x select: SELECT id FROM customers WHERE name = ?",
            "1x update: UPDATE customers SET name = ? WHERE id = ?",
        ],
    );
}

/// Q15, Q22: SQLite does not execute what it explains, so that is not seen.
#[test]
fn what_is_no_query_has_a_class_or_kind_of_its_own() {
    check(
        "no_queries",
        &["1x ddl: CREATE INDEX by_name ON customers(name)", "3x session: PRAGMA foreign_keys = ?"],
    );
}

/// Q16
#[test]
fn transactions_are_control_and_not_queries() {
    check("committed", &["1x transaction: BEGIN DEFERRED", "1x transaction: COMMIT", SELECT_ONE]);
    check("rolled_back", &["1x transaction: BEGIN IMMEDIATE", "1x transaction: ROLLBACK", SELECT_ONE]);
    check("rolled_back_on_drop", &["1x transaction: BEGIN DEFERRED", "1x transaction: ROLLBACK", SELECT_ONE]);
}

const SELECT_ONE: &str = "1x select: SELECT ?";

/// Q17
#[test]
fn nested_transactions() {
    check(
        "savepoints",
        &[
            "1x transaction: BEGIN DEFERRED",
            "1x transaction: COMMIT",
            "1x transaction: ROLLBACK TO ?",
            "2x transaction: RELEASE ?",
            "2x transaction: SAVEPOINT ?",
            "3x select: SELECT ?",
        ],
    );
}

/// Q19: SQLite takes one statement at a time, whatever the text holds.
#[test]
fn a_batch_of_three_is_three() {
    check("batch", &["3x select: SELECT ?"]);
}

/// Q21
#[test]
fn a_cached_statement_counts_as_often_as_it_runs() {
    check("cached", &["3x select: SELECT name FROM customers WHERE id = ?"]);
    check("prepared_once", &["3x select: SELECT name FROM customers WHERE id = ?"]);
    check("prepared_and_not_executed", &[]);
    // The second execution prepares it again, as the schema has changed.
    check(
        "schema_changed",
        &["1x ddl: ALTER TABLE customers ADD COLUMN age", "2x select: SELECT * FROM customers"],
    );
}

/// Q24
#[test]
fn a_result_is_one_query_however_much_of_it_is_read() {
    check("rows_to_the_end", &["1x select: SELECT name FROM customers"]);
    check("rows_dropped_after_one", &["1x select: SELECT name FROM customers"]);
    check("rows_that_fail_in_the_middle", &["1x select: SELECT fail_at(id) FROM customers"]);
}

/// Q25: a syntax error never becomes a statement that SQLite could execute, so it is not seen.
#[test]
fn a_statement_that_fails_is_one() {
    check("constraint_error", &["1x insert: INSERT INTO customers (id, name) VALUES (?, ?)"]);
    check("interrupted", &["1x select: SELECT interrupt() FROM customers"]);
    check("syntax_error", &[]);
}

#[test]
fn what_sqlite_executes_by_itself_is_not_counted() {
    check("trigger", &["1x insert: INSERT INTO customers (name) VALUES (?)"]);
    check(
        "full_text",
        &["1x insert: INSERT INTO texts (body) VALUES (?)", "1x select: SELECT * FROM texts(?)"],
    );
    check("function_that_asks", &["1x select: SELECT ask()"]);
    check("vacuum", &["1x other: VACUUM"]);
    check("file", &["1x select: SELECT * FROM customers"]);
}

/// A comment in front of the text looks like those that SQLite makes for triggers.
#[test]
fn a_comment_in_front_is_no_trigger() {
    check("comment_in_front", &["2x select: SELECT name FROM customers WHERE id = ?"]);
}

#[test]
fn every_shape_runs_to_its_end() {
    let run = shapes();
    assert!(run.passed, "{}", run.output);
    assert_eq!(run.records.len(), 24);
}

/// Q29
#[test]
fn every_way_to_another_thread_leads_to_the_test() {
    let run = Child::matching("ways::", 4).run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(run.records.len(), 7);
    for record in &run.records {
        assert_eq!(count(record, &Metric::Queries), ways::QUERIES, "{}", record.test);
        assert!(record.unattributed.is_empty(), "{}", list(&record.unattributed));
    }
}

/// SQLite counts by itself how often a statement ran.
#[test]
fn the_count_is_sqlites_own() {
    let db = open();
    let mut statement = db.prepare("SELECT name FROM customers WHERE id > ?1").unwrap();
    let ((), counts) = measure("statement", || {
        for id in 0..5 {
            let mut rows = statement.query([id]).unwrap();
            while id % 2 == 0 && rows.next().unwrap().is_some() {}
            let _ = rows.next();
        }
    });
    assert_eq!(counts.get(&Metric::Queries), Some(statement.get_status(StatementStatus::Run).into()));
    assert_eq!(counts.get(&Metric::Queries), Some(5));
}

#[test]
fn the_call_site_is_the_users_line() {
    for (name, code) in [("call_site", "db.query_row(\"SELECT 1\""), ("cached", "statement.query_row([id]")] {
        let [statement] = shape(name).statements.as_slice() else { panic!("one statement") };
        let [site] = statement.sites.as_slice() else { panic!("one site: {:?}", statement.sites) };
        assert_eq!(
            (site.file.as_str(), &*site.function),
            ("tests/rusqlite/shapes.rs", &*format!("shapes::{name}"))
        );
        let line = include_str!("shapes.rs").lines().nth(site.line as usize - 1).unwrap();
        assert!(line.contains(code), "{line}");
    }
}

/// Q11
#[test]
fn no_literal_leaves_the_process() {
    let run = Child::one("blindness::literals").run();
    assert!(!run.passed && run.output.contains("SELECT ? = ?"), "{}", run.output);
    assert!(!run.output.contains("hunter"), "{}", run.output);
    assert!(!format!("{:?}", run.records).contains("hunter"), "{:?}", run.records);
}

/// Recording a query adds nothing to the measured allocations (Q55).
#[test]
fn a_recorded_query_allocates_nothing_more() {
    let db = open();
    let mut statement = db.prepare("SELECT id FROM customers WHERE name = 'Ann'").unwrap();
    let mut run = || statement.query_row([], |row| row.get::<_, i64>(0)).unwrap();
    run();
    let (_, counts) = measure("query", run);
    assert_eq!(counts.get(&Metric::Queries), Some(1));
    assert_eq!(counts.get(&Metric::Allocs), Some(0));
    assert_eq!(counts.get(&Metric::Frees), Some(0));
}
