//! For copies.rs: these tests execute by a diesel that nobody listens to.

use diesel_fork::connection::SimpleConnection;
use diesel_fork::{Connection, SqliteConnection};
use perfassert::{max_queries, no_n_plus_one};

fn query() {
    let mut db = SqliteConnection::establish(":memory:").unwrap();
    for _ in 0..9 {
        db.batch_execute("SELECT 7").unwrap();
    }
}

#[max_queries(0)]
#[test]
fn sends_none() {
    query();
}

#[no_n_plus_one]
#[test]
fn repeats_none() {
    query();
}
