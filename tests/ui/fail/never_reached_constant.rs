use perfassert::{max_queries, no_n_plus_one};

const ALL: u32 = 2;
const ONCE: u64 = 1;

#[max_queries(ALL, select = ALL + 1)]
fn a_kind() {}

#[no_n_plus_one(threshold = ONCE)]
fn sent_once() {}

fn main() {
    a_kind();
    sent_once();
}
