//! Benchmarks of criterion and divan, each in a process of its own, and iterated only as often as counting takes.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use perfassert_record::record::{BENCH_ITERATIONS, BENCH_VARIABLE, DIR_VARIABLE};

use super::child::Ended;
use super::list::{has, names};
use super::options::Options;

/// The harness that an executable of benchmarks has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harness {
    Criterion,
    Divan,
}

impl Harness {
    /// By an option that no other harness has, as it stands in the executable.
    ///
    /// # Errors
    ///
    /// When the executable cannot be read.
    pub(super) fn of(executable: &Path) -> io::Result<Option<Self>> {
        for (harness, option) in [(Harness::Criterion, "nresamples"), (Harness::Divan, "skip-ext-time")] {
            if has(executable, option.as_bytes())? {
                return Ok(Some(harness));
            }
        }
        Ok(None)
    }

    /// All benchmarks of the executable; `None` where it does not list them.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(super) fn benchmarks(executable: &Path) -> io::Result<Option<Vec<String>>> {
        let listed = Command::new(executable)
            .args(["--list", "--format", "terse"])
            // divan knows the format under nextest only.
            .env("NEXTEST", "1")
            .env_remove(DIR_VARIABLE)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()?;
        Ok(names(&String::from_utf8_lossy(&listed.stdout)).filter(|_| listed.status.success()))
    }

    /// The process of one benchmark.
    pub(super) fn command(self, executable: &Path, benchmark: &str) -> Command {
        let mut command = Command::new(executable);
        command.args(["--bench", "--exact", benchmark]).env(BENCH_VARIABLE, benchmark);
        match self {
            // Its quick mode iterates once, twice, four times, and so on, for 100 ms at least. It ends when the samples lie no further apart
            // than the level of significance says, or after the time.
            Harness::Criterion => command
                .args(["--quick", "--noplot", "--discard-baseline", "--nresamples", "100"])
                .args(["--significance-level", "0.99", "--measurement-time", "600"]),
            Harness::Divan => command
                .args(["--threads", "1", "--sample-count", "1"])
                .arg(format!("--sample-size={BENCH_ITERATIONS}")),
        };
        command
    }

    /// Runs one benchmark of `all` that the executable has.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(super) fn run(self, executable: &Path, benchmark: &str, all: usize) -> io::Result<Ended> {
        let mut command = self.command(executable, benchmark);
        let (mut reader, writer) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn()?;
        // It holds the pipe's other end, which would never be closed.
        drop(command);
        let mut printed = Vec::new();
        io::Read::read_to_end(&mut reader, &mut printed)?;
        let status = child.wait()?;
        let printed = String::from_utf8_lossy(&printed).into_owned();
        let label = benchmark.to_owned();
        let filtered_out = all.saturating_sub(1);
        Ok(match status.success() {
            true => Ended { label, result: "ok".to_owned(), filtered_out, ..Ended::default() },
            false => Ended {
                label,
                result: "FAILED".to_owned(),
                captured: format!("---- {benchmark} ----\n{printed}its process failed: {status}\n"),
                filtered_out,
                ..Ended::default()
            },
        })
    }
}

/// Whether a harness of libtest would run a benchmark of that name.
pub(super) fn is_selected(benchmark: &str, options: &Options) -> bool {
    let is_exact = options.selection.iter().any(|word| word == "--exact");
    let names = |filter: &str| if is_exact { benchmark == filter } else { benchmark.contains(filter) };
    let (mut filters, mut is_named) = (0, false);
    let mut words = options.selection.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--skip" => {
                if words.next().is_some_and(names) {
                    return false;
                }
            }
            // None of them is.
            "--ignored" => return false,
            "-Z" => drop(words.next()),
            _ if word.starts_with('-') => {}
            filter => {
                filters += 1;
                is_named |= names(filter);
            }
        }
    }
    filters == 0 || is_named
}

/// The one benchmark that nextest asks an executable to run: the name among options such as `--exact` and `--nocapture`.
pub(super) fn asked_by_nextest(arguments: &[OsString]) -> Option<&str> {
    let words: Vec<_> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let mut names = words.iter().filter(|word| !word.starts_with("--"));
    let name = names.next().filter(|_| words.contains(&"--exact"))?;
    names.next().is_none().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &str, expected: &[&str]) {
        let arguments: Vec<OsString> = arguments.split_whitespace().map(Into::into).collect();
        let options = Options::parse(&arguments).unwrap();
        let selected: Vec<_> =
            ["split", "split/10", "join"].into_iter().filter(|name| is_selected(name, &options)).collect();
        assert_eq!(selected, expected, "{arguments:?}");
    }

    #[test]
    fn selections() {
        check("", &["split", "split/10", "join"]);
        check("split", &["split", "split/10"]);
        check("split --exact", &["split"]);
        check("--exact join split", &["split", "join"]);
        check("--skip 10", &["split", "join"]);
        check("split --skip split/10 --exact", &["split"]);
        check("--ignored", &[]);
        check("--include-ignored join", &["join"]);
        check("--skip a -Z unstable-options join", &["join"]);
    }

    #[test]
    fn what_nextest_asks() {
        let asked = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(Into::into).collect();
            asked_by_nextest(&words).map(str::to_owned)
        };
        assert_eq!(asked(&["split/10", "--exact", "--nocapture"]), Some("split/10".to_owned()));
        assert_eq!(asked(&["--exact", "split/10", "--nocapture"]), Some("split/10".to_owned()));
        assert_eq!(asked(&["--list", "--format", "terse"]), None);
    }
}
