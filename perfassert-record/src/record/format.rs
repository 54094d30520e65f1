//! The record on disk: a private mirror of [`Record`], so that what is in memory can change without a new format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Site;
use super::{Budget, Endpoint, Environment, Outcome, Reason, Record, Statement, TestId};
use crate::counts::{Counts, Metric};

/// The version of the format that this crate writes and the newest that it reads.
///
/// - 1: the first.
/// - 2: the trace id of the test, and the file of its snapshot; of a statement, what its values and the rows before it tell.
/// - 3: allocations are the application's; those of other code are metrics of their own. Before, they were of all code: a reader
///   drops them.
/// - 4: tests without an attribute; what all requests of an endpoint count together.
pub const VERSION: u32 = 4;

/// The first in which allocations are the application's.
const OWNERS_SINCE: u32 = 3;

/// What every version has: read first, so that a newer file is refused with a clear word.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) format: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RecordLine {
    format: u32,
    test: TestIdLine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    outcome: OutcomeLine,
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    marked: bool,
    environment: EnvironmentLine,
    counts: BTreeMap<String, i64>,
    endpoints: Vec<EndpointLine>,
    statements: Vec<StatementLine>,
    unattributed: Vec<StatementLine>,
    budgets: Vec<BudgetLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snapshot: Option<String>,
}

/// Each test had an attribute in the first versions.
fn yes() -> bool {
    true
}

/// A test that has begun.
#[derive(Serialize, Deserialize)]
pub(super) struct BegunLine {
    format: u32,
    begun: TestIdLine,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TestIdLine {
    package: String,
    target: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct OutcomeLine {
    status: Status,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    /// What to do about each of the reasons of a gate that could not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    help: Vec<String>,
}

impl OutcomeLine {
    fn new(status: Status, reasons: Vec<String>) -> Self {
        OutcomeLine { status, reasons, help: Vec::new() }
    }

    fn unseen(status: Status, reasons: &[Reason]) -> Self {
        OutcomeLine {
            status,
            reasons: reasons.iter().map(|reason| reason.cause.clone()).collect(),
            help: reasons.iter().map(|reason| reason.help.clone()).collect(),
        }
    }
}

impl From<&Outcome> for OutcomeLine {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::new(Status::Passed, Vec::new()),
            Outcome::Failed => Self::new(Status::Failed, Vec::new()),
            Outcome::OverBudget(reasons) => Self::new(Status::OverBudget, reasons.clone()),
            Outcome::Inconclusive(reasons) => Self::unseen(Status::Inconclusive, reasons),
            Outcome::Unseen(reasons) => Self::unseen(Status::Unseen, reasons),
        }
    }
}

impl From<OutcomeLine> for Outcome {
    fn from(OutcomeLine { status, reasons, help }: OutcomeLine) -> Self {
        match status {
            Status::Passed => Outcome::Passed,
            Status::Failed => Outcome::Failed,
            Status::OverBudget => Outcome::OverBudget(reasons),
            Status::Inconclusive => Outcome::Inconclusive(reasons_of(reasons, help)),
            Status::Unseen => Outcome::Unseen(reasons_of(reasons, help)),
        }
    }
}

fn reasons_of(causes: Vec<String>, help: Vec<String>) -> Vec<Reason> {
    let help = help.into_iter().chain(std::iter::repeat(String::new()));
    causes.into_iter().zip(help).map(|(cause, help)| Reason { cause, help }).collect()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Passed,
    Failed,
    OverBudget,
    Inconclusive,
    Unseen,
}

#[derive(Serialize, Deserialize)]
struct EnvironmentLine {
    rustc: String,
    target: String,
    profile: String,
    perfassert: String,
    fingerprints: u32,
}

#[derive(Serialize, Deserialize)]
struct EndpointLine {
    name: String,
    requests: u64,
    failed: u64,
    counts: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sums: Option<BTreeMap<String, i64>>,
    statements: Vec<StatementLine>,
}

#[derive(Serialize, Deserialize)]
struct StatementLine {
    sql: String,
    fingerprint: String,
    kind: String,
    class: String,
    count: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sum: Option<u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    failed: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    n_plus_one: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    too_few_rows: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    distinct_values: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sites: Vec<SiteLine>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[derive(Serialize, Deserialize)]
struct SiteLine {
    file: String,
    line: u32,
    function: String,
}

#[derive(Serialize, Deserialize)]
struct BudgetLine {
    metric: String,
    max: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
}

/// A field whose text this version does not know.
#[derive(Debug)]
pub(super) struct UnknownWord(pub(super) String);

impl From<&TestId> for TestIdLine {
    fn from(test: &TestId) -> Self {
        let TestId { package, target, name, case } = test.clone();
        TestIdLine { package, target, name, case }
    }
}

impl From<TestIdLine> for TestId {
    fn from(TestIdLine { package, target, name, case }: TestIdLine) -> Self {
        TestId { package, target, name, case }
    }
}

impl From<&TestId> for BegunLine {
    fn from(test: &TestId) -> Self {
        BegunLine { format: VERSION, begun: test.into() }
    }
}

impl From<BegunLine> for TestId {
    fn from(line: BegunLine) -> Self {
        line.begun.into()
    }
}

impl From<&Record> for RecordLine {
    fn from(record: &Record) -> Self {
        let Environment { rustc, target: triple, profile, perfassert, fingerprints } =
            record.environment.clone();
        RecordLine {
            format: VERSION,
            test: TestIdLine::from(&record.test),
            trace_id: record.trace_id.clone(),
            outcome: OutcomeLine::from(&record.outcome),
            marked: record.is_marked,
            environment: EnvironmentLine { rustc, target: triple, profile, perfassert, fingerprints },
            counts: counts_to_line(&record.counts),
            endpoints: record.endpoints.iter().map(EndpointLine::from).collect(),
            statements: record.statements.iter().map(StatementLine::from).collect(),
            unattributed: record.unattributed.iter().map(StatementLine::from).collect(),
            budgets: record.budgets.iter().map(BudgetLine::from).collect(),
            snapshot: record.snapshot.clone(),
        }
    }
}

impl TryFrom<RecordLine> for Record {
    type Error = UnknownWord;

