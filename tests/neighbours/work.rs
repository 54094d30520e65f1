//! What the neighbours do: an exact number of allocations, and an exact number of queries.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::{Mutex, OnceLock};

use perfassert::{endpoint, endpoint_async, unmeasured, unmeasured_async};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection, Sqlite, SqliteConnection, SqlitePool};
use tokio::runtime::Runtime;

/// Allocates in every way: by ones, growing, zeroed, freed at once and at the end. As an endpoint too, so that it is
/// counted by itself as well.
pub(crate) fn allocate(k: usize) {
    endpoint("work", || allocate_as_such(k));
}

fn allocate_as_such(k: usize) {
    let mut names = BTreeMap::new();
    for i in 0..40 * k {
        names.insert(i, format!("name {i}"));
    }
    let mut grown = Vec::new();
    for name in names.values() {
        grown.push(black_box(name.clone()));
    }
    black_box(vec![0_u8; 16 * k]);
    black_box(grown);
}

/// The same in steps between which the task gives way.
pub(crate) async fn allocate_in_turns(k: usize) {
    for _ in 0..4 {
        allocate(k);
        tokio::task::yield_now().await;
    }
}

/// Queries on a connection of its own, or on one of the pool that all tests of the process share.
///
/// They run as an endpoint named after `who`, which is to be unique in the test. How often the driver itself allocates
/// depends on who is first at its queues, the caller or the connection's worker: that part can be told apart by the
/// endpoint, and is no part of what a test allocates exactly.
pub(crate) async fn database(who: &str, k: usize) {
    let endpoint = format!("database {who}");
    if k.is_multiple_of(2) {
        let mut connection =
            unmeasured_async(async { SqliteConnection::connect("sqlite::memory:").await.unwrap() }).await;
        endpoint_async(&endpoint, private(&mut connection, k)).await;
        unmeasured_async(async { connection.close().await.unwrap() }).await;
    } else {
        let mut connection = unmeasured_async(async { shared().await.acquire().await.unwrap() }).await;
        endpoint_async(&endpoint, read(&mut connection, k)).await;
        give_back(connection).await;
    }
}

/// [`database`] for a thread without a runtime.
pub(crate) fn database_blocking(who: &str, k: usize) {
    current_thread().block_on(database(who, k));
}

pub(crate) fn current_thread() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn private(connection: &mut SqliteConnection, k: usize) {
    sqlx::query("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)")
        .execute(&mut *connection)
        .await
        .unwrap();
    for i in 0..k {
        let insert = sqlx::query("INSERT INTO item (name) VALUES (?)").bind(format!("item {i}"));
        insert.execute(&mut *connection).await.unwrap();
    }
    read(connection, k).await;
}

async fn read(connection: &mut SqliteConnection, k: usize) {
    for i in 0..k {
        let _: Option<String> = sqlx::query_scalar("SELECT name FROM item WHERE id = ?")
            .bind(i as i64)
            .fetch_optional(&mut *connection)
            .await
            .unwrap();
    }
    let _: i64 = sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(connection).await.unwrap();
}

/// A pool whose connections, each with a thread, outlive every test: opened by whichever test is first.
async fn shared() -> &'static SqlitePool {
    static SHARED: OnceLock<SqlitePool> = OnceLock::new();
    let opened = SHARED.get().cloned();
    if opened.is_none() {
        let pool = SqlitePoolOptions::new()
            .max_connections(8)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect("sqlite:file:neighbours?mode=memory&cache=shared")
            .await
            .unwrap();
        let mut connection = pool.acquire().await.unwrap();
        sqlx::raw_sql("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, name TEXT)")
            .execute(&mut *connection)
            .await
            .unwrap();
        give_back(connection).await;
        let _ = SHARED.set(pool);
    }
    SHARED.get().expect("set above")
}

/// Not by dropping it: that leaves the returning to a task of this runtime, which may end first.
async fn give_back(mut connection: PoolConnection<Sqlite>) {
    unmeasured_async(async { connection.return_to_pool().await }).await;
}

/// Does everything once, so that what a process does only once is nobody's.
pub(crate) fn warm_up() {
    // No `Once`: what threads do that are born in one may be any open test's.
    static IS_DONE: Mutex<bool> = Mutex::new(false);
    let mut is_done = IS_DONE.lock().unwrap();
    if !*is_done {
        // On a thread of its own, since the caller may be inside a runtime.
        unmeasured(|| std::thread::spawn(everything_once).join().unwrap());
        *is_done = true;
    }
}

fn everything_once() {
    for k in 1..3 {
        std::thread::spawn(move || database_blocking("warm-up", k)).join().unwrap();
        std::thread::scope(|threads| {
            threads.spawn(|| allocate(1));
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::spawn(allocate_in_turns(1)).await.unwrap();
        tokio::task::spawn_blocking(|| allocate(1)).await.unwrap();
    });
}
