//! Benchmarks of [criterion](https://docs.rs/criterion) 0.8: allocations or bytes per iteration in place of time.
//!
//! ```no_run
//! use criterion::{Criterion, criterion_group, criterion_main};
//! use perfassert::criterion::Allocations;
//!
//! fn splits(c: &mut Criterion<Allocations>) {
//!     c.bench_function("splits", |b| b.iter(|| "127.0.0.1 GET /".split(' ').collect::<Vec<_>>()));
//! }
//!
//! criterion_group! {
//!     name = benches;
//!     config = Criterion::default().with_measurement(Allocations);
//!     targets = splits
//! }
//! criterion_main!(benches);
//! ```
//!
//! `cargo perfassert run --benches` counts what one iteration allocates, after one that warms it up, and
//! `cargo perfassert diff main --benches` fails where that is more than on main. Where benchmarks are to go on measuring time, or
//! criterion is another version, [`counted`] around the iteration does the same.
//!
//! Under `cargo bench` criterion does not analyse a benchmark that allocates nothing: it says that one "took zero time per iteration",
//! and goes on.

use std::sync::atomic::{AtomicU64, Ordering};

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

pub use crate::bench::counted;
use crate::bench::{ObtainedMemory, Pass, Stretch, assert_sees, benchmark};

/// Calls that obtain memory: `alloc`, `alloc_zeroed` and a growing `realloc`, on each thread that the iteration starts.
///
/// # Panics
///
/// When the counting allocator is not installed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allocations;

/// The bytes that these calls ask for.
///
/// # Panics
///
/// When the counting allocator is not installed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytes;

macro_rules! measurement {
    ($measurement:ident, $field:ident) => {
        impl Measurement for $measurement {
            type Intermediate = Stretch;
            type Value = ObtainedMemory;

            fn start(&self) -> Stretch {
                begin()
            }

            fn end(&self, stretch: Stretch) -> ObtainedMemory {
                stretch.end()
            }

            fn add(&self, one: &ObtainedMemory, other: &ObtainedMemory) -> ObtainedMemory {
                *one + *other
            }

            fn zero(&self) -> ObtainedMemory {
                ObtainedMemory::default()
            }

            fn to_f64(&self, obtained: &ObtainedMemory) -> f64 {
                match benchmark() {
                    Some(benchmark) => {
                        let Pass { number, per_iter } = benchmark.pass(*obtained);
                        of_pass(number, per_iter.map(|per_iter| per_iter.$field))
                    }
                    None => of_sample(obtained.$field),
                }
            }

            fn formatter(&self) -> &dyn ValueFormatter {
                self
            }
        }
    };
}

measurement!(Allocations, allocs);
measurement!(Bytes, bytes);

fn begin() -> Stretch {
    // Under `cargo perfassert` that is said once there is a record.
    if benchmark().is_none() {
        assert_sees();
    }
    Stretch::begin()
}

/// So little that it shows nowhere.
const LITTLE: f64 = 1e-9;

/// What stands for `n` in criterion's statistics. They divide by it, and by how far the samples lie apart, and its plots fail where that
/// is nothing: so no two samples in a row are quite the same.
#[expect(clippy::cast_precision_loss, reason = "statistics are no gate")]
fn of_sample(n: u64) -> f64 {
    static SAMPLES: AtomicU64 = AtomicU64::new(0);
    n as f64 * (1.0 + LITTLE * (SAMPLES.fetch_add(1, Ordering::Relaxed) % 5) as f64)
}

/// The same for a pass of the quick mode, which goes on until one pass has twice what the one before had: not before it is known what an
/// iteration obtains.
#[expect(clippy::cast_precision_loss, reason = "statistics are no gate")]
fn of_pass(number: u32, per_iter: Option<u64>) -> f64 {
    const MUCH: f64 = 1e12;
    match per_iter {
        Some(n) => f64::from(number).exp2() * (n as f64).max(LITTLE),
        None => MUCH * 100_f64.powf(f64::from(number)),
    }
}

