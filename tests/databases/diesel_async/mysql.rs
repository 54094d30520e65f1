//! diesel-async on MariaDB, over mysql_async.

#[path = "shapes.rs"]
mod shapes;
#[path = "ways.rs"]
mod ways;

use diesel_async::AsyncConnection;
use perfassert::max_queries;
use perfassert_database_tests::Engine;

use crate::row::{Row, row};

mod engine {
    pub(super) type Connection = diesel_async::AsyncMysqlConnection;

    pub(super) const SLOW: &str = "SELECT sleep(0.3)";

    /// Each new connection asks for these, if it is not told.
    pub(super) const SETTINGS: &str = "?prefer_socket=false&max_allowed_packet=16777216&wait_timeout=28800";
}

const ROWS: &[Row] = &[
    row("asks_for_its_settings", "1 select").differs(
        &[("SELECT @@max_allowed_packet, @@wait_timeout", -1)],
        "mysql_async asks this on a new connection, below diesel",
    ),
    row("syntax", "1 select, 2 other").differs(
        &[("SELEC name FROM item", 1)],
        "MariaDB refuses it when it is prepared, and writes only into the general log what it could prepare",
    ),
];

/// Q22
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn asks_for_its_settings() {
    let url = shapes::url().replace(engine::SETTINGS, "?prefer_socket=false");
    let mut connection = engine::Connection::establish(&url).await.unwrap();
    assert_eq!(shapes::count(&mut connection).await, 5);
}

#[test]
fn counts_what_the_server_saw() {
    crate::check_on(Engine::MySql, ROWS);
}
