//! How allocations grow.

use std::sync::{Condvar, Mutex, Once, OnceLock};

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

/// The thread serves every size, and is known by the test's closure on its stack.
#[scaling(allocs = "constant")]
#[test]
#[ignore = "run by the suite"]
fn on_a_thread_of_the_first(n: usize) {
    // No channel: waiting for one allocates, if there is anything to wait for.
    static WORK: Mutex<Option<usize>> = Mutex::new(None);
    static CHANGED: Condvar = Condvar::new();
    static WORKER: Once = Once::new();
    let when = |is_wanted: fn(&mut Option<usize>) -> bool| {
        CHANGED.wait_while(WORK.lock().unwrap(), |work| !is_wanted(work)).unwrap()
    };
    WORKER.call_once(|| {
        std::thread::spawn(move || {
            loop {
                let mut work = when(|work| work.is_some());
                boxes(work.unwrap());
                *work = None;
                CHANGED.notify_all();
            }
        });
    });
    *WORK.lock().unwrap() = Some(n);
    CHANGED.notify_all();
    drop(when(|work| work.is_none()));
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

/// What a driver allocates is its own.
#[scaling(allocs = "constant", queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn of_a_driver(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}
