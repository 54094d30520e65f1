//! Which tests failed by themselves, told apart from those whose gate failed.

use perfassert_record::record::{Outcome, TestId};

use super::list::has_path;
use super::unopened::PrintedTest;
use crate::runs::Run;

/// The tests that failed by themselves.
///
/// A test that has an attribute leaves a record that says how it ended.
/// The others, and those that abort, are known from what the runner prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// The tests, as the runner prints them, sorted.
    pub names: Vec<String>,
    /// Whether something failed that has no name: the runner ended with an error that no test explains.
    pub unexplained: bool,
}

impl Failures {
    /// Whether nothing failed by itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.unexplained
    }

    /// Adds those of another repeat.
    pub(super) fn add(&mut self, other: Failures) {
        self.names.extend(other.names);
        self.names.sort();
        self.names.dedup();
        self.unexplained |= other.unexplained;
    }
}

/// What a runner's output says of failures, line by line.
#[derive(Default)]
pub(super) struct Output {
    failed: Vec<String>,
    /// Tests that passed, as nextest tells.
    passed: Vec<PrintedTest>,
    /// The executable that cargo has started last, and those that had tests to run.
    running: String,
    ran: Vec<String>,
    /// Test binaries that began and have not ended, as libtest tells.
    open: i32,
}

impl Output {
    /// Takes note of a line.
    pub(super) fn read(&mut self, line: &str) {
        if let Some(test) = failed_by_libtest(line) {
            self.failed.push(test.to_owned());
        } else if let Some(test) = failed_by_nextest(line) {
            // Its summary says it again.
            if !self.failed.contains(&test) {
                self.failed.push(test);
            }
        } else if let Some(test) = told_by_nextest(line, |word| ["PASS", "LEAK"].contains(&word)) {
            self.passed.push(test);
        } else if let Some(executable) = started_by_cargo(line) {
            executable.clone_into(&mut self.running);
        } else if line.starts_with("running ") && line.trim_end_matches('s').ends_with(" test") {
            self.open += 1;
            if line != "running 0 tests" {
                self.ran.push(self.running.clone());
            }
        } else if line.starts_with("test result: ") {
            self.open -= 1;
        }
    }

    /// The tests that passed, as far as nextest says so.
    pub(super) fn passed(&self) -> &[PrintedTest] {
        &self.passed
    }

    /// The executables that had tests to run, by their paths or by nextest's names, some more than once.
    pub(super) fn ran(&self) -> impl Iterator<Item = &str> {
        self.ran.iter().map(String::as_str).chain(self.passed.iter().map(|(binary, _)| binary.as_str()))
    }

    /// What is left when the gates that failed are taken out, after the last line.
    ///
    /// `is_shown_whole` says whether each executable prints by itself, of all its tests.
    pub(super) fn failures(mut self, success: bool, is_shown_whole: bool, run: &Run) -> Failures {
        let mut gates = 0;
        for record in &run.records {
            let printed = self.failed.iter().position(|printed| is_printed(printed, &record.test));
            match record.outcome {
                Outcome::Passed | Outcome::Unseen(_) => {}
                Outcome::OverBudget(_) | Outcome::Inconclusive(_) => {
                    gates += 1;
                    printed.map(|index| self.failed.remove(index));
                }
                Outcome::Failed if printed.is_none() => self.failed.push(record.test.path()),
                Outcome::Failed => {}
            }
        }
        self.failed.sort();
        let crashed = self.open > 0;
        // A process that exits by itself succeeds, and the tests that it had left are not run.
        let exited = crashed && is_shown_whole;
        let unexplained = self.failed.is_empty() && (exited || (!success && (crashed || gates == 0)));
        Failures { names: self.failed, unexplained }
    }
}

/// Whether a runner prints `test` as `printed`, which may have the executable before it. One of several cases has its own name behind
/// the test's, unless it is known as a test by itself.
pub(super) fn is_printed(printed: &str, test: &TestId) -> bool {
    let (binary, path) =
        printed.rsplit_once(' ').map_or((None, printed), |(binary, path)| (Some(binary), path));
    let is_its = |binary: &str| binary == test.package || binary.starts_with(&format!("{}::", test.package));
    binary.is_none_or(is_its) && has_path(test, path)
}

