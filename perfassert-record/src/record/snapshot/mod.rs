//! A record as a committed file: what a reviewer reads in a pull request.
//!
//! The file is a snapshot of insta's. Its header says whose it is and where it was measured, its body is TOML:
//!
//! ```
//! use perfassert::record::snapshot::Body;
//!
//! let text = r#"[test]
//! queries = 1
//!
//! ["GET /orders"]
//! requests = 1
//! queries = 1
//! statements = [
//!   { count = 1, sql = "SELECT id, total FROM orders WHERE user_id = ?" },
//! ]
//! "#;
//! let body: Body = text.parse()?;
//! assert_eq!(body.to_string(), text);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod body;
mod header;

use std::fmt;

use serde::Serialize;

pub use body::Body;

use super::{Endpoint, Environment, Outcome, Record, Statement, TestId};
use crate::counts::{Counts, Metric};
use crate::sql::{Class, Fingerprint, Normalized, normalize};
use body::BodyPart;

/// A committed snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Whose it is.
    pub test: TestId,
    /// The file that the test stands in, relative to the workspace, as far as insta has noted it.
    pub source: Option<String>,
    /// Whether the test has an attribute; see [`Record::is_marked`].
    pub is_marked: bool,
    /// Where its allocations were counted, and by which rules its statements were normalised.
    pub environment: Environment,
    /// The counts.
    pub body: Body,
}

/// Why a file that may be a snapshot of ours cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It has the marks of a merge that was left off.
    MergeConflict,
    /// A part of its header is missing, or something stands before it, as a byte order mark.
    Damaged,
    /// It is not written as this version of perfassert writes it.
    Unreadable(String),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::MergeConflict => f.write_str("it has a merge conflict"),
            SnapshotError::Damaged => f.write_str(
                "its header is damaged: it is cut, or something, as a byte order mark, stands before it",
            ),
            SnapshotError::Unreadable(why) => write!(f, "it cannot be read: {why}"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// What the header of a snapshot carries: insta writes it as `info`.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    test: InfoTest,
    environment: InfoEnvironment,
}

#[derive(Clone, Debug, Serialize)]
struct InfoTest {
    package: String,
    target: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct InfoEnvironment {
    perfassert: String,
    fingerprints: u32,
    rustc: String,
    target: String,
    profile: String,
}

impl Info {
    /// Of a test that was measured in `environment`.
    #[must_use]
    pub fn new(test: &TestId, environment: &Environment) -> Self {
        let TestId { package, target, name, case } = test.clone();
        let Environment { rustc, target: triple, profile, perfassert, fingerprints } = environment.clone();
        Info {
            test: InfoTest { package, target, name, case },
            environment: InfoEnvironment { perfassert, fingerprints, rustc, target: triple, profile },
        }
    }
}

impl Snapshot {
    /// What is committed of `record`, whose test stands in the file `source` of the workspace, if that is known.
    #[must_use]
    pub fn of(record: &Record, source: Option<String>) -> Self {
        Snapshot {
            test: record.test.clone(),
            source,
            is_marked: record.is_marked,
            environment: record.environment.clone(),
            body: Body::of(record),
        }
    }

    /// Reads the text of a file of insta's; `None` if it is not one of ours.
    ///
    /// # Errors
    ///
    /// When it is ours, or may be, and cannot be read.
    pub fn parse(text: &str) -> Result<Option<Self>, SnapshotError> {
        // Git checks text out with the line breaks of the platform.
        let text = text.replace("\r\n", "\n");
        let is_ours = header::split(&text).is_some_and(|(header, _)| header::is_ours(header));
        if !is_ours && !may_be_ours(&text) {
            return Ok(None);
        }
        let is_conflict = |line: &str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
        if text.lines().any(is_conflict) {
            return Err(SnapshotError::MergeConflict);
        }
        let parts = header::split(&text).filter(|_| is_ours);
        let (header, body) = parts.ok_or(SnapshotError::Damaged)?;
        let (test, is_marked, environment) = header::read(header)?;
        let body =
            body.parse().map_err(|error: body::ParseError| SnapshotError::Unreadable(error.to_string()))?;
        Ok(Some(Snapshot { test, source: header::source(header), is_marked, environment, body }))
    }

    /// The record that it was made from, as far as it tells. What it does not have was not measured: call sites, the kinds of
    /// allocations, budgets.
    #[must_use]
    pub fn into_record(self) -> Record {
        let endpoints = self.body.endpoints.iter().map(|(name, part)| Endpoint {
            name: name.clone(),
            requests: part.requests,
            failed: part.failed,
            counts: counts(part),
            sums: None,
            statements: statements(part),
        });
        let endpoints: Vec<_> = endpoints.collect();
        Record {
            statements: all_statements(&self.body.test, &endpoints),
            counts: counts(&self.body.test),
            endpoints,
            is_marked: self.is_marked,
            ..Record::new(self.test, Outcome::Passed, self.environment)
        }
    }
}

/// The whole file, as insta reads it.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        header::write(self, f)?;
        write!(f, "{}", self.body)
    }
}

