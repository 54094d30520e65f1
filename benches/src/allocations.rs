//! What an allocator is asked for.

use std::hint::black_box;

use crate::time;

const DOCUMENT: &str = r#"{"id": 7, "customer": {"name": "Ann", "tags": ["new", "vip"]}, "lines": [
    {"sku": "A-1", "count": 2, "price": 1295}, {"sku": "B-7", "count": 1, "price": 399},
    {"sku": "C-3", "count": 12, "price": 5}], "note": null, "paid": true}"#;

/// On each of two threads.
const PAIRS: u32 = 200_000;

/// Times all of it.
pub fn run() {
    time("pair", 200, 10_000, || (0..10_000).for_each(|_| pair()));
    time("json", 200, 200, || (0..200).for_each(|_| json()));
    time("pair-on-two-threads", 50, 2 * PAIRS, two_threads);
}

/// One allocation, and its end.
fn pair() {
    drop(black_box(Vec::<u8>::with_capacity(black_box(64))));
}

/// A document read and written: allocations, reallocations, sizes as they come.
fn json() {
    let value: serde_json::Value = serde_json::from_str(black_box(DOCUMENT)).unwrap();
    black_box(serde_json::to_string(&value).unwrap());
}

/// Pairs on two threads at a time: where counters are shared, they wait for each other.
fn two_threads() {
    let pairs = || (0..PAIRS).for_each(|_| pair());
    std::thread::scope(|scope| {
        scope.spawn(pairs);
        scope.spawn(pairs);
    });
}
