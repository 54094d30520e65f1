//! criterion, with time as it is.

use criterion::{Criterion, criterion_group, criterion_main};
use perfassert::criterion::counted;

fn words(c: &mut Criterion) {
    c.bench_function("words", |b| b.iter(|| counted(|| hot::words("GET /orders"))));
}

criterion_group!(benches, words);
criterion_main!(benches);
