use perfassert::{max_allocs, max_count, max_queries};

#[max_queries]
fn without_parentheses() {}

#[max_queries()]
fn with_nothing_in_them() {}

#[max_queries(endpoint = "GET /orders")]
fn an_endpoint_alone() {}

#[max_allocs]
fn allocations() {}

#[max_count]
fn a_counter() {}

fn main() {}
