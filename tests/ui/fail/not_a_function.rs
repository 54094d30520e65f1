use perfassert::{max_allocs, max_count, max_queries, no_n_plus_one};

#[max_queries(5)]
struct Orders;

#[max_allocs(5)]
mod orders {}

#[no_n_plus_one]
impl Orders {}

#[max_count("cache.miss" = 3)]
const LIMIT: u32 = 5;

fn main() {
    let _ = (Orders, LIMIT);
}
