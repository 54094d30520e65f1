//! A limit is any constant of any integer type.
#![deny(warnings)]

use perfassert::{max_allocs, max_count, max_queries, no_n_plus_one};

const LIMIT: u32 = 2 + 3;
const SIZE: usize = 64 * 1024;

mod limits {
    pub const MISSES: i64 = 3;

    pub const fn of(tables: u8) -> u8 {
        tables * 2
    }
}

fn query() {
    perfassert::query("SELECT id FROM orders");
}

#[max_queries(LIMIT)]
fn a_constant() {
    query();
}

#[max_queries(LIMIT as usize * 2 - 1, select = limits::of(2), insert = { 1 + 1 })]
fn an_expression() {
    query();
}

#[max_queries(0x10, other = 1_6_u16)]
fn a_literal() {
    query();
}

#[max_queries(u64::MAX)]
fn the_largest() {
    query();
}

#[max_queries(select = 3)]
fn only_a_kind() {
    query();
}

#[max_allocs(SIZE / 2, bytes = SIZE, peak = "1_000 kB", live = 1 << 10)]
fn sizes() {
    let _ = String::from("a");
}

#[rustfmt::skip]
#[max_allocs(bytes = "64KiB",)]
fn a_size_without_space_and_a_last_comma() {}

#[max_allocs(10, per_iter = LIMIT)]
#[max_allocs(per_iter = 5)]
fn iterations() {
    perfassert::per_iter(2, || String::from("a"));
}

#[max_count("cache.miss" = limits::MISSES, "cache.hit" = 5)]
fn two_counters() {
    perfassert::counter("cache.miss").add(3);
    perfassert::counter("cache.hit").add(0);
}

#[no_n_plus_one(threshold = LIMIT)]
fn a_threshold() {
    query();
}

#[no_n_plus_one()]
fn empty_parentheses() {
    query();
}

fn main() {
    a_constant();
    an_expression();
    a_literal();
    the_largest();
    only_a_kind();
    sizes();
    a_size_without_space_and_a_last_comma();
    iterations();
    two_counters();
    a_threshold();
    empty_parentheses();
}
