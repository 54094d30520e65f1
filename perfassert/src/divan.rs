//! Benchmarks of [divan](https://docs.rs/divan): their allocations per iteration, as a gate of `cargo perfassert`.
//!
//! ```
//! # fn split(line: &str) -> Vec<&str> { line.split(' ').collect() }
//! #[divan::bench(args = [10, 1000])]
//! fn splits(bencher: divan::Bencher<'_, '_>, words: usize) {
//!     let line = "word ".repeat(words);
//!     bencher.bench(|| perfassert::divan::counted(|| split(divan::black_box(&line))));
//! }
//! ```
//!
//! `cargo bench` measures as before. `cargo perfassert run --benches` counts what one iteration allocates, after one that warms it up,
//! and `cargo perfassert diff main --benches` fails where that is more than on main.
//!
//! For the column that divan itself has for allocations, turn the feature `allocator` off and wrap its allocator:
//!
//! ```
//! # #[cfg(not(feature = "allocator"))]
//! #[global_allocator]
//! static GLOBAL: perfassert::Alloc<divan::AllocProfiler> = perfassert::Alloc::new(divan::AllocProfiler::system());
//! ```
//!
//! # Implementation
//!
//! divan tells nobody what it runs, so the iteration says so itself. That takes nothing of divan's, and any version of it will do.

pub use crate::bench::counted;
