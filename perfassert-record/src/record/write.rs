//! Appending a record to the run's directory.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use super::format::{BegunLine, RecordLine};
use super::{Record, TestId};
use crate::json;

/// The environment variable that names the directory of a run's records.
///
/// `cargo perfassert` sets it for the tests that it runs. Without it nothing is written.
pub const DIR_VARIABLE: &str = "PERFASSERT_RECORD_DIR";

/// The environment variable with the executables of a run whose tests are those of binaries, separated as in `PATH`.
///
/// `cargo perfassert` sets it: a library may have the same name.
pub const BINARIES_VARIABLE: &str = "PERFASSERT_BINARIES";

/// The environment variable with the root of the tests' workspace.
///
/// `cargo perfassert` sets it: a test without an attribute does not know it by itself.
pub const WORKSPACE_VARIABLE: &str = "PERFASSERT_WORKSPACE_ROOT";

/// The environment variable that goes before `measure` in `perfassert.toml`: whether tests without an attribute are measured, `all` or `marked`.
pub const MEASURE_VARIABLE: &str = "PERFASSERT_MEASURE";

/// The environment variable that names the one benchmark that its process runs.
///
/// `cargo perfassert` sets it for benchmarks of criterion and divan. Without it they measure what they always do.
pub const BENCH_VARIABLE: &str = "PERFASSERT_BENCH";

/// How often such a benchmark is iterated. All but the first iteration are counted.
pub const BENCH_ITERATIONS: u64 = 3;

/// How the names of files with records end.
pub(super) const RECORDS: &str = "jsonl";

/// How the names of files with tests that have begun end.
pub(super) const BEGUN: &str = "begun";

/// Appends `record` as one line to this process's own file in `dir`.
///
/// # Errors
///
/// When the file cannot be opened or written.
pub fn append(dir: &Path, record: &Record) -> io::Result<()> {
    append_line(dir, RECORDS, json::to_vec(&RecordLine::from(record)))
}

/// Notes that `test` has begun, in this process's own file in `dir`: where no record follows, its process has ended first.
///
/// # Errors
///
/// When the file cannot be opened or written.
pub fn begin(dir: &Path, test: &TestId) -> io::Result<()> {
    append_line(dir, BEGUN, json::to_vec(&BegunLine::from(test)))
}

fn append_line(dir: &Path, extension: &str, mut line: Vec<u8>) -> io::Result<()> {
    line.push(b'\n');
    // One write per line: lines of parallel tests of this process never interleave.
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join(format!("{}.{extension}", std::process::id())))?
        .write_all(&line)
}

/// Writes `records` as the whole content of `file`, which is replaced at once: a reader sees the old or the new one.
///
/// # Errors
///
/// When the file, or the temporary one beside it, cannot be written.
pub fn write_file(file: &Path, records: &[Record]) -> io::Result<()> {
    let mut text = Vec::new();
    for record in records {
        text.extend(json::to_vec(&RecordLine::from(record)));
        text.push(b'\n');
    }
    let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&temporary, text)?;
    std::fs::rename(temporary, file)
}
