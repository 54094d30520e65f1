//! The report as JSON: a private mirror of [`Report`], so that what is in memory can change without a new format.

use std::io::{self, Write};

use perfassert::record::{Environment, TestId};
use serde::Serialize;

use crate::diff::{GateChange, StatementChange};
use crate::git::How;
use crate::repeat::Range;
use crate::report::{Also, Finding, Kind, Origin, Report, Severity, Verdict};

/// The version of the JSON report, its field `format`. A reader ignores fields that it does not know.
///
/// - 1: the first.
pub const FORMAT: u32 = 1;

/// Writes the report as one JSON object.
///
/// ```json
/// {
///   "format": 1,
///   "verdict": "regression",          // or "pass", or "failure": a test failed, or a gate could not see
///   "exit_code": 100,
///   "baseline": {
///     "reference": "main",
///     "commit": "3f2c1ab...",         // its full name
///     "how": "merge_base",            // or "tip", or "first_parent" of a pull request's merge
///     "origin": "rebuilt",            // or "measured_before", or "snapshots": the committed ones; or "snapshots_and_measured",
///                                     // where tests that allocate more than theirs say were measured
///     "missing": null,                // or why there is nothing to compare with
///     "unconfirmed": null             // or why it could not be measured again before something was said to have changed
///   },
///   "dirty": false,                   // whether the working tree differs from HEAD
///   "compared": 12,                   // tests
///   "findings": [                     // ranked, the most urgent first; "warnings" and "improvements" are alike
///     {
///       "kind": "n_plus_one",         // inconclusive, n_plus_one, duplicate, over_budget, queries, counter, allocs,
///                                     // removed, changed_sql, not_deterministic, new_counter, fewer
///       "severity": "fail",           // or "warning", or "improvement"
///       "tests": [{ "package": "shop", "target": "api", "name": "lists_orders", "case": null }],
///       "endpoint": "GET /orders",    // or null: the whole test
///       "metric": "queries", "before": 1, "after": 11, "budget": null,
///       "ranges": null,               // or { "before": [100, 120], "after": [131, 140] }: not the same in each look
///       "already_there": false,       // whether the baseline is over the budget as well
///       "changed_in_this_branch": true,
///       "statements": [{
///         "sql": "SELECT name FROM customers WHERE id = ?", "fingerprint": "0123456789abcdef", "kind": "select",
///         "before": 0, "after": 10,
///         "n_plus_one": true,         // it is executed once for each row of another one
///         "duplicate": false,         // or again and again with the same values
///         "per_row_of": "fedcba9876543210",    // whose rows an N+1 is executed for; null where that is not known
///         "sites": [{ "file": "src/orders.rs", "line": 42, "function": "orders::load_customer" }]
///       }],
///       "also": [{ "test": null, "metric": "allocs", "before": 100, "after": 277, "budget": null }],
///       "reasons": [],
///       "help": ["load them in one statement: WHERE id IN (...) or a JOIN"]
///     }
///   ],
///   "warnings": [], "improvements": [],
///   "failed_tests": [], "baseline_failed_tests": [], "damaged_records": [],
///   "new_tests": [], "removed_tests": [], "renamed": [],         // renamed: { "before": test, "after": test }
///   "new_endpoints": [], "removed_endpoints": [],                // { "test": test, "endpoint": "GET /orders" }
///   "not_comparable": [],             // { "test": test, "endpoint": null, "reason": "..." }
///   "gates_changed": [],              // { "test", "endpoint", "metric", "before": 3, "after": 30 or null: removed }
///   "environments": null              // { "before", "after" } where allocations were not compared
/// }
/// ```
///
/// # Errors
///
/// When `out` fails.
pub fn json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &ReportJson::from(report))?;
    writeln!(out)
}

#[derive(Serialize)]
struct ReportJson<'a> {
    format: u32,
    /// `pass`, `regression` or `failure`.
    verdict: &'static str,
    exit_code: u8,
    /// Absent when nothing was compared with.
    baseline: Option<BaselineJson<'a>>,
    /// Whether the working tree differs from HEAD.
    dirty: bool,
    compared: usize,
    /// Ranked: the most urgent first.
    findings: Vec<FindingJson<'a>>,
    warnings: Vec<FindingJson<'a>>,
    improvements: Vec<FindingJson<'a>>,
    failed_tests: &'a [String],
    baseline_failed_tests: &'a [String],
    damaged_records: &'a [String],
    new_tests: Vec<TestJson<'a>>,
    new_endpoints: Vec<PlaceJson<'a>>,
    removed_tests: Vec<TestJson<'a>>,
    removed_endpoints: Vec<PlaceJson<'a>>,
    renamed: Vec<RenamedJson<'a>>,
    not_comparable: Vec<NotComparableJson<'a>>,
    gates_changed: Vec<GateJson<'a>>,
    /// Set when allocations were not compared.
    environments: Option<EnvironmentsJson<'a>>,
}

