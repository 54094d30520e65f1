//! diesel-async on PostgreSQL, over tokio-postgres.

#[path = "shapes.rs"]
mod shapes;
#[path = "ways.rs"]
mod ways;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use perfassert::max_queries;
use perfassert_database_tests::Engine;

use crate::row::{Row, row};
use shapes::{connect, count, item, name_of, url};

mod engine {
    pub(super) type Connection = diesel_async::AsyncPgConnection;

    pub(super) const SLOW: &str = "SELECT pg_sleep(0.3)";

    pub(super) const SETTINGS: &str = "";
}

const ROWS: &[Row] = &[
    row("beside_tokio_postgres", "8 select"),
    row("heard_through_the_log_tracer", "3 select"),
    row("pipelined", "4 select"),
    row("syntax", "1 select, 2 other"),
];

/// Each statement of diesel's is logged by tokio-postgres, too; those of the application's are logged alone, be they word for
/// word the same.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn beside_tokio_postgres() {
    let diesels = &mut connect().await;
    let (client, connection) = tokio_postgres::connect(&url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = "SELECT \"item\".\"name\" FROM \"item\" WHERE (\"item\".\"id\" = $1) LIMIT $2";
    let ours = client.prepare(sql).await.unwrap();
    for id in 1..3 {
        name_of(diesels, id).await;
        client.query_one(sql, &[&id, &1_i64]).await.unwrap();
        let direct = async { client.query_one(&ours, &[&id, &1_i64]).await.unwrap() };
        futures::join!(name_of(diesels, id), direct);
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn heard_through_the_log_tracer() {
    tracing_log::LogTracer::init().unwrap();
    let connection = &mut connect().await;
    for id in 1..4 {
        name_of(connection, id).await;
    }
}

/// Q20
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn pipelined() {
    let mut connection = connect().await;
    let name_of = async |id: i32| {
        let name = item::table.find(id).select(item::name);
        name.first::<String>(&mut &connection).await.unwrap()
    };
    let names = futures::join!(name_of(1), name_of(2), name_of(3));
    assert_eq!(names.2, "three");
    assert_eq!(count(&mut connection).await, 5);
}

#[test]
fn counts_what_the_server_saw() {
    crate::check_on(Engine::Postgres, ROWS);
}