impl ValueFormatter for Allocations {
    fn scale_values(&self, _typical: f64, _values: &mut [f64]) -> &'static str {
        "allocs"
    }

    fn scale_throughputs(&self, _typical: f64, throughput: &Throughput, values: &mut [f64]) -> &'static str {
        let (of, is_elements) = divisor(throughput);
        scale(values, of);
        if is_elements { "allocs/elem" } else { "allocs/B" }
    }

    fn scale_for_machines(&self, _values: &mut [f64]) -> &'static str {
        "allocs"
    }
}

impl ValueFormatter for Bytes {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        const UNITS: [(&str, f64); 4] =
            [("GiB", 1_073_741_824.0), ("MiB", 1_048_576.0), ("KiB", 1024.0), ("B", 1.0)];
        let (unit, bytes) = UNITS.into_iter().find(|(_, bytes)| typical >= *bytes).unwrap_or(("B", 1.0));
        scale(values, bytes);
        unit
    }

    fn scale_throughputs(&self, _typical: f64, throughput: &Throughput, values: &mut [f64]) -> &'static str {
        let (of, is_elements) = divisor(throughput);
        scale(values, of);
        if is_elements { "B/elem" } else { "B/B" }
    }

    fn scale_for_machines(&self, _values: &mut [f64]) -> &'static str {
        "bytes"
    }
}

/// How much an iteration works on, and whether that is a number of elements, not of bytes.
#[expect(clippy::cast_precision_loss, reason = "statistics are no gate")]
fn divisor(throughput: &Throughput) -> (f64, bool) {
    match throughput {
        Throughput::Elements(elements) | Throughput::ElementsAndBytes { elements, .. } => {
            (*elements as f64, true)
        }
        Throughput::Bytes(bytes) | Throughput::BytesDecimal(bytes) => (*bytes as f64, false),
        Throughput::Bits(bits) => (*bits as f64 / 8.0, false),
    }
}

fn scale(values: &mut [f64], divisor: f64) {
    values.iter_mut().for_each(|value| *value /= divisor);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_readable() {
        assert_eq!(Allocations.format_value(3.0), "3.0000 allocs");
        assert_eq!(Bytes.format_value(12.0), "12.000 B");
        assert_eq!(Bytes.format_value(1536.0), "1.5000 KiB");
        assert_eq!(Allocations.format_throughput(&Throughput::Elements(2), 3.0), "1.5000 allocs/elem");
        assert_eq!(Bytes.format_throughput(&Throughput::Bits(80), 40.0), "4.0000 B/B");
    }

    #[test]
    fn samples_are_as_good_as_the_same_and_never_are() {
        let samples = [0; 10].map(|_| of_sample(3));
        assert!(samples.iter().all(|sample| (3.0..3.000_000_1).contains(sample)), "{samples:?}");
        assert!(samples.windows(2).all(|two| two[0] != two[1]), "{samples:?}");
        assert_eq!(of_sample(0), 0.0);
    }

    /// As criterion decides it, with the level of significance that the subcommand gives.
    #[test]
    fn the_quick_mode_ends_when_an_iteration_is_known() {
        let ends = |before: f64, now: f64| {
            let mean = (before + 2.0 * now) / 5.0;
            (before - mean).hypot(now - 2.0 * mean) < 0.99 * mean
        };
        for n in [0, 3, 1 << 40] {
            let passes = [of_pass(0, None), of_pass(1, None), of_pass(2, Some(n)), of_pass(3, Some(n))];
            let found = passes.windows(2).map(|two| ends(two[0], two[1])).collect::<Vec<_>>();
            assert_eq!(found, [false, false, true], "{passes:?}");
        }
    }

    #[test]
    #[cfg(feature = "allocator")]
    fn a_stretch_obtains_what_is_obtained_in_it() {
        let before = std::hint::black_box(vec![0_u8; 100]);
        let stretch = Allocations.start();
        drop(std::hint::black_box(Vec::<u8>::with_capacity(7)));
        let one = Allocations.end(stretch);
        let two = Allocations.add(&one, &one);
        drop(before);
        assert_eq!(
            (one, two),
            (ObtainedMemory { allocs: 1, bytes: 7 }, ObtainedMemory { allocs: 2, bytes: 14 })
        );
    }
}
