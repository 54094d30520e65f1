//! diesel on SQLite.

#[path = "shapes.rs"]
mod shapes;
#[path = "ways.rs"]
mod ways;

use perfassert_database_tests::Engine;

use crate::row::{Row, row};

mod engine {
    pub(super) type Connection = diesel::SqliteConnection;

    pub(super) fn url() -> String {
        perfassert_database_tests::sqlite::trace();
        let url = std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL");
        url.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc").to_owned()
    }
}

const ROWS: &[Row] = &[
    row("many_rows_at_once", "1 select, 1 insert"),
    row("syntax", "1 select, 2 other")
        .differs(&[("SELEC name FROM item", 2)], "the trace hook tells of what begins to run"),
    row("ways::a_pool_on_several_threads", "6 select")
        .differs(&[("SELECT ?", -6)], "the pool's pings are no queries of the application's"),
];

#[test]
fn counts_what_the_library_saw() {
    crate::check_on(Engine::Sqlite, ROWS);
}
