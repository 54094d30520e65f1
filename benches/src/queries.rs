//! Queries, over a connection that is there already.

use std::hint::black_box;

use diesel::prelude::*;
use sqlx::Connection as _;
use sqlx::PgConnection;
use tokio::runtime::{Builder, Runtime};

use crate::time;

const ROUNDS: u32 = 40;
const CALLS: u32 = 250;

const SCHEMA: &str =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO users VALUES (1, 'Ann')";

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

/// Times all of them, each round as one call of `around`. `DATABASE_URL` is a database of PostgreSQL.
pub fn run(around: impl Fn(&mut dyn FnMut())) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    rusqlite(&around);
    diesel(&around);
    sqlx_sqlite(&runtime, &around);
    let url = std::env::var("DATABASE_URL").expect("`cargo xtask bench` sets it");
    sqlx_postgres(&runtime, &url, &around);
}

fn rusqlite(around: &impl Fn(&mut dyn FnMut())) {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    many("rusqlite", around, || {
        let mut statement = connection.prepare_cached("SELECT name FROM users WHERE id = ?").unwrap();
        black_box(statement.query_row([1], |row| row.get::<_, String>(0)).unwrap());
    });
}

fn diesel(around: &impl Fn(&mut dyn FnMut())) {
    let mut connection = diesel::SqliteConnection::establish(":memory:").unwrap();
    diesel::connection::SimpleConnection::batch_execute(&mut connection, SCHEMA).unwrap();
    many("diesel-sqlite", around, || {
        let name = users::table.filter(users::id.eq(1)).select(users::name).first::<String>(&mut connection);
        black_box(name.unwrap());
    });
}

fn sqlx_sqlite(runtime: &Runtime, around: &impl Fn(&mut dyn FnMut())) {
    let mut connection = runtime.block_on(sqlx::SqliteConnection::connect("sqlite::memory:")).unwrap();
    runtime.block_on(sqlx::raw_sql(SCHEMA).execute(&mut connection)).unwrap();
    many("sqlx-sqlite", around, || {
        let query = sqlx::query_scalar::<_, String>("SELECT name FROM users WHERE id = ?").bind(1);
        black_box(runtime.block_on(query.fetch_one(&mut connection)).unwrap());
    });
}

fn sqlx_postgres(runtime: &Runtime, url: &str, around: &impl Fn(&mut dyn FnMut())) {
    let mut connection = runtime.block_on(PgConnection::connect(url)).unwrap();
    many("sqlx-postgres", around, || {
        let query = sqlx::query_scalar::<_, String>("SELECT relname::text FROM pg_class WHERE oid = $1");
        black_box(runtime.block_on(query.bind(1259_i32).fetch_one(&mut connection)).unwrap());
    });
}

/// The same query over and over, as an N+1 does, a new scope for each round. Arguments of the program are the names of those that
/// are to be timed.
fn many(name: &str, around: &impl Fn(&mut dyn FnMut()), mut query: impl FnMut()) {
    if std::env::args().len() > 1 && !std::env::args().skip(1).any(|wanted| wanted == name) {
        return;
    }
    query();
    time(name, ROUNDS, CALLS, || around(&mut || (0..CALLS).for_each(|_| query())));
}
