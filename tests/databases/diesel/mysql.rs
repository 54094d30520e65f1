//! diesel on MariaDB, and so on MySQL.

#[path = "shapes.rs"]
mod shapes;
#[path = "ways.rs"]
mod ways;

use perfassert_database_tests::Engine;

use crate::row::{Row, row};

mod engine {
    pub(super) type Connection = diesel::MysqlConnection;

    pub(super) fn url() -> String {
        std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL")
    }
}

const ROWS: &[Row] = &[
    row("many_rows_at_once", "1 select, 1 insert"),
    row("syntax", "1 select, 2 other").differs(
        &[("SELEC name FROM item", 1)],
        "MariaDB refuses it when it is prepared, and writes only into the general log what it could prepare",
    ),
    row("ways::a_pool_on_several_threads", "6 select")
        .differs(&[("SELECT ?", -6)], "the pool's pings are no queries of the application's"),
];

#[test]
fn counts_what_the_server_saw() {
    crate::check_on(Engine::MySql, ROWS);
}
