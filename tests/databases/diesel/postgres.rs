//! diesel on PostgreSQL.

#[path = "shapes.rs"]
mod shapes;
#[path = "ways.rs"]
mod ways;

use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use perfassert::max_queries;
use perfassert_database_tests::Engine;

use crate::row::{Row, row};
use shapes::{connect, count, item};

mod engine {
    pub(super) type Connection = diesel::PgConnection;

    pub(super) fn url() -> String {
        std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL")
    }
}

const ROWS: &[Row] = &[
    row("many_rows_at_once", "1 select, 1 insert"),
    row("read_row_by_row", "2 select"),
    row("syntax", "1 select, 2 other"),
    row("ways::a_pool_on_several_threads", "6 select")
        .differs(&[("SELECT ?", -6)], "the pool's pings are no queries of the application's"),
];

/// Q24
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn read_row_by_row() {
    let connection = &mut connect();
    let mut rows = item::table.load_iter::<(i32, String, i32), PgRowByRowLoadingMode>(connection).unwrap();
    rows.next().unwrap().unwrap();
    drop(rows);
    assert_eq!(count(connection), 5);
}

#[test]
fn counts_what_the_server_saw() {
    crate::check_on(Engine::Postgres, ROWS);
}
