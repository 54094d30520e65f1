//! What keeps queries from being seen, and what only looks like it.

use std::sync::mpsc::{Receiver, Sender, channel};

use perfassert::record::Outcome;
use perfassert::{Metric, max_queries};
use rusqlite::Connection;
use rusqlite::auto_extension::reset_auto_extension;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use crate::open;
use perfassert_test_support::child::{Child, count};

fn query(db: &Connection) {
    let _: i64 = db.query_row("SELECT 1", [], |row| row.get(0)).unwrap();
}

fn trace(db: &Connection) {
    db.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(|_: TraceEvent<'_>| ()));
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn hook_replaced() {
    let db = open();
    query(&db);
    trace(&db);
    query(&db);
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn hook_removed_on_another_thread() {
    query(&open());
    std::thread::spawn(|| {
        let db = open();
        db.trace_v2(TraceEventCodes::empty(), None);
        query(&db);
    })
    .join()
    .unwrap();
}

#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
fn extensions_reset() {
    query(&open());
    reset_auto_extension();
    query(&open());
}

#[ignore = "a fixture"]
#[test]
fn extensions_reset_before() {
    #[max_queries(5)]
    fn body(db: &Connection) {
        query(&open());
        query(db);
    }

    reset_auto_extension();
    let db = open();
    body(&db);
}

/// The profile hook has a place of its own.
#[max_queries(5)]
#[ignore = "a fixture"]
#[test]
#[expect(deprecated, reason = "it is still in use")]
fn profiled() {
    let mut db = open();
    db.profile(Some(|_, _| ()));
    query(&db);
}

/// Another test's connection is its own affair.
#[ignore = "a fixture"]
#[test]
fn traced_by_a_neighbour() {
    #[max_queries(5)]
    fn body(go: &Sender<()>, gone: &Receiver<()>) {
        query(&open());
        go.send(()).unwrap();
        gone.recv().unwrap();
    }

    let ((go, wait), (tell, gone)) = (channel(), channel());
    let neighbour = std::thread::spawn(move || {
        wait.recv().unwrap();
        let db = open();
        trace(&db);
        query(&db);
        drop(db);
        tell.send(()).unwrap();
    });
    body(&go, &gone);
    neighbour.join().unwrap();
}

#[max_queries(0)]
#[ignore = "a fixture"]
#[test]
fn literals() {
    let db = open();
    let _: bool = db.query_row("SELECT 'hunter1' = ?1", ["hunter2"], |row| row.get(0)).unwrap();
}

const REPLACED: &str = "has set a trace hook of its own on a connection of SQLite";
const LEAVE_UNSET: &str = "leave `Connection::trace` and `Connection::trace_v2` unset";
const NO_HOOK: &str = "a connection of SQLite that is opened now has no trace hook of perfassert's";
const LEAVE_OUT: &str = "leave out `reset_auto_extension`";

/// Runs a fixture, which is to fail for `cause` and to end with advice.
#[track_caller]
fn check(fixture: &str, cause: &str, help: &str) {
    let run = Child::one(&format!("blindness::{fixture}")).run();
    assert!(!run.passed, "{}", run.output);
    for text in ["could not be measured", cause, "help: ", help] {
        assert!(run.output.contains(text), "no `{text}` in:\n{}", run.output);
    }
    assert!(matches!(run.records[0].outcome, Outcome::Inconclusive(_)), "{:?}", run.records[0].outcome);
}

#[test]
fn a_hook_of_the_application_on_a_connection() {
    check("hook_replaced", REPLACED, LEAVE_UNSET);
    check("hook_removed_on_another_thread", REPLACED, LEAVE_UNSET);
}

#[test]
fn no_automatic_extensions() {
    check("extensions_reset", NO_HOOK, LEAVE_OUT);
    check("extensions_reset_before", NO_HOOK, LEAVE_OUT);
}

#[test]
fn what_is_no_obstacle() {
    for fixture in ["profiled", "traced_by_a_neighbour"] {
        // With a filter that is not exact, as then the process is not taken for that of the one test.
        let run = Child::matching(&format!("blindness::{fixture}"), 1).run();
        assert!(run.passed, "{}", run.output);
        assert_eq!(count(&run.records[0], &Metric::Queries), 1, "{fixture}");
    }
}
