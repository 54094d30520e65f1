use perfassert::{max_allocs, max_queries, no_n_plus_one};

#[max_queries(1, select = 5)]
fn a_kind() {}

#[max_queries(endpoint = "GET /", insert = 3, 2)]
fn in_any_order() {}

#[max_queries(2, delete = 3, endpoint = "GET /orders")]
fn of_an_endpoint() {}

#[max_allocs(100, peak = "1 KiB", live = 2000)]
fn more_at_the_end_than_ever() {}

#[no_n_plus_one(threshold = 0)]
fn repeated_at_once() {}

#[no_n_plus_one(threshold = 1)]
fn sent_once() {}

fn main() {}
