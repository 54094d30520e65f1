//! The work that is timed, the same in every program, and how its times get out.

pub mod allocations;
#[cfg(feature = "queries")]
pub mod queries;

use std::time::Instant;

/// Prints the time of one call in nanoseconds, as `name<TAB>time`, where `round` does `calls` of them: the least of all
/// rounds, because whatever disturbs one makes it longer.
pub fn time(name: &str, rounds: u32, calls: u32, mut round: impl FnMut()) {
    let mut least = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        round();
        least = least.min(start.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    println!("{name}\t{least:.2}");
}
