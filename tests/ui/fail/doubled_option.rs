use perfassert::{max_allocs, max_queries};

#[max_queries(5, select = 3, select = 4)]
fn a_kind() {}

#[max_queries(5, endpoint = "GET /a", endpoint = "GET /b")]
fn an_endpoint() {}

#[max_allocs(1000, peak = "1 MiB", peak = "2 MiB")]
fn a_size() {}

fn main() {}
