use perfassert::{max_allocs, max_queries, no_n_plus_one};

#[max_queries(1.5)]
fn queries() {}

#[max_queries("5")]
fn a_text() {}

#[max_queries(true)]
fn a_truth() {}

#[max_allocs(1e3)]
fn allocations() {}

#[max_allocs(bytes = 1.5)]
fn a_size() {}

#[no_n_plus_one(threshold = 2.5)]
fn a_threshold() {}

fn main() {}
