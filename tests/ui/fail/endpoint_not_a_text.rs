use perfassert::{max_allocs, max_queries};

const ORDERS: &str = "GET /orders";

#[max_queries(5, endpoint = 7)]
fn a_number() {}

#[max_queries(5, endpoint = ORDERS)]
fn a_name() {}

#[max_allocs(1000, endpoint = GET)]
fn a_word() {}

fn main() {
    let _ = ORDERS;
}
