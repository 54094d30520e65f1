//! Whoever executes counts for the test: threads, pools, blocking threads; and neighbours on the same pool never do.

use std::sync::{LazyLock, Mutex};
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use perfassert::{Metric, max_queries, measure};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::check;
use crate::ledger;
use crate::shop::{FIND, LOAD, SCHEMA, be_heard, connect, find, insert, load};
use perfassert_test_support::child::Child;

/// A pool of the whole process, of one database.
static POOL: LazyLock<Pool<ConnectionManager<SqliteConnection>>> = LazyLock::new(|| {
    perfassert::unmeasured(|| {
        let manager = ConnectionManager::<SqliteConnection>::new("file:ways?mode=memory&cache=shared");
        let pool = Pool::builder().max_size(4).build(manager).unwrap();
        let connection = &mut pool.get().unwrap();
        connection.batch_execute(SCHEMA).unwrap();
        insert(connection, 1, "Ann").unwrap();
        pool
    })
});

#[max_queries(3)]
#[ignore = "a fixture"]
#[test]
fn threads() {
    let connection = Mutex::new(connect());
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| load(&mut connection.lock().unwrap()));
        }
    });
    thread::spawn(move || load(&mut connection.lock().unwrap())).join().unwrap();
}

#[max_queries(4)]
#[ignore = "a fixture"]
#[test]
fn workers_of_rayon() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| (0..4).into_par_iter().for_each(|_| drop(load(&mut connect()))));
}

#[max_queries(3)]
#[ignore = "a fixture"]
#[tokio::test]
async fn blocking_threads() {
    for _ in 0..3 {
        tokio::task::spawn_blocking(|| load(&mut connect())).await.unwrap();
    }
}

#[max_queries(6)]
#[ignore = "a fixture"]
#[test]
fn a_pool_on_several_threads() {
    be_heard();
    let manager = ConnectionManager::<SqliteConnection>::new(":memory:");
    let pool = Pool::builder().max_size(2).build(manager).unwrap();
    thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                for _ in 0..2 {
                    diesel::sql_query("SELECT 1 + 1").execute(&mut pool.get().unwrap()).unwrap();
                }
            });
        }
    });
}

fn of(times: u32, sql: &str) -> String {
    format!("{times}x {sql}")
}

#[test]
fn threads_count_for_the_test() {
    check("ways::threads", &[&of(3, LOAD)]);
    check("ways::workers_of_rayon", &[&of(4, LOAD)]);
    check("ways::blocking_threads", &[&of(3, LOAD)]);
}

#[test]
fn a_pool_is_checked_by_whoever_takes_from_it() {
    check("ways::a_pool_on_several_threads", &["6x SELECT ? + ?", "6x SELECT ? [ping]"]);
}

/// Tests with 1, 2, 3, ... queries on one pool.
macro_rules! neighbours {
    ($($name:ident $queries:literal)*) => { mod neighbours { $(
        #[perfassert::max_queries($queries)]
        #[ignore = "a fixture"]
        #[test]
        fn $name() {
            for _ in 0..$queries {
                super::find(&mut super::POOL.get().unwrap(), 1).unwrap();
                std::thread::yield_now();
            }
        }
    )* } };
}

neighbours! { a1 1 a2 2 a3 3 a4 4 a5 5 a6 6 a7 7 a8 8 a9 9 b1 1 b2 2 b3 3 b4 4 b5 5 b6 6 b7 7 b8 8 b9 9 }

#[test]
fn neighbours_on_one_pool_count_for_themselves() {
    for _ in 0..5 {
        let run = Child::matching("ways::neighbours::", 8).run();
        assert_eq!(run.records.len(), 18, "{}", run.output);
        for record in &run.records {
            let expected = u32::from(record.test.name.bytes().last().unwrap() - b'0');
            assert_eq!(ledger(record), [of(expected, "SELECT ? [ping]"), of(expected, FIND)]);
        }
    }
}

#[test]
fn a_section_takes_what_was_executed_in_it() {
    let connection = &mut connect();
    let (_, counts) = measure("outer", || {
        let (_, inner) = measure("inner", || load(connection));
        assert_eq!(inner.get(&Metric::Queries), Some(1));
        find(connection, 1).unwrap();
    });
    assert_eq!(counts.get(&Metric::Queries), Some(2));
}
