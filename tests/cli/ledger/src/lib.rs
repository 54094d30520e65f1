//! A ledger whose database is played by `perfassert::query`: what is counted is real, and so are the attributes.

use std::hint::black_box;

/// How often a list allocates.
const ALLOCATIONS: usize = 100;

pub fn list_entries() {
    perfassert::endpoint("GET /entries", || {
        perfassert::query("SELECT id, amount FROM entries WHERE account = 7");
        allocate(ALLOCATIONS);
    });
}

pub fn show_entry() {
    perfassert::endpoint("GET /entries/{id}", || {
        perfassert::query("SELECT id, amount FROM entries WHERE id = 1");
    });
    perfassert::query("SELECT count(*) FROM \"Entries\"");
}

fn allocate(times: usize) {
    for _ in 0..times {
        black_box(Box::new(0_u64));
    }
}
