//! divan.

use divan::{Bencher, black_box};
use perfassert::divan::counted;

fn main() {
    divan::main();
}

#[divan::bench]
fn words() -> Vec<String> {
    counted(|| hot::words(black_box("GET /orders")))
}

#[divan::bench(args = [2, 4], threads = [1, 2], sample_count = 1000)]
fn words_of(bencher: Bencher<'_, '_>, n: usize) {
    bencher.with_inputs(|| vec!["word"; n].join(" ")).bench_refs(|line| counted(|| hot::words(line)));
}