#[derive(Serialize)]
struct BaselineJson<'a> {
    reference: &'a str,
    commit: &'a str,
    /// `merge_base`, `tip` or `first_parent`.
    how: &'static str,
    origin: &'static str,
    /// Why there is nothing to compare with, if so.
    missing: Option<&'a str>,
    /// Why it could not be measured again, if so.
    unconfirmed: Option<&'a str>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    /// `inconclusive`, `n_plus_one`, `duplicate`, `over_budget`, `queries`, `counter`, `allocs`, `removed`, `changed_sql`,
    /// `not_deterministic`, `new_counter` or `fewer`.
    kind: &'static str,
    /// `fail`, `warning` or `improvement`.
    severity: &'static str,
    tests: Vec<TestJson<'a>>,
    endpoint: Option<&'a str>,
    metric: Option<String>,
    before: Option<i64>,
    after: i64,
    budget: Option<i64>,
    /// The least and the most that each side counted, where that was not the same in each look.
    ranges: Option<RangesJson>,
    already_there: bool,
    changed_in_this_branch: bool,
    statements: Vec<StatementJson<'a>>,
    /// Other counts that rose with it.
    also: Vec<AlsoJson<'a>>,
    reasons: &'a [String],
    help: &'a [String],
}

#[derive(Serialize)]
struct RangesJson {
    before: [i64; 2],
    after: [i64; 2],
}

#[derive(Serialize)]
struct AlsoJson<'a> {
    /// Set where the count is that of a whole test, null where it is of the finding's own scope.
    test: Option<TestJson<'a>>,
    metric: String,
    before: Option<i64>,
    after: i64,
    budget: Option<i64>,
}

#[derive(Serialize)]
struct StatementJson<'a> {
    sql: &'a str,
    fingerprint: String,
    kind: &'static str,
    before: u64,
    after: u64,
    n_plus_one: bool,
    duplicate: bool,
    per_row_of: Option<String>,
    sites: Vec<SiteJson<'a>>,
}

#[derive(Serialize)]
struct SiteJson<'a> {
    file: &'a str,
    line: u32,
    function: &'a str,
}

#[derive(Serialize)]
struct TestJson<'a> {
    package: &'a str,
    target: &'a str,
    name: &'a str,
    case: Option<&'a str>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    test: TestJson<'a>,
    endpoint: &'a str,
}

#[derive(Serialize)]
struct RenamedJson<'a> {
    before: TestJson<'a>,
    after: TestJson<'a>,
}

#[derive(Serialize)]
struct NotComparableJson<'a> {
    test: TestJson<'a>,
    endpoint: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize)]
struct GateJson<'a> {
    test: TestJson<'a>,
    endpoint: Option<&'a str>,
    metric: String,
    before: i64,
    /// Null if the limit is gone.
    after: Option<i64>,
}

#[derive(Serialize)]
struct EnvironmentsJson<'a> {
    before: EnvironmentJson<'a>,
    after: EnvironmentJson<'a>,
}

#[derive(Serialize)]
struct EnvironmentJson<'a> {
    rustc: &'a str,
    target: &'a str,
    profile: &'a str,
}

impl<'a> From<&'a Report> for ReportJson<'a> {
    fn from(report: &'a Report) -> Self {
        let context = &report.context;
        let place = |(test, endpoint): &'a (TestId, String)| PlaceJson { test: test.into(), endpoint };
        ReportJson {
            format: FORMAT,
            verdict: match report.verdict {
                Verdict::Pass => "pass",
                Verdict::Regression => "regression",
                Verdict::Failure => "failure",
            },
            exit_code: report.exit_code(),
            baseline: context.base.as_ref().map(|base| BaselineJson {
                reference: &base.reference,
                commit: &base.commit,
                how: match base.how {
                    How::MergeBase => "merge_base",
                    How::Tip => "tip",
                    How::FirstParent => "first_parent",
                },
                origin: match context.origin {
                    Origin::Rebuilt => "rebuilt",
                    Origin::MeasuredBefore => "measured_before",
                    Origin::Snapshots => "snapshots",
                    Origin::SnapshotsAndMeasured => "snapshots_and_measured",
                },
                missing: context.no_baseline.as_deref(),
                unconfirmed: context.unconfirmed.as_deref(),
            }),
            dirty: context.dirty,
            compared: report.compared,
            findings: report.findings.iter().map(Into::into).collect(),
            warnings: report.warnings.iter().map(Into::into).collect(),
            improvements: report.improvements.iter().map(Into::into).collect(),
            failed_tests: &context.failures.names,
            baseline_failed_tests: &context.baseline_failures.names,
            damaged_records: &context.damage,
            new_tests: report.new_tests.iter().map(Into::into).collect(),
            new_endpoints: report.new_endpoints.iter().map(place).collect(),
            removed_tests: report.removed_tests.iter().map(Into::into).collect(),
            removed_endpoints: report.removed_endpoints.iter().map(place).collect(),
            renamed: report
                .renamed
                .iter()
                .map(|(before, after)| RenamedJson { before: before.into(), after: after.into() })
                .collect(),
            not_comparable: report
                .not_comparable
                .iter()
                .map(|(test, endpoint, reason)| NotComparableJson {
                    test: test.into(),
                    endpoint: endpoint.as_deref(),
                    reason,
                })
                .collect(),
            gates_changed: report.gates.iter().map(|(test, gate)| gate_json(test, gate)).collect(),
            environments: report
                .environments
                .as_ref()
                .map(|(before, after)| EnvironmentsJson { before: before.into(), after: after.into() }),
        }
    }
}

