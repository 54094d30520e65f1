//! What one test run left behind: a [`Record`], one line in a file of the directory that the subcommand names.
//!
//! The library writes records ([`append`]), the subcommand reads them ([`read_dir`]). This module holds them in
//! memory; [`format`](self) on disk is a private mirror with a version of its own.
//!
//! ```
//! let dir = tempfile::tempdir()?;
//! let (records, damage) = perfassert::record::read_dir(dir.path())?;
//! assert!(records.is_empty() && damage.is_empty());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

pub mod explain;
mod format;
mod read;
mod site;
#[cfg(feature = "toml-files")]
pub mod snapshot;
mod write;

pub use format::VERSION;
pub use read::{Damage, ReadError, begun, read_dir, read_file};
pub use site::Site;
pub use write::{
    BENCH_ITERATIONS, BENCH_VARIABLE, BINARIES_VARIABLE, DIR_VARIABLE, MEASURE_VARIABLE, WORKSPACE_VARIABLE,
    append, begin, write_file,
};

use crate::counts::Counts;
use crate::sql::{Class, Fingerprint, Kind, Normalized};

/// What one test run left: who it was, how it ended, where it ran, and what was counted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Whose record this is.
    pub test: TestId,
    /// The trace id of its requests, 32 hexadecimal digits, if it asked for a `perfassert::traceparent`: another one in
    /// each run, so nothing that is compared.
    pub trace_id: Option<String>,
    /// How the test ended.
    pub outcome: Outcome,
    /// Whether the test has an attribute: then its body was measured, otherwise everything from the beginning of its thread on.
    pub is_marked: bool,
    /// What the numbers depend on besides the code.
    pub environment: Environment,
    /// The whole test's counts; empty when the test failed by itself.
    pub counts: Counts,
    /// The endpoints that the test called, by name.
    pub endpoints: Vec<Endpoint>,
    /// Every statement of the test, the most frequent first.
    pub statements: Vec<Statement>,
    /// Statements that ran meanwhile on threads that no test owned.
    pub unattributed: Vec<Statement>,
    /// The limits that the attributes declared.
    pub budgets: Vec<Budget>,
    /// The file with the committed counts, relative to the workspace and with `/`, of a test that is compared with one.
    pub snapshot: Option<String>,
}

impl Record {
    /// Of a test with an attribute that counted nothing.
    #[must_use]
    pub fn new(test: TestId, outcome: Outcome, environment: Environment) -> Self {
        Record {
            test,
            trace_id: None,
            outcome,
            is_marked: true,
            environment,
            counts: Counts::new(),
            endpoints: Vec::new(),
            statements: Vec::new(),
            unattributed: Vec::new(),
            budgets: Vec::new(),
            snapshot: None,
        }
    }
}

/// The identity of a test across runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TestId {
    /// The cargo package.
    pub package: String,
    /// The crate that the test was compiled in: the library, a binary or an integration test.
    pub target: String,
    /// The path inside the crate, as libtest prints it: `orders::list`.
    pub name: String,
    /// The case of a parameterised test.
    pub case: Option<String>,
}

impl TestId {
    /// The path with the case, by which the harness knows the test.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.case {
            Some(case) => format!("{}::{case}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether a parameterised test's case is called so: `case_1`, `case_2_empty`.
    #[must_use]
    pub fn is_case(word: &str) -> bool {
        word.strip_prefix("case_")
            .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
    }

    /// What the file with the committed counts is called: `api__orders__list.snap`, in `snapshots` beside the file of the test.
    #[must_use]
    pub fn snapshot_file(&self) -> String {
        format!("{}.snap", self.snapshot_name())
    }

    /// The same without `.snap`.
    #[must_use]
    pub fn snapshot_name(&self) -> String {
        format!("{}::{}", self.target, self.path()).replace("::", "__").replace('/', "__")
    }
}

impl std::fmt::Display for TestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.target, self.path())
    }
}

/// How a measured test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The test passed and so did its gates.
    Passed,
    /// The test failed by itself; nothing was recorded of it.
    Failed,
    /// The test passed and a budget did not: the violations' first lines.
    OverBudget(Vec<String>),
    /// A gate could not see: its reasons.
    Inconclusive(Vec<Reason>),
    /// The test has no gate, and its counts are not all of them: the reasons.
    Unseen(Vec<Reason>),
}

/// Why a gate could not see, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In one line.
    pub cause: String,
    /// In one line or several; empty in a record that has none.
    pub help: String,
}

