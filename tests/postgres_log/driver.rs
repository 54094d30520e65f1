//! What tokio-postgres logs, and when: as in its version 0.7.18.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use log::{Level, debug, info, log_enabled};

pub(crate) const QUERIES: i64 = 6;

pub(crate) const STATEMENTS: &str = "2x SELECT name FROM users WHERE id = ? AND password = ?; 1x COPY users FROM stdin; \
                                     1x COPY users TO stdout; 1x INSERT INTO users VALUES (?); 1x SELECT ?";

pub(crate) struct Statement(u64);

pub(crate) fn prepare(sql: &str) -> Statement {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = NEXT.fetch_add(1, Relaxed);
    debug!(target: "tokio_postgres::prepare", "preparing query s{name}: {sql}");
    Statement(name)
}

pub(crate) fn query(statement: &Statement, parameters: &[&str]) -> usize {
    if log_enabled!(target: "tokio_postgres::query", Level::Debug) {
        let parameters = parameters.iter().collect::<Vec<_>>();
        let name = statement.0;
        debug!(target: "tokio_postgres::query", "executing statement s{name} with parameters: {parameters:?}");
        return parameters.len();
    }
    parameters.len()
}

fn batch(sql: &str) {
    debug!(target: "tokio_postgres::simple_query", "executing statement batch: {sql}");
}

fn copy(direction: &str, sql: &str) {
    let Statement(name) = prepare(sql);
    debug!(target: "tokio_postgres::copy_in", "executing copy {direction} s{name}");
}

/// Sends the queries, and has a log of its own.
pub(crate) fn serve() {
    info!("serving");
    let statement = prepare("SELECT name FROM users WHERE id = $1 AND password = $2");
    batch("BEGIN");
    query(&statement, &["1", "hunter1"]);
    query(&statement, &["2", "hunter2"]);
    batch("COMMIT");
    debug!(target: "tokio_postgres::simple_query", "executing simple query: SELECT 'hunter3'");
    batch("INSERT INTO users VALUES (1)");
    copy("in statement", "COPY users FROM STDIN");
    copy("out statement", "COPY users TO STDOUT");
    // An array's type that was looked up.
    query(&prepare("SELECT typname FROM pg_catalog.pg_type WHERE oid = $1"), &["7"]);
    debug!("asked");
    info!("served");
}
