//! A row of the matrix: a shape of work, and how it is compared.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use perfassert::record::Record;
use perfassert::sql::{Class, Kind};
use perfassert::{Counts, Metric};
use perfassert_database_tests::{Database, Engine};

use crate::child::{Child, Ran};

/// What every database of the matrix holds.
const SCHEMA: &str = "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, shop INTEGER NOT NULL); \
                      INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 1), (3, 'three', 2), (4, 'four', 2), (5, 'five', 3)";

/// Rows that are worked on at once: most of the time goes into waiting for servers and processes.
const AT_ONCE: usize = 4;

/// One shape of work.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The fixture, without its engine.
    shape: &'static str,
    /// Our application statements by kind, as in `2 select, 1 insert`.
    counted: &'static str,
    /// Statements of which we count so many more than the server, or fewer.
    differs: &'static [(&'static str, i64)],
}

/// We count this, and so does the server.
pub(crate) const fn row(shape: &'static str, counted: &'static str) -> Row {
    Row { shape, counted, differs: &[] }
}

impl Row {
    /// The server counts otherwise: `why` is what the table in the README says.
    pub(crate) const fn differs(self, differs: &'static [(&'static str, i64)], why: &'static str) -> Row {
        assert!(!why.is_empty());
        Row { differs, ..self }
    }
}

/// Works on each row of a driver's table, in a process and a database of its own.
#[track_caller]
pub(crate) fn check(driver: &str, engine: Engine, rows: &[Row]) {
    check_complete(driver, rows);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Relaxed)) {
            wrong.extend(compare(driver, engine, row).err());
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|threads| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| threads.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a server that works")).collect()
    });
    assert!(wrong.is_empty(), "{} of {} rows:\n\n{}", wrong.len(), rows.len(), wrong.join("\n\n"));
}

/// No shape is forgotten in a table.
#[track_caller]
fn check_complete(driver: &str, rows: &[Row]) {
    let list = Command::new(std::env::current_exe().unwrap()).args(["--list", "--ignored"]).output().unwrap();
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let mut fixtures: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix(driver)?.strip_prefix("::shapes::")?.strip_suffix(": test"))
        .collect();
    let mut listed: Vec<&str> = rows.iter().map(|row| row.shape).collect();
    fixtures.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, fixtures, "the shapes of {driver}'s table are those that there are");
}

fn compare(driver: &str, engine: Engine, row: &Row) -> Result<(), String> {
    let database = Database::new(engine);
    database.execute(SCHEMA);
    let watch = database.watch();
    let name = format!("{driver}::shapes::{}", row.shape);
    let ran = Child::one(&name).told(|child| database.tell(child)).run();
    let seen = watch.end().of(Class::Application);
    let Ran { passed: true, output: _, records } = &ran else {
        return Err(format!("{name} failed:\n{}", ran.output));
    };
    let [record] = records.as_slice() else { return Err(format!("{name} left {} records", records.len())) };

    let (ours, counted) = (statements(record), kinds(&record.counts));
    let differs = difference(&ours, &seen);
    let expected: BTreeMap<String, i64> =
        row.differs.iter().map(|(text, n)| ((*text).to_owned(), *n)).collect();
    if counted != row.counted || differs != expected || !record.unattributed.is_empty() {
        return Err(format!(
            "{name}\n  counted {counted}, expected {}\n  ours more than the server's: {differs:?}, expected {expected:?}\n  \
             ours {ours:#?}\n  server {seen:#?}\n  unattributed {:?}",
            row.counted, record.unattributed
        ));
    }
    Ok(())
}

/// Our application statements.
fn statements(record: &Record) -> BTreeMap<String, u64> {
    let ours = record.statements.iter().filter(|statement| statement.class == Class::Application);
    ours.map(|statement| (statement.sql.clone(), statement.count)).collect()
}

fn kinds(counts: &Counts) -> String {
    let count =
        |kind: &Kind| counts.get(&Metric::QueriesOf(*kind)).filter(|n| *n > 0).map(|n| format!("{n} {kind}"));
    Kind::ALL.iter().filter_map(count).collect::<Vec<_>>().join(", ")
}

fn difference(ours: &BTreeMap<String, u64>, servers: &BTreeMap<String, u64>) -> BTreeMap<String, i64> {
    let mut difference = BTreeMap::<String, i64>::new();
    for (text, n) in ours {
        *difference.entry(text.clone()).or_default() += *n as i64;
    }
    for (text, n) in servers {
        *difference.entry(text.clone()).or_default() -= *n as i64;
    }
    difference.retain(|_, n| *n != 0);
    difference
}
