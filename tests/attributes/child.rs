//! This test binary once more, for the tests in it that stand under `#[ignore]`.

use std::path::Path;
use std::process::Command;

use perfassert::record::{self, Record};

use perfassert_test_support::scrub;

/// What the child process left.
pub(crate) struct Run {
    dir: tempfile::TempDir,
    names: Vec<String>,
    pub(crate) printed: Printed,
}

/// What libtest and the tests printed.
pub(crate) struct Printed(pub(crate) String);

/// Runs the ignored tests whose path starts with `path`, side by side, each with as much to do as `work` says.
///
/// Their working directory is a temporary one: `#[sqlx::test]` puts its databases there.
pub(crate) fn run(path: &str, work: u32) -> Run {
    let binary = std::env::current_exe().expect("a test knows its binary");
    let names = names(&binary, path);
    assert!(!names.is_empty(), "no ignored test is called {path}");
    let dir = tempfile::tempdir().expect("a directory for the child");
    let mut command = Command::new(binary);
    command.args(["--ignored", "--exact"]).args(&names).current_dir(dir.path());
    scrub(&mut command);
    command.env(record::DIR_VARIABLE, dir.path()).env(crate::work::VARIABLE, work.to_string());
    let printed = Printed::by(&mut command);
    Run { dir, names, printed }
}

fn names(binary: &Path, path: &str) -> Vec<String> {
    let mut command = Command::new(binary);
    command.args(["--list", "--ignored", "--format=terse"]);
    let list = command.output().expect("listing the tests of this binary");
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
    names.filter(|name| name.starts_with(path)).map(str::to_owned).collect()
}

impl Run {
    /// The tests that ran.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The record that the test left.
    pub(crate) fn record(&self, name: &str) -> Record {
        let (records, damage) = record::read_dir(self.dir.path()).expect("the records can be read");
        assert_eq!(damage, []);
        let is_of_test = |record: &Record| {
            let case = record.test.case.as_ref().map(|case| format!("::{case}")).unwrap_or_default();
            format!("{}{case}", record.test.name) == name
        };
        let mut of_test = records.into_iter().filter(is_of_test);
        let record = of_test.next().unwrap_or_else(|| panic!("{name} left no record:\n{}", self.printed.0));
        assert_eq!(of_test.next(), None, "{name} left one record");
        record
    }
}

impl Printed {
    /// Runs the command to its end.
    pub(crate) fn by(command: &mut Command) -> Self {
        let output = command.output().expect("the command runs");
        Self(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }

    /// What libtest says of the test: `ok`, `FAILED`.
    pub(crate) fn outcome(&self, name: &str) -> &str {
        let start = format!("test {name} ");
        let line = self.0.lines().find(|line| line.starts_with(&start));
        line.and_then(|line| line.rsplit_once(" ... ")).map_or("did not run", |(_, outcome)| outcome)
    }

    /// All that the test printed, if it failed.
    pub(crate) fn section(&self, name: &str) -> &str {
        let start = format!("---- {name} stdout ----\n");
        let Some((_, section)) = self.0.split_once(&start) else { return "" };
        let end = section.find("\n---- ").or_else(|| section.find("\nfailures:")).unwrap_or(section.len());
        &section[..end]
    }

    /// What the test said when it panicked, without the numbers of lines.
    pub(crate) fn message(&self, name: &str) -> String {
        let panics = self.section(name).lines().skip_while(|line| !line.contains("panicked at")).skip(1);
        let said = panics.take_while(|line| !line.starts_with("note: run with `RUST_BACKTRACE"));
        redact(&said.collect::<Vec<_>>().join("\n")).trim().to_owned()
    }
}

/// The number behind `.rs:` becomes `LINE`.
fn redact(text: &str) -> String {
    let mut pieces = text.split(".rs:");
    let mut redacted = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        redacted.push_str(".rs:LINE");
        redacted.push_str(piece.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    redacted
}
