//! diesel-async around a connection to SQLite, which works on blocking threads.

use diesel::SqliteConnection;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8;
use diesel_async::pooled_connection::deadpool;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl};
use perfassert::max_queries;

use crate::check;
use crate::shop::{FIND, INSERT, LOAD, be_heard, connect, customers};

type Connection = SyncConnectionWrapper<SqliteConnection>;

#[max_queries(9)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations() {
    let connection = &mut Connection::new(connect());
    assert_eq!(customers::table.load::<(i32, String)>(connection).await.unwrap().len(), 3);
    let insert =
        || diesel::insert_into(customers::table).values((customers::id.eq(4), customers::name.eq("Dan")));
    connection.transaction(async |connection| insert().execute(connection).await).await.unwrap();
    insert().execute(connection).await.unwrap_err();
}

/// One blocking thread, so that what is started first is done first.
#[max_queries(9)]
#[ignore = "a fixture"]
#[test]
fn given_up() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let connection = &mut Connection::new(connect());
        // Dropped without a poll: diesel-async has begun already.
        drop(customers::table.find(1).first::<(i32, String)>(connection));
        customers::table.load::<(i32, String)>(connection).await.unwrap();
    });
}

#[max_queries(6)]
#[ignore = "a fixture"]
#[tokio::test]
async fn pools() {
    be_heard();
    let manager = || AsyncDieselConnectionManager::<Connection>::new(":memory:");
    let deadpool = deadpool::Pool::builder(manager()).max_size(1).build().unwrap();
    for _ in 0..3 {
        diesel::sql_query("SELECT 1 + 1").execute(&mut deadpool.get().await.unwrap()).await.unwrap();
    }
    let bb8 = bb8::Pool::builder().max_size(1).build(manager()).await.unwrap();
    for _ in 0..3 {
        diesel::sql_query("SELECT 1 - 1").execute(&mut bb8.get().await.unwrap()).await.unwrap();
    }
}

fn of(times: u32, sql: &str) -> String {
    format!("{times}x {sql}")
}

#[test]
fn blocking_threads_count_for_the_test() {
    let inserts = of(2, INSERT) + " (1 failed)";
    let transaction = ["1x BEGIN [transaction]", "1x COMMIT [transaction]"];
    check("asynchronous::operations", &[&of(1, LOAD), &inserts, transaction[0], transaction[1]]);
}

#[test]
fn what_is_given_up_was_begun() {
    check("asynchronous::given_up", &[&of(1, FIND), &of(1, LOAD)]);
}

/// deadpool asks a connection that has come back to it, bb8 any.
#[test]
fn pings_of_pools() {
    check("asynchronous::pools", &["3x SELECT ? + ?", "3x SELECT ? - ?", "5x SELECT ? [ping]"]);
}
