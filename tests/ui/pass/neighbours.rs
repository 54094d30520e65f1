//! Other attributes and comments stand between ours as everywhere.
#![deny(warnings)]

use perfassert::{max_allocs, max_queries, no_n_plus_one};

/// Above all.
#[max_queries(1)]
/// Between them.
#[allow(unused_variables)]
#[cfg(not(any()))]
#[max_allocs(100)]
#[cfg_attr(not(any()), no_n_plus_one)]
#[cfg_attr(any(), max_queries(0))]
#[must_use = "an attribute with a value"]
/** Beneath. */
fn all_kinds() -> Result<u32, String> {
    let nobody_asks = 1;
    perfassert::query("SELECT id FROM orders");
    Ok(7)
}

#[cfg(any())]
#[max_queries(nothing, is = looked, at)]
fn not_compiled() {}

#[max_queries(1, endpoint = "GET /orders")]
#[max_queries(2, endpoint = "GET /orders/{id}")]
#[max_queries(3)]
fn one_attribute_for_each_endpoint() {
    perfassert::endpoint("GET /orders", || perfassert::query("SELECT id FROM orders"));
    perfassert::endpoint("GET /orders/{id}", || {
        perfassert::query("SELECT id FROM orders WHERE id = 7");
        perfassert::query("SELECT id FROM customers WHERE id = 7");
    });
}

#[max_queries(0)]
#[track_caller]
#[inline(never)]
fn with_arguments(mut a: u32, (b, _): (u32, u32)) {
    a += b;
    assert_eq!(a, 3);
}

fn main() {
    assert_eq!(all_kinds(), Ok(7));
    one_attribute_for_each_endpoint();
    with_arguments(1, (2, 3));
}
