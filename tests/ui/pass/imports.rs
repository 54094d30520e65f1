//! An import counts as used, wherever its attribute stands.
#![deny(warnings)]

use perfassert::{max_allocs, max_count, max_queries, no_n_plus_one};

#[max_queries(5)]
#[no_n_plus_one]
#[max_allocs(100)]
#[max_count("cache.miss" = 0)]
fn all_of_them() {
    perfassert::query("SELECT id FROM orders");
}

mod inner {
    use perfassert::{max_allocs, max_queries};

    #[max_queries(0)]
    #[max_allocs(100)]
    pub async fn asynchronous() {}
}

fn main() {
    all_of_them();
    drop(inner::asynchronous());
}
