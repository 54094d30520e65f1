//! A run as JSON: the records, in words of the report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use perfassert_record::counts::Counts;
use perfassert_record::record::{Outcome, Reason, Record, Statement};
use serde::Serialize;

use super::{EnvironmentJson, FORMAT, SiteJson, TestJson};
use crate::report::MeasuredReport;
use crate::snapshots::{SnapshotMismatch, State};
use crate::spread::Spread;

/// Writes what was measured as one JSON object. Its version is that of the [report](super::json()).
///
/// ```json
/// {
///   "format": 1,
///   "exit_code": 0,
///   "tests": [                        // sorted
///     {
///       "test": { "package": "shop", "target": "api", "name": "lists_orders", "case": null },
///       "outcome": "passed",          // failed, over_budget, inconclusive, unseen: no gate, and not all counts
///       "reasons": [],                // of the last three
///       "has_attribute": true,        // otherwise its set-up is among its counts
///       "counts": { "queries": 1, "allocs": 100 },               // what is not there was not measured
///       "endpoints": [{
///         "endpoint": "GET /orders", "requests": 2, "failed": 0,
///         "counts": { "queries": 1 },                            // of the request that had most
///         "statements": []
///       }],
///       "statements": [{
///         "sql": "SELECT name FROM customers WHERE id = ?", "fingerprint": "0123456789abcdef", "kind": "select",
///         "class": "application",     // transaction, session, catalog, ping, migration
///         "count": 10, "failed": 0,
///         "n_plus_one": true, "duplicate": false,
///         "sites": [{ "file": "src/orders.rs", "line": 42, "function": "orders::load_customer" }]
///       }],
///       "unattributed": [],           // statements on threads that no test owned
///       "budgets": [{ "metric": "queries", "max": 5, "endpoint": null }],
///       "snapshot": null,             // the file with its committed counts
///       "trace_id": null,
///       "environment": { "rustc": "1.95.0", "target": "x86_64-unknown-linux-gnu", "profile": "debug" }
///     }
///   ],
///   "ranges": [],                     // { "test", "endpoint", "metric", "least", "most" }: not the same in each look
///   "failed_tests": [], "unrecorded_tests": [], "damaged_records": [], "unmet": [],
///   "snapshots": [{                   // of tests without an attribute, those that are not as committed
///     "test": { .. }, "file": "tests/snapshots/api__lists_orders.snap",
///     "state": "new"                  // changed, unreadable
///   }],
///   "unmeasured": []                  // test executables of which no test left a record, as nextest calls them
/// }
/// ```
///
/// # Errors
///
/// When `out` fails.
pub fn measured(report: &MeasuredReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &MeasuredJson::from(report))?;
    writeln!(out)
}

#[derive(Serialize)]
struct MeasuredJson<'a> {
    format: u32,
    exit_code: u8,
    tests: Vec<RecordJson<'a>>,
    ranges: Vec<RangeJson<'a>>,
    failed_tests: &'a [String],
    unrecorded_tests: Vec<TestJson<'a>>,
    damaged_records: Vec<String>,
    unmet: &'a [String],
    snapshots: Vec<SnapshotJson<'a>>,
    unmeasured: &'a [String],
}

#[derive(Serialize)]
struct SnapshotJson<'a> {
    test: TestJson<'a>,
    file: &'a str,
    state: &'static str,
}

#[derive(Serialize)]
struct RecordJson<'a> {
    test: TestJson<'a>,
    outcome: &'static str,
    reasons: Vec<&'a str>,
    has_attribute: bool,
    counts: BTreeMap<String, i64>,
    endpoints: Vec<EndpointJson<'a>>,
    statements: Vec<CountedJson<'a>>,
    unattributed: Vec<CountedJson<'a>>,
    budgets: Vec<BudgetJson<'a>>,
    snapshot: Option<&'a str>,
    trace_id: Option<&'a str>,
    environment: EnvironmentJson<'a>,
}

#[derive(Serialize)]
struct EndpointJson<'a> {
    endpoint: &'a str,
    requests: u64,
    failed: u64,
    counts: BTreeMap<String, i64>,
    statements: Vec<CountedJson<'a>>,
}

#[derive(Serialize)]
struct CountedJson<'a> {
    sql: &'a str,
    fingerprint: String,
    kind: &'static str,
    class: &'static str,
    count: u64,
    failed: u64,
    n_plus_one: bool,
    duplicate: bool,
    sites: Vec<SiteJson<'a>>,
}

