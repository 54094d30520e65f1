use perfassert::{max_allocs, max_queries, no_n_plus_one};

#[max_queries(5, selects = 3)]
fn one_letter_too_many() {}

#[max_queries(max = 5)]
fn the_limit_has_no_name() {}

#[max_allocs(1000, byte = "64 KiB")]
fn one_letter_too_few() {}

#[max_allocs(1000, select = 3)]
fn of_another_attribute() {}

#[no_n_plus_one(limit = 3)]
fn another_word() {}

fn main() {}
