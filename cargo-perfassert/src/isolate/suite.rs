//! All tests of an executable, several at a time, told as libtest tells of them.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::child::Ended;

/// Runs `tests`, so many at a time, by `run`, which may show what they print, and returns whether all of them passed.
///
/// # Errors
///
/// When the executable cannot be started, or `out` fails.
pub(super) fn run(
    threads: usize,
    tests: &[String],
    out: &mut (dyn Write + Send),
    run: impl Fn(&str, &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<Ended> + Sync,
) -> io::Result<bool> {
    let begun = Instant::now();
    let plural = if tests.len() == 1 { "" } else { "s" };
    writeln!(out, "\nrunning {} test{plural}", tests.len())?;
    let next = AtomicUsize::new(0);
    let told = Mutex::new((out, Summary::default()));
    let work = || -> io::Result<()> {
        while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut show = |text: &str| lock(&told).0.write_all(text.as_bytes());
            let ended = run(test, &mut show)?;
            let (out, summary) = &mut *lock(&told);
            out.write_all(ended.printed.as_bytes())?;
            writeln!(out, "test {} ... {}", ended.label, ended.result)?;
            out.flush()?;
            summary.add(test, ended);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(tests.len())).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a thread that runs tests panicked")))
        })
    })?;
    let (out, summary) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Each test is filtered out where another one runs.
    let filtered_out = (summary.filtered_out + 1).saturating_sub(tests.len());
    summary.write(filtered_out, begun.elapsed().as_secs_f64(), out)?;
    Ok(summary.failed.is_empty())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is said at the end.
#[derive(Default)]
struct Summary {
    passed: usize,
    ignored: usize,
    failed: Vec<(String, Ended)>,
    /// What the tests that passed printed, where it is to be shown.
    succeeded: Vec<(String, Ended)>,
    filtered_out: usize,
}

impl Summary {
    fn add(&mut self, test: &str, ended: Ended) {
        self.filtered_out = self.filtered_out.max(ended.filtered_out);
        if ended.result.starts_with("FAILED") {
            self.failed.push((test.to_owned(), ended));
        } else if ended.result.starts_with("ignored") {
            self.ignored += 1;
        } else {
            self.passed += 1;
            if !ended.captured.is_empty() {
                self.succeeded.push((test.to_owned(), ended));
            }
        }
    }

    fn write(&self, filtered_out: usize, seconds: f64, out: &mut dyn Write) -> io::Result<()> {
        section("successes", &self.succeeded, out)?;
        section("failures", &self.failed, out)?;
        let (passed, failed, ignored) = (self.passed, self.failed.len(), self.ignored);
        let result = if failed == 0 { "ok" } else { "FAILED" };
        writeln!(
            out,
            "\ntest result: {result}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; \
             {filtered_out} filtered out; finished in {seconds:.2}s\n"
        )
    }
}

fn section(title: &str, tests: &[(String, Ended)], out: &mut dyn Write) -> io::Result<()> {
    if tests.is_empty() {
        return Ok(());
    }
    let mut tests: Vec<_> = tests.iter().collect();
    tests.sort_by_key(|(test, _)| test);
    writeln!(out, "\n{title}:\n")?;
    for (_, ended) in tests.iter().filter(|(_, ended)| !ended.captured.is_empty()) {
        writeln!(out, "{}\n", ended.captured.trim_end())?;
    }
    writeln!(out, "\n{title}:")?;
    tests.iter().try_for_each(|(test, _)| writeln!(out, "    {test}"))
}