/// Whether a text without a header of ours was a snapshot of ours once, and lost a part of it.
fn may_be_ours(text: &str) -> bool {
    let header = text.lines().take(header::LINES);
    let body = text.find("[test]").and_then(|start| text.get(start..));
    header::is_in(header) || body.is_some_and(|body| body.parse::<Body>().is_ok())
}

fn counts(part: &BodyPart) -> Counts {
    let numbers = [(Metric::Queries, part.queries), (Metric::Allocs, part.allocs)];
    let numbers = numbers.into_iter().filter_map(|(metric, n)| Some((metric, n?)));
    let counters = part.counters.iter().map(|(name, n)| (Metric::Counter(name.clone()), *n));
    numbers.chain(counters).collect()
}

fn statements(part: &BodyPart) -> Vec<Statement> {
    let statement = |(sql, count): &(String, u64)| {
        let kind = normalize(sql).kind;
        let known = Normalized::new(sql.clone(), Fingerprint::of_normal(sql), kind, Class::Application);
        Statement::new(&known, *count)
    };
    part.statements.iter().map(statement).collect()
}

/// Those of the test itself, and those of its endpoints: of each as many as all its requests can have sent, so that no increase is
/// told of the test that an endpoint tells of.
fn all_statements(test: &BodyPart, endpoints: &[Endpoint]) -> Vec<Statement> {
    let mut all = statements(test);
    for endpoint in endpoints {
        for statement in &endpoint.statements {
            let count = statement.count.saturating_mul(endpoint.requests.max(1));
            match all.iter_mut().find(|known| known.fingerprint == statement.fingerprint) {
                Some(known) => known.count += count,
                None => all.push(Statement { count, ..statement.clone() }),
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "---\nsource: tests/api.rs\ninfo:\n  test:\n    package: shop\n    target: api\n    name: lists\n  \
                          environment:\n    perfassert: 0.1.0\n    fingerprints: 1\n    rustc: 1.95.0\n    \
                          target: x86_64-unknown-linux-gnu\n    profile: debug\n---\n";
    const BODY: &str = "[test]\nqueries = 1\n";

    #[track_caller]
    fn check(text: &str, expected: Result<bool, SnapshotError>) {
        assert_eq!(Snapshot::parse(text).map(|snapshot| snapshot.is_some()), expected, "{text}");
    }

    #[test]
    fn d78_a_damaged_head_is_an_error() {
        let whole = format!("{HEADER}{BODY}");
        check(&whole, Ok(true));
        for from in HEADER.char_indices().map(|(index, _)| index).skip(1).chain([HEADER.len()]) {
            check(&whole[from..], Err(SnapshotError::Damaged));
        }
        check(&format!("\u{feff}{whole}"), Err(SnapshotError::Damaged));
        check(&format!("\n{whole}"), Err(SnapshotError::Damaged));
        check(&whole.replace("profile: debug\n---\n", "profile: debug\n"), Err(SnapshotError::Damaged));
        check(&whole.replace("    perfassert: 0.1.0\n", ""), Err(SnapshotError::Damaged));
        check(&format!("<<<<<<< HEAD\n{whole}"), Err(SnapshotError::MergeConflict));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let header = |text: &str| Snapshot::parse(text).unwrap().unwrap();
        let written = header(&format!("{HEADER}{BODY}"));
        assert_eq!(written.to_string(), format!("{HEADER}{BODY}"));
        let check = |name: &str, case: Option<&str>, is_marked: bool| {
            let test =
                TestId { name: name.to_owned(), case: case.map(str::to_owned), ..written.test.clone() };
            let snapshot = Snapshot { test, is_marked, ..written.clone() };
            assert_eq!(header(&snapshot.to_string()), snapshot, "{snapshot}");
        };
        check("lists", None, false);
        check("orders::lists", Some("case_1"), true);
        check("null", Some("a \"b\": #c\\"), false);
    }

    /// What the test executes besides its requests is not called more than it was.
    #[test]
    fn a_statement_of_a_request_is_known_outside_of_it() {
        const SQL: &str = "SELECT name FROM items WHERE id = ?";
        let body = format!(
            "[test]\nqueries = 5\nstatements = [\n  {{ count = 3, sql = \"{SQL}\" }},\n]\n\n[\"GET /items\"]\nrequests = 2\nqueries = 1\n\
             statements = [\n  {{ count = 1, sql = \"{SQL}\" }},\n]\n"
        );
        let record = Snapshot::parse(&format!("{HEADER}{body}")).unwrap().unwrap().into_record();
        assert_eq!(record.statements.iter().map(|it| it.count).collect::<Vec<_>>(), [5]);
        assert_eq!(Body::of(&record).to_string(), body);
    }

    #[test]
    fn what_others_write_is_none() {
        check("", Ok(false));
        check("---\nsource: tests/page.rs\nexpression: page\n---\n<html>\n", Ok(false));
        check("---\nsource: tests/config.rs\n---\n[package]\nname = 'shop'\n", Ok(false));
    }
}
