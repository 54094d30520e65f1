//! Runs `#[ignore]`d tests, of the calling test binary or another, as a process of their own, and reads what they recorded.

use std::path::Path;
use std::process::Command;

use perfassert::Metric;
use perfassert::record::{self, DIR_VARIABLE, Endpoint, Outcome, Record, Statement};
use perfassert::sql::Class;

use crate::scrub;

/// What a child process left.
pub struct Ran {
    /// Whether every test passed.
    pub passed: bool,
    /// Both outputs.
    pub output: String,
    /// In the order of the tests' names.
    pub records: Vec<Record>,
}

/// How a child process is started.
pub struct Child(Command);

impl Child {
    /// The fixtures whose names contain `filter`, side by side on `threads` threads.
    pub fn matching(filter: &str, threads: usize) -> Self {
        let this = std::env::current_exe().expect("a test knows its binary");
        Self::matching_in(&this, filter, threads)
    }

    /// The same, of another test binary.
    pub fn matching_in(program: &Path, filter: &str, threads: usize) -> Self {
        let mut command = Command::new(program);
        command.args(["--ignored", filter]).arg(format!("--test-threads={threads}"));
        scrub(&mut command);
        Child(command)
    }

    /// The one fixture of that name.
    pub fn one(name: &str) -> Self {
        Self::matching(name, 1).exactly()
    }

    /// The same, of another test binary.
    pub fn one_in(program: &Path, name: &str) -> Self {
        Self::matching_in(program, name, 1).exactly()
    }

    fn exactly(mut self) -> Self {
        self.0.arg("--exact");
        self
    }

    /// With what the fixtures print.
    pub fn printing(mut self) -> Self {
        self.0.arg("--nocapture");
        self
    }

    /// With what `tell` says to it.
    pub fn told(mut self, tell: impl FnOnce(&mut Command)) -> Self {
        tell(&mut self.0);
        self
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Ran {
        let dir = tempfile::tempdir().expect("a directory for the records");
        let output = self.0.env(DIR_VARIABLE, dir.path()).output().expect("the test binary runs");
        let text = [output.stdout, output.stderr].concat();
        let (mut records, damage) = record::read_dir(dir.path()).expect("the records can be read");
        assert!(damage.is_empty(), "{damage:?}");
        records.sort_by(|a, b| a.test.cmp(&b.test));
        Ran { passed: output.status.success(), output: String::from_utf8_lossy(&text).into_owned(), records }
    }
}

/// Runs one fixture, which is to leave one record and pass.
#[track_caller]
pub fn record_of(fixture: &str) -> Record {
    let Ran { passed, output, mut records } = Child::one(fixture).run();
    assert!(passed, "{output}");
    let record = records.pop().unwrap_or_else(|| panic!("{fixture} left no record:\n{output}"));
    assert!(records.is_empty());
    assert_eq!(record.outcome, Outcome::Passed);
    record
}

/// What was recorded of one endpoint.
#[track_caller]
pub fn endpoint<'a>(record: &'a Record, name: &str) -> &'a Endpoint {
    let mut endpoints = record.endpoints.iter();
    endpoints
        .find(|endpoint| endpoint.name == name)
        .unwrap_or_else(|| panic!("no `{name}` in {:?}", record.endpoints))
}

/// A number of a whole test.
pub fn count(record: &Record, metric: &Metric) -> i64 {
    record.counts.get(metric).unwrap_or_else(|| panic!("{metric} of {} was not measured", record.test))
}

/// The application's statements as `2x SELECT 1; 1x SELECT 2`: to compare and to print.
pub fn list(statements: &[Statement]) -> String {
    let applications = statements.iter().filter(|statement| statement.class == Class::Application);
    let each = applications.map(|statement| format!("{}x {}", statement.count, statement.sql));
    each.collect::<Vec<_>>().join("; ")
}