fn gate_json<'a>(test: &'a TestId, gate: &'a GateChange) -> GateJson<'a> {
    GateJson {
        test: test.into(),
        endpoint: gate.before.endpoint.as_deref(),
        metric: gate.before.metric.to_string(),
        before: gate.before.max,
        after: gate.after,
    }
}

impl<'a> From<&'a Finding> for FindingJson<'a> {
    fn from(finding: &'a Finding) -> Self {
        FindingJson {
            kind: match finding.kind {
                Kind::Inconclusive => "inconclusive",
                Kind::NPlusOne => "n_plus_one",
                Kind::Duplicate => "duplicate",
                Kind::OverBudget => "over_budget",
                Kind::Queries => "queries",
                Kind::Counter => "counter",
                Kind::Allocs => "allocs",
                Kind::Removed => "removed",
                Kind::ChangedSql => "changed_sql",
                Kind::Nondeterministic => "not_deterministic",
                Kind::NewCounter => "new_counter",
                Kind::Fewer => "fewer",
            },
            severity: match finding.severity {
                Severity::Fail => "fail",
                Severity::Warning => "warning",
                Severity::Improvement => "improvement",
            },
            tests: finding.tests.iter().map(Into::into).collect(),
            endpoint: finding.endpoint.as_deref(),
            metric: finding.metric.as_ref().map(ToString::to_string),
            before: finding.before,
            after: finding.after,
            budget: finding.budget,
            ranges: finding.ranges.map(Into::into),
            already_there: finding.already_there,
            changed_in_this_branch: finding.touched,
            statements: finding.statements.iter().map(Into::into).collect(),
            also: finding.also.iter().map(Into::into).collect(),
            reasons: &finding.reasons,
            help: &finding.help,
        }
    }
}

impl From<(Range, Range)> for RangesJson {
    fn from((before, after): (Range, Range)) -> Self {
        let pair = |range: Range| [range.least, range.most];
        RangesJson { before: pair(before), after: pair(after) }
    }
}

impl<'a> From<&'a Also> for AlsoJson<'a> {
    fn from(also: &'a Also) -> Self {
        let Also { test, metric, before, after, budget } = also;
        let test = test.as_ref().map(Into::into);
        AlsoJson { test, metric: metric.to_string(), before: *before, after: *after, budget: *budget }
    }
}

impl<'a> From<&'a StatementChange> for StatementJson<'a> {
    fn from(statement: &'a StatementChange) -> Self {
        let site = |site: &'a perfassert::Site| SiteJson {
            file: &site.file,
            line: site.line,
            function: &site.function,
        };
        StatementJson {
            sql: &statement.sql,
            fingerprint: statement.fingerprint.to_string(),
            kind: statement.kind.as_str(),
            before: statement.before,
            after: statement.after,
            n_plus_one: statement.is_n_plus_one(),
            duplicate: statement.duplicate,
            per_row_of: statement.per_row_of.map(|parent| parent.to_string()),
            sites: statement.sites.iter().map(site).collect(),
        }
    }
}

impl<'a> From<&'a TestId> for TestJson<'a> {
    fn from(test: &'a TestId) -> Self {
        TestJson {
            package: &test.package,
            target: &test.target,
            name: &test.name,
            case: test.case.as_deref(),
        }
    }
}

impl<'a> From<&'a Environment> for EnvironmentJson<'a> {
    fn from(environment: &'a Environment) -> Self {
        let Environment { rustc, target, profile, .. } = environment;
        EnvironmentJson { rustc, target, profile }
    }
}
