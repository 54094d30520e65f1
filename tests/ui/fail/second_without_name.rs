use perfassert::{max_allocs, max_queries};

#[max_queries(5, 3)]
fn queries() {}

#[max_allocs(1000, "64 KiB")]
fn allocations() {}

#[max_queries(select = 3, 5)]
fn the_limit_comes_first() {}

#[max_queries(5, select)]
fn an_option_without_value() {}

fn main() {}
