//! How allocations grow.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock};

use perfassert::{scaling, unmeasured_async};

use super::shop::{author, books, shop_with};

fn boxes(n: usize) {
    std::hint::black_box((0..n).map(Box::new).collect::<Vec<_>>());
}

#[scaling(allocs = "constant")]
#[test]
#[ignore = "run by the suite"]
fn one(n: usize) {
    std::hint::black_box(vec![0_u8; n]);
}

#[scaling(allocs = "constant")]
#[test]
#[ignore = "run by the suite"]
fn one_each(n: usize) {
    boxes(n);
}

#[scaling(allocs = "linear")]
#[test]
#[ignore = "run by the suite"]
fn one_each_and_linear(n: usize) {
    boxes(n);
}

#[scaling(allocs = "linear")]
#[test]
#[ignore = "run by the suite"]
fn one_for_each_pair(n: usize) {
    boxes(n * n);
}

#[scaling(n = [10, 100, 1000], allocs = "constant", queries = "constant")]
#[test]
#[ignore = "run by the suite"]
fn more_and_more(n: usize) {
    perfassert::query("SELECT id FROM books");
    // Twelve that double their room as they grow.
    let mut lists = vec![Vec::new(); 12];
    for list in &mut lists {
        (0..n).for_each(|n| list.push(n));
    }
    std::hint::black_box(lists);
}

/// What works for every size belongs to the first, which started it.
#[scaling(allocs = "constant")]
#[test]
#[ignore = "run by the suite"]
fn on_a_thread_of_the_first(n: usize) {
    type Work = (usize, SyncSender<()>);
    static WORKER: OnceLock<Mutex<SyncSender<Work>>> = OnceLock::new();
    let worker = WORKER.get_or_init(|| {
        let (work, next) = sync_channel::<Work>(1);
        std::thread::spawn(move || {
            for (n, done) in next {
                boxes(n);
                done.send(()).unwrap();
            }
        });
        Mutex::new(work)
    });
    let (done, wait) = sync_channel(1);
    worker.lock().unwrap().send((n, done)).unwrap();
    wait.recv().unwrap();
}

/// What is made once in a process is charged to no size.
#[scaling(allocs = "constant")]
#[test]
#[ignore = "run by the suite"]
fn what_is_made_once(n: usize) {
    static ONCE: OnceLock<Vec<String>> = OnceLock::new();
    ONCE.get_or_init(|| (0..1000).map(|n| n.to_string()).collect());
    std::hint::black_box(n);
}

#[scaling(allocs = "linear")]
#[test]
#[ignore = "run by the suite"]
fn fewer_for_more(n: usize) {
    boxes(100 / n);
}

#[scaling(allocs = "linear", queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn of_a_driver(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}

#[scaling(allocs = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn of_a_driver_and_constant(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}
