//! The neighbours: 32 tests with budgets and 8 that nobody measures, all allocating and querying at once.

use std::sync::{Arc, Barrier};

use perfassert::{max_allocs, max_queries};
use tokio::task::{JoinSet, spawn_blocking};

use crate::work::{allocate, allocate_in_turns, current_thread, database, database_blocking, warm_up};

/// One module for each size of the work, so that no two tests count the same.
macro_rules! neighbours {
    ($($size:ident: $k:literal, $workers:literal;)*) => { $(mod $size {
        use super::*;

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[test]
        fn plain() {
            super::plain($k);
        }

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[test]
        fn threads() {
            super::threads($k);
        }

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[test]
        fn scoped_threads() {
            super::scoped_threads($k);
        }

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[test]
        fn own_runtime() {
            super::own_runtime($k, $workers);
        }

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[tokio::test]
        async fn current_thread_tokio() {
            tasks($k).await;
        }

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[tokio::test(flavor = "multi_thread", worker_threads = $workers)]
        async fn multi_thread_tokio() {
            tasks($k).await;
        }

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[tokio::test]
        async fn blocking_threads() {
            super::blocking_threads($k).await;
        }

        #[max_queries(1_000)]
        #[max_allocs(1_000_000)]
        #[ignore = "a fixture"]
        #[tokio::test(flavor = "multi_thread", worker_threads = $workers)]
        async fn blocking_threads_of_multi_thread_tokio() {
            super::blocking_threads($k).await;
        }

        #[ignore = "a fixture"]
        #[test]
        fn nobody() {
            super::threads($k + 1);
        }

        #[ignore = "a fixture"]
        #[tokio::test(flavor = "multi_thread", worker_threads = $workers)]
        async fn nobody_in_tokio() {
            tasks($k + 1).await;
        }
    })* };
}

neighbours! {
    small: 3, 2;
    medium: 6, 3;
    large: 9, 4;
    huge: 12, 2;
}

fn plain(k: usize) {
    warm_up();
    for _ in 0..4 {
        allocate(k);
    }
    database_blocking("0", k);
}

fn threads(k: usize) {
    warm_up();
    let work = move |who: usize| {
        move || {
            allocate(k);
            database_blocking(&who.to_string(), k + who);
        }
    };
    let started: Vec<_> = (0..3).map(|who| std::thread::spawn(work(who))).collect();
    for thread in started {
        thread.join().unwrap();
    }
}

fn scoped_threads(k: usize) {
    warm_up();
    std::thread::scope(|threads| {
        for who in 0..3 {
            threads.spawn(move || {
                allocate(k);
                std::thread::scope(|nested| {
                    nested.spawn(|| allocate(1));
                });
                database_blocking(&who.to_string(), k + who);
            });
        }
    });
}

fn own_runtime(k: usize, workers: usize) {
    warm_up();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
    runtime.block_on(tasks(k));
    current_thread().block_on(tasks(k + 1));
}

async fn tasks(k: usize) {
    warm_up();
    let mut tasks = JoinSet::new();
    for who in 0..4 {
        tasks.spawn(async move {
            allocate_in_turns(k).await;
            database(&format!("{k}-{who}"), k + who).await;
            tokio::spawn(allocate_in_turns(1)).await.unwrap();
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    database(&k.to_string(), k).await;
}

async fn blocking_threads(k: usize) {
    warm_up();
    // They wait for each other: whether a pool starts a thread or takes one that is free is not left to chance.
    let all_started = Arc::new(Barrier::new(2));
    let work = |who: usize| {
        let all_started = Arc::clone(&all_started);
        move || {
            all_started.wait();
            allocate(k);
            tokio::runtime::Handle::current().block_on(database(&who.to_string(), k + who));
        }
    };
    let started = [spawn_blocking(work(0)), spawn_blocking(work(1))];
    for thread in started {
        thread.await.unwrap();
    }
    allocate_in_turns(k).await;
}
