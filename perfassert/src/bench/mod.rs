//! The benchmark that a process runs for `cargo perfassert`: its allocations per iteration, left in a record.
//!
//! The subcommand starts each benchmark in a process of its own, and names it in a variable. The first iteration warms it up and is not
//! counted, those after it are, and then the record is written.

mod stretch;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

pub(crate) use stretch::{ObtainedMemory, Stretch};

use crate::alloc::{self, pause};
use crate::callers;
use crate::counts::{Counts, Metric};
use crate::gate::{self, Verdict, allocator_not_installed, reason};
use crate::inconclusive::Inconclusive;
use crate::lock::lock;
use crate::record::{self, BENCH_ITERATIONS, BENCH_VARIABLE, DIR_VARIABLE, Outcome, Record, TestId};

/// How many iterations are counted.
const COUNTED: u64 = BENCH_ITERATIONS - 1;

/// Runs `work`, which is one iteration of a benchmark: as it is under `cargo bench`, and counted under `cargo perfassert`.
///
/// It stands around everything that an iteration is about, once.
///
/// ```
/// // In a function under `#[divan::bench]`, in `bencher.bench(|| ..)`, or in `b.iter(|| ..)`.
/// # #[cfg(feature = "divan")]
/// perfassert::divan::counted(|| "127.0.0.1 GET /".split(' ').count());
/// ```
///
/// # Panics
///
/// Under `cargo perfassert`, when the counting allocator is not installed, or it cannot be told whose allocations are.
pub fn counted<T>(work: impl FnOnce() -> T) -> T {
    match benchmark() {
        Some(benchmark) => benchmark.iterate(work),
        None => work(),
    }
}

/// The benchmark that this process runs; none under `cargo bench`.
pub(crate) fn benchmark() -> Option<&'static Benchmark> {
    static BENCHMARK: OnceLock<Option<Benchmark>> = OnceLock::new();
    BENCHMARK.get_or_init(Benchmark::from_environment).as_ref()
}

/// Fails where nothing can be counted, and says why.
#[cfg(feature = "criterion")]
pub(crate) fn assert_sees() {
    if let Some(inconclusive) = inconclusive() {
        panic!("{}", message("the benchmark", inconclusive));
    }
}

/// See the [module](self).
pub(crate) struct Benchmark {
    id: String,
    records: PathBuf,
    seen: Mutex<Iterations>,
}

#[derive(Default)]
struct Iterations {
    iterations: u64,
    #[cfg(feature = "criterion")]
    passes: u32,
    obtained: ObtainedMemory,
}

/// A pass of criterion's quick mode.
#[cfg(feature = "criterion")]
pub(crate) struct Pass {
    /// How many there were before.
    pub(crate) number: u32,
    /// What each of its iterations obtains, once that is known.
    pub(crate) per_iter: Option<ObtainedMemory>,
}

impl Benchmark {
    fn from_environment() -> Option<Self> {
        let _paused = pause();
        let id = std::env::var(BENCH_VARIABLE).ok()?;
        Some(Benchmark { id, records: std::env::var_os(DIR_VARIABLE)?.into(), seen: Mutex::default() })
    }

    fn iterate<T>(&self, work: impl FnOnce() -> T) -> T {
        callers::notice(&work);
        let stretch = Stretch::begin();
        let output = black_box(work());
        let obtained = stretch.end();
        let mut seen = lock(&self.seen);
        seen.iterations += 1;
        if seen.iterations > 1 {
            seen.obtained = seen.obtained + obtained;
        }
        if seen.iterations == BENCH_ITERATIONS {
            self.leave(seen.obtained);
        }
        output
    }

    /// Takes what one pass of criterion's quick mode obtained: passes have 1, 2, 4, 8 iterations, and so on.
    ///
    /// What a benchmark makes around its iterations it makes anew for each pass, so each warms up again. What a pass of 4 obtains more than
    /// one of 2 is of two iterations that are warm.
    #[cfg(feature = "criterion")]
    pub(crate) fn pass(&self, obtained: ObtainedMemory) -> Pass {
        let mut seen = lock(&self.seen);
        let number = seen.passes;
        seen.passes += 1;
        match number {
            0 => {}
            1 => seen.obtained = obtained,
            2 => {
                seen.obtained = obtained.beyond(seen.obtained);
                self.leave(seen.obtained);
            }
            _ => {}
        }
        let per_iter = (number > 1).then(|| seen.obtained.share_of(COUNTED));
        Pass { number, per_iter }
    }