/// What a count depends on besides the code.
///
/// Allocations are compared between equal environments only; queries always.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// The compiler's version, `1.95.0`.
    pub rustc: String,
    /// The target triple.
    pub target: String,
    /// The cargo profile's directory name, `debug` or `release`.
    pub profile: String,
    /// The version of `perfassert` that measured.
    pub perfassert: String,
    /// The version of the fingerprints, see [`sql::VERSION`](crate::sql::VERSION).
    pub fingerprints: u32,
}

impl Environment {
    /// What this version of perfassert measures with that compiler, for that target and in that profile.
    #[must_use]
    pub fn new(rustc: String, target: String, profile: String) -> Self {
        let perfassert = env!("CARGO_PKG_VERSION").to_owned();
        Environment { rustc, target, profile, perfassert, fingerprints: crate::sql::VERSION }
    }

    /// Whether allocations that were counted in both can be compared: the same target, profile, and minor version of the compiler.
    #[must_use]
    pub fn allocates_like(&self, other: &Environment) -> bool {
        let minor = |version: &str| version.splitn(3, '.').take(2).map(str::to_owned).collect::<Vec<_>>();
        let of = |it: &Environment| (minor(&it.rustc), it.target.clone(), it.profile.clone());
        of(self) == of(other)
    }
}

/// One endpoint that a test called.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Method and route pattern: `GET /orders/{id}`.
    pub name: String,
    /// How many requests there were.
    pub requests: u64,
    /// How many of them the endpoint answered with a server error (5xx) or not at all.
    pub failed: u64,
    /// Metric by metric, the count of the request that had most.
    pub counts: Counts,
    /// Metric by metric, the count of all requests together, as far as such counts add up. `None` of one request, whose counts are the
    /// sums, and where it is not known.
    pub sums: Option<Counts>,
    /// Statement by statement, the count of the request that had most.
    pub statements: Vec<Statement>,
}

impl Endpoint {
    /// One that did nothing in all its requests.
    #[must_use]
    pub fn new(name: String, requests: u64) -> Self {
        Endpoint { name, requests, failed: 0, counts: Counts::new(), sums: None, statements: Vec::new() }
    }
}

/// One normalised statement and how often it was executed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// Normalised SQL: no literal is left in it.
    pub sql: String,
    /// The identity of the normalised text.
    pub fingerprint: Fingerprint,
    /// What the statement does.
    pub kind: Kind,
    /// Why it was sent.
    pub class: Class,
    /// How often it was executed.
    pub count: u64,
    /// Of a statement of an endpoint, how often all requests together executed it. `None` where the endpoint has no sums.
    pub sum: Option<u64>,
    /// How many of these executions failed, as far as the driver tells.
    pub failed: u64,
    /// Whether it repeats from one call site the way that an N+1 does.
    pub n_plus_one: bool,
    /// Whether it does so with the same values each time.
    pub duplicate: bool,
    /// Whether it was executed once for each of so few rows that this tells nothing: more rows would.
    pub too_few_rows: bool,
    /// How many rows its executions returned in all, where the driver tells.
    pub rows: Option<u64>,
    /// How many different values it was executed with, where that is known of each execution outside of batches.
    pub distinct_values: Option<u64>,
    /// The lines of the user's code that issued it, the most frequent first; empty where none was captured.
    pub sites: Vec<Site>,
}

impl Statement {
    /// One that was executed `count` times, of which nothing else is known.
    ///
    /// ```
    /// use perfassert::{record::Statement, sql::normalize};
    ///
    /// let statement = Statement::new(&normalize("select name from users where id = 7"), 3);
    /// assert_eq!((statement.sql.as_str(), statement.count), ("SELECT name FROM users WHERE id = ?", 3));
    /// ```
    #[must_use]
    pub fn new(statement: &Normalized, count: u64) -> Self {
        Statement {
            sql: statement.text.clone(),
            fingerprint: statement.fingerprint,
            kind: statement.kind,
            class: statement.class,
            count,
            sum: None,
            failed: 0,
            n_plus_one: false,
            duplicate: false,
            too_few_rows: false,
            rows: None,
            distinct_values: None,
            sites: Vec::new(),
        }
    }
}

/// A limit that an attribute declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What is limited.
    pub metric: crate::counts::Metric,
    /// The highest number that passes.
    pub max: i64,
    /// The endpoint that it is about, for each of its requests; the whole test if absent.
    pub endpoint: Option<String>,
}
