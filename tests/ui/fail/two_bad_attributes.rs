use perfassert::{max_allocs, max_queries, no_n_plus_one};

// Two errors and no third: the function stands, so `main` may call it.
#[max_queries(5, selects = 3)]
#[max_allocs(-1)]
fn both_are_wrong() -> u32 {
    7
}

#[max_queries(5)]
#[no_n_plus_one(3)]
fn the_second_is_wrong() -> u32 {
    7
}

#[perfassert::max_queries()]
#[perfassert::max_allocs = 5]
#[perfassert::no_n_plus_one]
fn one_of_three_is_right() {}

fn main() {
    let _: u32 = both_are_wrong() + the_second_is_wrong();
    one_of_three_is_right();
}
