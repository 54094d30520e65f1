//! criterion, with allocations in place of time.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use perfassert::criterion::Allocations;

fn words(c: &mut Criterion<Allocations>) {
    let mut group = c.benchmark_group("words, all (of them)");
    // What a benchmark asks for under `cargo bench` must not make it longer here.
    group.sample_size(1000).measurement_time(std::time::Duration::from_secs(60));
    for n in [2, 4] {
        let line = vec!["word"; n].join(" ");
        group.bench_with_input(BenchmarkId::from_parameter(n), &line, |b, line| b.iter(|| hot::words(line)));
    }
    group.finish();
    c.bench_function("batched", |b| {
        b.iter_batched(|| vec!["word"; 4].join(" "), |line| hot::words(&line), BatchSize::SmallInput);
    });
    c.bench_function("reused", |b| {
        let mut line = String::new();
        b.iter(|| {
            line.clear();
            line.push_str("warm");
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(Allocations);
    targets = words
}
criterion_main!(benches);
