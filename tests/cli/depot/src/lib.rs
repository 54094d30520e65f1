//! A depot whose allocations are planted, each on a line of its own.

use std::sync::Mutex;

static SHELF: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

pub fn label(n: u64) -> String {
    format!("item {n}")
}

pub fn labels(n: u64) -> usize {
    (0..n).map(|n| label(n).len()).sum()
}

pub fn shelve() {
    let item = vec![7; 4096];
    SHELF.lock().unwrap().push(item);
}

pub fn numbers() -> Vec<u32> {
    let mut numbers = Vec::new();
    for n in 0..1000 {
        numbers.push(n);
    }
    numbers
}

pub fn load(id: u32) {
    perfassert::query(&format!("SELECT name FROM items WHERE id = {id}"));
}
