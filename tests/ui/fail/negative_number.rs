use perfassert::{max_allocs, max_count, max_queries, no_n_plus_one};

#[max_queries(-1)]
fn queries() {}

#[max_queries(5, insert = -1)]
fn queries_of_a_kind() {}

#[max_allocs(live = -1)]
fn a_size() {}

#[max_count("cache.miss" = -1)]
fn a_counter() {}

#[no_n_plus_one(threshold = -3)]
fn a_threshold() {}

fn main() {}