/// The executable in `     Running tests/api.rs (target/debug/deps/api-0123456789abcdef)`.
fn started_by_cargo(line: &str) -> Option<&str> {
    let (_, executable) = line.trim_start().strip_prefix("Running ")?.rsplit_once(" (")?;
    executable.strip_suffix(')')
}

/// The test in `test orders::list ... FAILED`.
fn failed_by_libtest(line: &str) -> Option<&str> {
    let test = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(test.strip_suffix(" - should panic").unwrap_or(test))
}

/// The binary and the test in `FAIL [   0.004s] (1/2) storefront::api orders::list`.
fn failed_by_nextest(line: &str) -> Option<String> {
    let is_failure = |word: &str| ["FAIL", "ABORT", "TIMEOUT"].contains(&word) || word.starts_with("SIG");
    let (binary, test) = told_by_nextest(line, is_failure)?;
    Some(format!("{binary} {test}"))
}

/// The binary and the test of a line that begins with such a word. One of a retry begins with more.
fn told_by_nextest(line: &str, is_such: impl Fn(&str) -> bool) -> Option<PrintedTest> {
    let (word, rest) = line.strip_prefix("  ")?.trim_start().split_once(" [")?;
    let (_, rest) = rest.split_once("] ")?;
    let mut words = rest.rsplitn(3, ' ');
    let (test, binary) = (words.next()?, words.next()?);
    is_such(word).then(|| (binary.to_owned(), test.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_records::{Build, test};

    #[track_caller]
    fn check(lines: &str, success: bool, names: &[&str], unexplained: bool) {
        let mut output = Output::default();
        lines.lines().for_each(|line| output.read(line));
        let failures = output.failures(success, true, &Run::default());
        assert_eq!(
            (failures.names, failures.unexplained),
            (names.iter().map(|n| n.to_string()).collect(), unexplained)
        );
    }

    /// A case that is over its limit has not failed by itself, and is not taken for another package's.
    #[test]
    fn a_case_is_known_by_its_name() {
        let mut record = test("orders").outcome(Outcome::OverBudget(vec!["2 queries, budget 1".to_owned()]));
        record.test.case = Some("case_2".to_owned());
        let run = Run::new(vec![record]);
        let check = |line: &str, expected: &[&str]| {
            let mut output = Output::default();
            output.read(line);
            assert_eq!(output.failures(false, true, &run).names, expected, "{line}");
        };
        check("test orders::case_2 ... FAILED", &[]);
        check("test orders::case_1 ... FAILED", &["orders::case_1"]);
        check("        FAIL [   0.004s] (1/2) shop::api orders::case_2", &[]);
        check("        FAIL [   0.004s] (1/2) till::api orders::case_2", &["till::api orders::case_2"]);
    }

    #[test]
    fn libtest() {
        let lines = "running 2 tests\ntest orders::list ... FAILED\ntest orders::one - should panic ... FAILED\n\
                     test orders::two ... ok\ntest result: FAILED. 1 passed; 2 failed";
        check(lines, false, &["orders::list", "orders::one"], false);
    }

    #[test]
    fn a_binary_that_crashes_leaves_its_result_out() {
        check("running 1 test\ntest orders::list ... ", false, &[], true);
        // D80: nor does one that exits.
        check("running 2 tests\ntest orders::list ... ", true, &[], true);
    }

    #[test]
    fn nextest() {
        let lines = "        PASS [   0.004s] (1/3) storefront::api orders::two\n\
                     \x20       FAIL [   0.004s] (2/3) storefront::api orders::list\n\
                     \x20    SIGABRT [   0.060s] (3/3) shop tests::aborts\n\
                     \x20       FAIL [   0.004s] (2/3) storefront::api orders::list\n\
                     \x20  TRY 1 FAIL [   0.004s] (2/3) storefront::api orders::flaky";
        check(lines, false, &["shop tests::aborts", "storefront::api orders::list"], false);
    }

    #[test]
    fn nextest_says_what_passed() {
        let mut output = Output::default();
        let lines = [
            "        PASS [   0.004s] (1/3) storefront::api orders::two",
            "        FAIL [   0.004s] (2/3) shop a",
        ];
        lines.iter().for_each(|line| output.read(line));
        assert_eq!(output.passed(), [("storefront::api".to_owned(), "orders::two".to_owned())]);
    }

    #[test]
    fn an_error_without_a_test() {
        check("", false, &[], true);
        check("", true, &[], false);
    }
}
