//! Queries, over a connection that is there already.

use std::hint::black_box;

use sqlx::{Connection, PgConnection, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

use crate::time;

/// The server for the queries of PostgreSQL, by its address.
pub const POSTGRES_VARIABLE: &str = "PERFASSERT_BENCH_POSTGRES_URL";

const ROUNDS: u32 = 40;
const CALLS: u32 = 250;

/// Times all of them, each round as one call of `around`.
pub fn run(around: impl Fn(&mut dyn FnMut())) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    sqlite(&runtime, &around);
    if let Ok(url) = std::env::var(POSTGRES_VARIABLE) {
        postgres(&runtime, &url, &around);
    }
}

fn sqlite(runtime: &Runtime, around: &impl Fn(&mut dyn FnMut())) {
    let mut connection = runtime.block_on(async {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let schema =
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ann')";
        sqlx::raw_sql(schema).execute(&mut connection).await.unwrap();
        connection
    });
    many("sqlx-sqlite", around, || {
        let query = sqlx::query_scalar::<_, String>("SELECT name FROM users WHERE id = ?").bind(1);
        black_box(runtime.block_on(query.fetch_one(&mut connection)).unwrap());
    });
}

fn postgres(runtime: &Runtime, url: &str, around: &impl Fn(&mut dyn FnMut())) {
    let mut connection = runtime.block_on(PgConnection::connect(url)).unwrap();
    many("sqlx-postgres", around, || {
        let query = sqlx::query_scalar::<_, String>("SELECT relname::text FROM pg_class WHERE oid = $1");
        black_box(runtime.block_on(query.bind(1259_i32).fetch_one(&mut connection)).unwrap());
    });
}

/// The same query over and over, as an N+1 does, a new scope for each round.
fn many(name: &str, around: &impl Fn(&mut dyn FnMut()), mut query: impl FnMut()) {
    query();
    time(name, ROUNDS, CALLS, || around(&mut || (0..CALLS).for_each(|_| query())));
}
