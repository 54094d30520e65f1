//! The attributes go by path, and by another name.
#![deny(warnings)]

use perfassert as pa;
use perfassert::max_queries as at_most;

#[perfassert::max_queries(0)]
fn by_path() {}

#[::perfassert::max_queries(0)]
#[::perfassert::max_allocs(5)]
fn by_absolute_path() {}

#[at_most(0)]
fn by_another_name() {}

#[at_most(0)]
#[at_most(0, select = 0)]
fn by_another_name_twice() {}

#[pa::max_queries(0)]
#[pa::max_allocs(1)]
fn by_another_crate_name() {}

fn main() {
    by_path();
    by_absolute_path();
    by_another_name();
    by_another_name_twice();
    by_another_crate_name();
}
