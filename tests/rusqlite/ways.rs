//! The ways in which a test's queries get onto other threads, and beside those of other drivers. Whatever the way, a test
//! sends [`QUERIES`].

use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use perfassert::{max_queries, unmeasured_async};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rusqlite::Connection;
use sqlx::sqlite::SqlitePoolOptions;

use crate::open;

pub(crate) const QUERIES: i64 = 4;

/// Asks for each of some ids.
fn query(db: &Connection, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        let again: i64 = db.query_row("SELECT ?1", [id], |row| row.get(0)).unwrap();
        assert_eq!(again, id);
    }
}

#[max_queries(4)]
#[ignore = "a fixture"]
#[test]
fn directly() {
    query(&open(), 0..4);
}

#[max_queries(4)]
#[ignore = "a fixture"]
#[test]
fn std_thread() {
    let db = open();
    query(&db, 0..1);
    thread::spawn(move || query(&db, 1..4)).join().unwrap();
}

/// As r2d2, deadpool and their kin: connections that are handed from thread to thread.
#[max_queries(4)]
#[ignore = "a fixture"]
#[test]
fn pool() {
    let (give, take) = mpsc::channel();
    let take = Arc::new(Mutex::new(take));
    (0..2).for_each(|_| give.send(open()).unwrap());
    let clients = (0..4).map(|id| {
        let (take, give) = (Arc::clone(&take), give.clone());
        thread::spawn(move || {
            let db = take.lock().unwrap().recv().unwrap();
            query(&db, [id]);
            give.send(db).unwrap();
        })
    });
    clients.collect::<Vec<_>>().into_iter().for_each(|client| client.join().unwrap());
}

#[max_queries(4)]
#[ignore = "a fixture"]
#[test]
fn rayon_pool() {
    let db = Mutex::new(open());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| (0..4).into_par_iter().for_each(|id| query(&db.lock().unwrap(), [id])));
}

#[max_queries(4)]
#[ignore = "a fixture"]
#[tokio::test]
async fn blocking_thread() {
    let db = Arc::new(Mutex::new(open()));
    let blocking = (0..4).map(|id| {
        let db = Arc::clone(&db);
        tokio::task::spawn_blocking(move || query(&db.lock().unwrap(), [id]))
    });
    for task in blocking.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// sqlx uses the same library, on threads of its own, and has a source of its own.
async fn both() {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:");
    let pool = unmeasured_async(pool).await.unwrap();
    query(&open(), 0..2);
    for id in 2..4 {
        let _: i64 = sqlx::query_scalar("SELECT ?").bind(id).fetch_one(&pool).await.unwrap();
    }
}

#[max_queries(4)]
#[ignore = "a fixture"]
#[tokio::test]
async fn beside_sqlx() {
    both().await;
}

#[max_queries(4)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_sqlx_on_several_threads() {
    tokio::spawn(both()).await.unwrap();
}
