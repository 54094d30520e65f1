//! For copies.rs: the fork is linked, but nothing here connects by it.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use perfassert::max_queries;

#[max_queries(1)]
#[test]
fn writes_a_query_and_sends_another() {
    let query = diesel_fork::sql_query("SELECT 1");
    assert!(diesel_fork::debug_query::<diesel_fork::sqlite::Sqlite, _>(&query).to_string().contains("SELECT 1"));
    let mut db = SqliteConnection::establish(":memory:").unwrap();
    db.batch_execute("SELECT 7").unwrap();
}