    fn try_from(line: RecordLine) -> Result<Self, UnknownWord> {
        let EnvironmentLine { rustc, target: triple, profile, perfassert, fingerprints } = line.environment;
        Ok(Record {
            test: line.test.into(),
            trace_id: line.trace_id,
            outcome: line.outcome.into(),
            is_marked: line.marked,
            environment: Environment { rustc, target: triple, profile, perfassert, fingerprints },
            counts: counts_from_line(line.counts, line.format)?,
            endpoints: line
                .endpoints
                .into_iter()
                .map(|endpoint| endpoint_from_line(endpoint, line.format))
                .collect::<Result<_, _>>()?,
            statements: statements_from_lines(line.statements)?,
            unattributed: statements_from_lines(line.unattributed)?,
            budgets: line.budgets.into_iter().map(Budget::try_from).collect::<Result<_, _>>()?,
            snapshot: line.snapshot,
        })
    }
}

fn counts_to_line(counts: &Counts) -> BTreeMap<String, i64> {
    counts.iter().map(|(metric, n)| (metric.to_string(), n)).collect()
}

fn counts_from_line(line: BTreeMap<String, i64>, format: u32) -> Result<Counts, UnknownWord> {
    let counts = line.into_iter().map(|(metric, n)| Ok((word::<Metric>(&metric)?, n)));
    let is_of_all_code = |metric: &Metric| format < OWNERS_SINCE && metric.is_of_allocations();
    counts.filter(|count| !count.as_ref().is_ok_and(|(metric, _)| is_of_all_code(metric))).collect()
}

fn statements_from_lines(lines: Vec<StatementLine>) -> Result<Vec<Statement>, UnknownWord> {
    lines.into_iter().map(Statement::try_from).collect()
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, UnknownWord> {
    text.parse().map_err(|_| UnknownWord(text.to_owned()))
}

impl From<&Endpoint> for EndpointLine {
    fn from(endpoint: &Endpoint) -> Self {
        EndpointLine {
            name: endpoint.name.clone(),
            requests: endpoint.requests,
            failed: endpoint.failed,
            counts: counts_to_line(&endpoint.counts),
            sums: endpoint.sums.as_ref().map(counts_to_line),
            statements: endpoint.statements.iter().map(StatementLine::from).collect(),
        }
    }
}

fn endpoint_from_line(line: EndpointLine, format: u32) -> Result<Endpoint, UnknownWord> {
    Ok(Endpoint {
        name: line.name,
        requests: line.requests,
        failed: line.failed,
        counts: counts_from_line(line.counts, format)?,
        sums: line.sums.map(|sums| counts_from_line(sums, format)).transpose()?,
        statements: statements_from_lines(line.statements)?,
    })
}

impl From<&Statement> for StatementLine {
    fn from(statement: &Statement) -> Self {
        let site = |site: &Site| SiteLine {
            file: site.file.clone(),
            line: site.line,
            function: site.function.clone(),
        };
        StatementLine {
            sql: statement.sql.clone(),
            fingerprint: statement.fingerprint.to_string(),
            kind: statement.kind.to_string(),
            class: statement.class.to_string(),
            count: statement.count,
            sum: statement.sum,
            failed: statement.failed,
            n_plus_one: statement.n_plus_one,
            duplicate: statement.duplicate,
            too_few_rows: statement.too_few_rows,
            rows: statement.rows,
            distinct_values: statement.distinct_values,
            sites: statement.sites.iter().map(site).collect(),
        }
    }
}

impl TryFrom<StatementLine> for Statement {
    type Error = UnknownWord;

    fn try_from(line: StatementLine) -> Result<Self, UnknownWord> {
        let site = |SiteLine { file, line, function }| Site { file, line, function };
        Ok(Statement {
            fingerprint: word(&line.fingerprint)?,
            kind: word(&line.kind)?,
            class: word(&line.class)?,
            sql: line.sql,
            count: line.count,
            sum: line.sum,
            failed: line.failed,
            n_plus_one: line.n_plus_one,
            duplicate: line.duplicate,
            too_few_rows: line.too_few_rows,
            rows: line.rows,
            distinct_values: line.distinct_values,
            sites: line.sites.into_iter().map(site).collect(),
        })
    }
}

impl From<&Budget> for BudgetLine {
    fn from(budget: &Budget) -> Self {
        let Budget { metric, max, endpoint } = budget;
        BudgetLine { metric: metric.to_string(), max: *max, endpoint: endpoint.clone() }
    }
}

impl TryFrom<BudgetLine> for Budget {
    type Error = UnknownWord;

    fn try_from(line: BudgetLine) -> Result<Self, UnknownWord> {
        Ok(Budget { metric: word(&line.metric)?, max: line.max, endpoint: line.endpoint })
    }
}
