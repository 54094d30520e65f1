//! A row of the matrix: a shape of work, and how it is compared.

#[path = "sites.rs"]
mod sites;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use perfassert::record::{Endpoint, Record};
use perfassert::sql::{Class, Kind};
use perfassert::{Counts, Metric};
use perfassert_database_tests::{Database, Engine};

use perfassert_test_support::child::{Child, Ran};

/// What every database of the matrix holds.
pub(crate) const SCHEMA: &str = "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, shop INTEGER NOT NULL); \
                      INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 1), (3, 'three', 2), (4, 'four', 2), (5, 'five', 3)";

/// Rows that are worked on at once: most of the time goes into waiting for servers and processes.
const AT_ONCE: usize = 4;

/// One shape of work.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The fixture, without its engine.
    pub(crate) shape: &'static str,
    /// Our application statements by kind, as in `2 select, 1 insert`.
    counted: &'static str,
    /// Texts that were sent, where they are not as many as statements.
    round_trips: Option<i64>,
    /// The endpoints: name, requests, and the most queries in one of them.
    endpoints: &'static [(&'static str, u64, i64)],
    /// Statements of which we count so many more than the server, or fewer.
    differs: &'static [(&'static str, i64)],
}

/// We count this, and so does the server.
pub(crate) const fn row(shape: &'static str, counted: &'static str) -> Row {
    Row { shape, counted, round_trips: None, endpoints: &[], differs: &[] }
}

impl Row {
    /// Several statements are sent in one text.
    pub(crate) const fn round_trips(self, n: i64) -> Row {
        Row { round_trips: Some(n), ..self }
    }

    /// Each endpoint is told apart.
    pub(crate) const fn endpoints(self, endpoints: &'static [(&'static str, u64, i64)]) -> Row {
        Row { endpoints, ..self }
    }

    #[allow(dead_code, reason = "not every driver differs")]
    /// The server counts otherwise: `why` is what the table in the README says.
    pub(crate) const fn differs(self, differs: &'static [(&'static str, i64)], why: &'static str) -> Row {
        assert!(!why.is_empty());
        Row { differs, ..self }
    }
}

/// A test binary with fixtures.
pub(crate) struct Suite {
    pub(crate) program: PathBuf,
    /// What the files of its call sites are relative to.
    pub(crate) root: PathBuf,
}

impl Suite {
    /// The calling one.
    pub(crate) fn this() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package.ancestors().nth(2).expect("the package lies in the workspace").to_owned();
        Suite { program: std::env::current_exe().expect("a test knows its binary"), root }
    }
}

/// Works on each row of a driver's table, in a process and a database of its own.
#[track_caller]
pub(crate) fn check(driver: &str, engine: Engine, rows: &[Row]) {
    check_in(&Suite::this(), driver, engine, rows);
}

/// The same, of another suite's fixtures.
#[track_caller]
pub(crate) fn check_in(suite: &Suite, driver: &str, engine: Engine, rows: &[Row]) {
    let fixtures = fixtures(suite, driver);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Relaxed)) {
            wrong.extend(compare(suite, &fixture(&fixtures, row), engine, row).err());
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|threads| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| threads.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a server that works")).collect()
    });
    assert!(wrong.is_empty(), "{} of {} rows:\n\n{}", wrong.len(), rows.len(), wrong.join("\n\n"));
}

/// No shape is forgotten in a driver's table.
#[track_caller]
pub(crate) fn check_complete(driver: &str, rows: &[Row]) {
    check_complete_in(&Suite::this(), driver, rows);
}

/// The same, of another suite's fixtures.
#[track_caller]
pub(crate) fn check_complete_in(suite: &Suite, driver: &str, rows: &[Row]) {
    let fixtures = fixtures(suite, driver);
    let listed: BTreeSet<String> = rows.iter().map(|row| fixture(&fixtures, row)).collect();
    let missing: Vec<_> = fixtures.iter().filter(|fixture| !listed.contains(*fixture)).collect();
    assert!(missing.is_empty(), "the table of {driver} lacks {missing:#?}");
}

/// The fixtures of a driver.
fn fixtures(suite: &Suite, driver: &str) -> Vec<String> {
    let list = Command::new(&suite.program).args(["--list", "--ignored"]).output().unwrap();
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
    let is_row =
        |name: &str| !["::blind::", "::sizes::", "::unmarked::"].iter().any(|other| name.contains(other));
    let is_of_driver = |name: &&str| name.starts_with(&format!("{driver}::")) && is_row(name);
    names.filter(is_of_driver).map(str::to_owned).collect()
}

/// The fixture of a row: of this driver's own, or of the shapes that all drivers have.
#[track_caller]
fn fixture(fixtures: &[String], row: &Row) -> String {
    let of_row = |name: &&String| {
        let (_, name) = name.split_once("::").unwrap_or_default();
        name.strip_prefix("shapes::").unwrap_or(name) == row.shape
    };
    fixtures.iter().find(of_row).unwrap_or_else(|| panic!("no fixture {}", row.shape)).clone()
}

fn compare(suite: &Suite, name: &str, engine: Engine, row: &Row) -> Result<(), String> {
    let database = Database::new(engine);
    database.execute(SCHEMA);
    let watch = database.watch();
    let ran = Child::one_in(&suite.program, name).told(|child| database.tell(child)).run();
    let seen = watch.end().of(Class::Application);
    let Ran { passed: true, output: _, records } = &ran else {
        return Err(format!("{name} failed:\n{}", ran.output));
    };
    let [record] = records.as_slice() else { return Err(format!("{name} left {} records", records.len())) };

    let ours = statements(record);
    let expected: BTreeMap<String, i64> =
        row.differs.iter().map(|(text, n)| ((*text).to_owned(), *n)).collect();
    let queries = record.counts.get(&Metric::Queries);
    let checks = [
        check_equal("statements by kind", kinds(&record.counts).as_str(), row.counted),
        check_equal("round trips", record.counts.get(&Metric::RoundTrips), row.round_trips.or(queries)),
        check_equal("endpoints", endpoints(record).as_slice(), row.endpoints),
        check_equal("ours more than the server's", &difference(&ours, &seen), &expected),
        check_equal("unattributed", record.unattributed.len(), 0),
        check_equal("lines", sites::wrong(record, &suite.root), Vec::new()),
    ];
    let wrong: Vec<String> = checks.into_iter().flatten().collect();
    if !wrong.is_empty() {
        return Err(format!("{name}\n{}\n  ours {ours:#?}\n  server {seen:#?}", wrong.join("\n")));
    }
    Ok(())
}

fn check_equal<T: PartialEq + Debug>(what: &str, is: T, expected: T) -> Option<String> {
    (is != expected).then(|| format!("  {what}: {is:?}, expected {expected:?}"))
}

fn endpoints(record: &Record) -> Vec<(&str, u64, i64)> {
    let most = |endpoint: &Endpoint| endpoint.counts.get(&Metric::Queries).unwrap_or(-1);
    let each =
        record.endpoints.iter().map(|endpoint| (endpoint.name.as_str(), endpoint.requests, most(endpoint)));
    each.collect()
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