    /// Writes the record: `obtained` is of all counted iterations.
    fn leave(&self, obtained: ObtainedMemory) {
        let _paused = pause();
        let inconclusive = inconclusive();
        let record = self.record(obtained, inconclusive.as_ref());
        if let Err(error) = record::append(&self.records, &record) {
            panic!("perfassert: writing the record of {}: {error}", self.id);
        }
        if let Some(inconclusive) = inconclusive {
            panic!("{}", message(&self.id, inconclusive));
        }
    }

    fn record(&self, obtained: ObtainedMemory, inconclusive: Option<&Inconclusive>) -> Record {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let mut counts = Counts::new();
        if inconclusive.is_none() {
            let per_iter = obtained.share_of(COUNTED);
            counts.insert(Metric::AllocsPerIter, number(per_iter.allocs));
            counts.insert(Metric::BytesPerIter, number(per_iter.bytes));
        }
        let test = TestId {
            package: std::env::var("CARGO_PKG_NAME").unwrap_or_default(),
            target: target().unwrap_or_default(),
            name: self.id.clone(),
            case: None,
        };
        let outcome = match inconclusive {
            None => Outcome::Passed,
            Some(inconclusive) => Outcome::Inconclusive(vec![reason(inconclusive)]),
        };
        let mut record = Record::new(test, outcome, gate::environment());
        record.counts = counts;
        record
    }
}

fn inconclusive() -> Option<Inconclusive> {
    if !alloc::is_installed() {
        return Some(allocator_not_installed());
    }
    callers::inconclusive().filter(|_| callers::depends_on_timing())
}

fn message(of: &str, inconclusive: Inconclusive) -> String {
    let verdict = Verdict { violations: Vec::new(), inconclusive: vec![inconclusive] };
    gate::render(of, &verdict).unwrap_or_default()
}

/// The crate of this executable, which lies at `target/debug/deps/<crate>-<hash>`.
fn target() -> Option<String> {
    let executable = std::env::current_exe().ok()?;
    crate_of(&executable)
}

fn crate_of(executable: &Path) -> Option<String> {
    let stem = executable.file_stem()?.to_str()?;
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = stem.rsplit_once('-').filter(|(_, hash)| is_hash(hash)).map_or(stem, |(name, _)| name);
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_of_an_executable() {
        let check = |path: &str, expected: &str| {
            assert_eq!(crate_of(Path::new(path)).as_deref(), Some(expected), "{path}");
        };
        check("/shop/target/debug/deps/hot_path-0123456789abcdef", "hot_path");
        check("/shop/target/debug/deps/hot-path", "hot-path");
    }

    /// A benchmark of that name, with a directory for its record.
    fn benchmark(dir: &Path) -> Benchmark {
        Benchmark { id: "split/10".to_owned(), records: dir.to_owned(), seen: Mutex::default() }
    }

    #[track_caller]
    fn check_record(dir: &Path, allocs: i64, bytes: i64) {
        let (records, damage) = record::read_dir(dir).unwrap();
        assert!(damage.is_empty());
        let [record] = &records[..] else { panic!("{} records", records.len()) };
        assert_eq!((record.test.name.as_str(), &record.outcome), ("split/10", &Outcome::Passed));
        let counts = [(Metric::AllocsPerIter, allocs), (Metric::BytesPerIter, bytes)];
        assert_eq!(record.counts, counts.into_iter().collect());
    }

    #[test]
    #[cfg(feature = "allocator")]
    fn all_but_the_first_iteration_count() {
        let dir = tempfile::tempdir().unwrap();
        let benchmark = benchmark(dir.path());
        for bytes in [1000, 3, 4, 2000] {
            benchmark.iterate(|| drop(black_box(Vec::<u8>::with_capacity(bytes))));
        }
        check_record(dir.path(), 1, 4);
    }

    #[test]
    #[cfg(all(feature = "allocator", feature = "criterion"))]
    fn what_a_pass_makes_around_its_iterations_is_not_counted() {
        let dir = tempfile::tempdir().unwrap();
        let benchmark = benchmark(dir.path());
        let passes = [(100, 1000), (17, 60), (24, 80), (38, 120)];
        let passes = passes.map(|(allocs, bytes)| benchmark.pass(ObtainedMemory { allocs, bytes }));
        let per_iter = ObtainedMemory { allocs: 4, bytes: 10 };
        assert_eq!(passes.map(|pass| pass.per_iter), [None, None, Some(per_iter), Some(per_iter)]);
        check_record(dir.path(), 4, 10);
    }
}