#[derive(Serialize)]
struct BudgetJson<'a> {
    metric: String,
    max: i64,
    endpoint: Option<&'a str>,
}

#[derive(Serialize)]
struct RangeJson<'a> {
    test: TestJson<'a>,
    endpoint: Option<&'a str>,
    metric: String,
    least: i64,
    most: i64,
}

impl<'a> From<&MeasuredReport<'a>> for MeasuredJson<'a> {
    fn from(report: &MeasuredReport<'a>) -> Self {
        let MeasuredReport { measured, unmet, snapshots, exit_code } = *report;
        MeasuredJson {
            format: FORMAT,
            exit_code,
            tests: measured.run.records.iter().map(Into::into).collect(),
            ranges: measured.run.spreads.iter().filter(|spread| !spread.is_sum).map(Into::into).collect(),
            failed_tests: &measured.failures.names,
            unrecorded_tests: measured.unrecorded.iter().map(Into::into).collect(),
            damaged_records: measured.damage.iter().map(ToString::to_string).collect(),
            unmet,
            snapshots: snapshots.iter().map(Into::into).collect(),
            unmeasured: &measured.unmeasured,
        }
    }
}

impl<'a> From<&'a SnapshotMismatch> for SnapshotJson<'a> {
    fn from(mismatch: &'a SnapshotMismatch) -> Self {
        let state = match mismatch.state {
            State::New => "new",
            State::Changed(_) => "changed",
            State::Unreadable(_) => "unreadable",
        };
        SnapshotJson { test: (&mismatch.test).into(), file: &mismatch.file, state }
    }
}

fn causes(reasons: &[Reason]) -> Vec<&str> {
    reasons.iter().map(|reason| reason.cause.as_str()).collect()
}

impl<'a> From<&'a Record> for RecordJson<'a> {
    fn from(record: &'a Record) -> Self {
        let (outcome, reasons) = match &record.outcome {
            Outcome::Passed => ("passed", Vec::new()),
            Outcome::Failed => ("failed", Vec::new()),
            Outcome::OverBudget(reasons) => ("over_budget", reasons.iter().map(String::as_str).collect()),
            Outcome::Inconclusive(reasons) => ("inconclusive", causes(reasons)),
            Outcome::Unseen(reasons) => ("unseen", causes(reasons)),
        };
        let endpoint = |endpoint: &'a perfassert_record::record::Endpoint| EndpointJson {
            endpoint: &endpoint.name,
            requests: endpoint.requests,
            failed: endpoint.failed,
            counts: counts(&endpoint.counts),
            statements: endpoint.statements.iter().map(Into::into).collect(),
        };
        let budget = |budget: &'a perfassert_record::record::Budget| BudgetJson {
            metric: budget.metric.to_string(),
            max: budget.max,
            endpoint: budget.endpoint.as_deref(),
        };
        RecordJson {
            test: (&record.test).into(),
            outcome,
            reasons,
            has_attribute: record.is_marked,
            counts: counts(&record.counts),
            endpoints: record.endpoints.iter().map(endpoint).collect(),
            statements: record.statements.iter().map(Into::into).collect(),
            unattributed: record.unattributed.iter().map(Into::into).collect(),
            budgets: record.budgets.iter().map(budget).collect(),
            snapshot: record.snapshot.as_deref(),
            trace_id: record.trace_id.as_deref(),
            environment: (&record.environment).into(),
        }
    }
}

impl<'a> From<&'a Statement> for CountedJson<'a> {
    fn from(statement: &'a Statement) -> Self {
        CountedJson {
            sql: &statement.sql,
            fingerprint: statement.fingerprint.to_string(),
            kind: statement.kind.as_str(),
            class: statement.class.as_str(),
            count: statement.count,
            failed: statement.failed,
            n_plus_one: statement.n_plus_one,
            duplicate: statement.duplicate,
            sites: statement.sites.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Spread> for RangeJson<'a> {
    fn from(spread: &'a Spread) -> Self {
        let Spread { test, endpoint, metric, range, .. } = spread;
        RangeJson {
            test: test.into(),
            endpoint: endpoint.as_deref(),
            metric: metric.to_string(),
            least: range.least,
            most: range.most,
        }
    }
}

fn counts(counts: &Counts) -> BTreeMap<String, i64> {
    counts.iter().map(|(metric, n)| (metric.to_string(), n)).collect()
}
