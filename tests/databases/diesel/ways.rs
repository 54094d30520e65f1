//! Q23, Q29: whatever thread executes counts for the test, and what a pool asks by itself does not.

use std::sync::{Mutex, mpsc};
use std::thread;

use diesel::r2d2::{ConnectionManager, Pool};
use perfassert::max_queries;
use tokio::task::spawn_blocking;

use super::engine::{Connection, url};
use super::shapes::{connect, count, name_of};

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn threads() {
    let connection = Mutex::new(connect());
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| count(&mut connection.lock().unwrap()));
        }
    });
    thread::spawn(move || count(&mut connection.lock().unwrap())).join().unwrap();
}

/// As rayon has them: threads that live on, and take one job after the other.
#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn workers_with_a_queue() {
    let (jobs, queue) = mpsc::channel();
    let queue = Mutex::new(queue);
    let next = || queue.lock().unwrap().recv();
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                let connection = &mut connect();
                while let Ok(id) = next() {
                    name_of(connection, id);
                }
            });
        }
        for id in [1, 2, 3, 1, 2, 3] {
            jobs.send(id).unwrap();
        }
        drop(jobs);
    });
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn blocking_threads() {
    for id in 1..4 {
        spawn_blocking(move || name_of(&mut connect(), id)).await.unwrap();
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[test]
fn a_pool_on_several_threads() {
    let pool = Pool::builder().max_size(2).build(ConnectionManager::<Connection>::new(url())).unwrap();
    thread::scope(|threads| {
        for id in 1..4 {
            let pool = &pool;
            threads.spawn(move || {
                for _ in 0..2 {
                    name_of(&mut pool.get().unwrap(), id);
                }
            });
        }
    });
}
