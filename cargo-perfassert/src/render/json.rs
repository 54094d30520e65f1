//! The report as JSON: a private mirror of [`Report`], so that what is in memory can change without a new format.

mod convert;
mod measured;

pub use measured::measured;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::report::Report;

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
///       "renamed_from": null,         // or what the baseline calls the endpoint
///       "metric": "queries", "before": 1, "after": 11, "budget": null,
///       "counted": "request",         // the dearest of the endpoint; or "requests": all of them together; "test": the whole test; or
///                                     // "outside_requests": the test without them
///       "rows": [{                    // each endpoint and each whole test that the cause was seen in, the worst first; of that are
///                                     // the counts above
///         "tests": [{ "package": "shop", "target": "api", "name": "lists_orders", "case": null }],
///         "endpoint": "GET /orders", "renamed_from": null, "counted": "request", "before": 1, "after": 11, "budget": null,
///         "statements": null,         // or { "before": 0, "after": 10 }: only so much is by the statements below, and the rest by others
///         "also": []
///       }],
///       "allocs": null,               // of "metric": "bytes", how many allocations asked for them, on both sides
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
///       "places": [{ "file": "src/invoice.rs", "line": 27, "function": "invoice::render", "before": 1, "after": 31 }],
///                                     // of more "allocs" or "bytes": which functions account for them, in the whole of the first test
///       "also": [{ "test": null, "endpoint": null, "metric": "allocs", "counted": "request", "before": 100, "after": 277, "budget": null }],
///       "reasons": [],
///       "help": ["load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN"]
///     }
///   ],
///   "warnings": [], "improvements": [],
///   "failed_tests": [], "baseline_failed_tests": [], "damaged_records": [],
///   "unrecorded_tests": [], "baseline_unrecorded_tests": [],     // whose process ended before they did
///   "new_tests": [], "removed_tests": [], "renamed": [],         // renamed: { "before": test, "after": test }
///   "renamed_endpoints": [],                                     // { "test": test, "before": "GET /orders", "after": "GET /v2/orders" }
///   "new_endpoints": [], "removed_endpoints": [],                // { "test": test, "endpoint": "GET /orders" }
///   "not_comparable": [],             // { "test": test, "endpoint": null, "reason": "..." }
///   "gates_changed": [],              // { "test", "gate": "limit", "endpoint", "metric", "before": 3, "after": 30 or null: removed }
///                                     // "gate" may be "no_n_plus_one" and "scaling_sizes" as well, with numbers; "scaling", with
///                                     // orders ("linear"); "attribute", with "attribute": "#[ignore]" and whether it is there
///   "settings_loosened": [],          // what is set for all tests, in words
///   "unmet": [],                      // what was set and met nothing in a run of all tests, in words
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
    unrecorded_tests: Vec<TestJson<'a>>,
    baseline_unrecorded_tests: Vec<TestJson<'a>>,
    new_tests: Vec<TestJson<'a>>,
    new_endpoints: Vec<PlaceJson<'a>>,
    removed_tests: Vec<TestJson<'a>>,
    removed_endpoints: Vec<PlaceJson<'a>>,
    renamed: Vec<RenamedJson<'a>>,
    renamed_endpoints: Vec<RenamedEndpointJson<'a>>,
    not_comparable: Vec<NotComparableJson<'a>>,
    gates_changed: Vec<GateJson<'a>>,
    settings_loosened: &'a [String],
    unmet: &'a [String],
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
    renamed_from: Option<&'a str>,
    metric: Option<String>,
    /// `request`, `requests`, `test` or `outside_requests`.
    counted: &'static str,
    before: Option<i64>,
    after: i64,
    budget: Option<i64>,
    /// Each endpoint and each whole test that it was seen in, the worst first.
    rows: Vec<RowJson<'a>>,
    /// How many allocations asked for the bytes.
    allocs: Option<i64>,
    /// The least and the most that each side counted, where that was not the same in each look.
    ranges: Option<RangesJson>,
    already_there: bool,
    changed_in_this_branch: bool,
    statements: Vec<StatementJson<'a>>,
    /// Of more allocations or bytes, the functions that account for them in the first test.
    places: Vec<AllocatedJson<'a>>,
    /// Other counts that rose with it.
    also: Vec<AlsoJson<'a>>,
    reasons: &'a [String],
    help: &'a [String],
}

#[derive(Serialize)]
struct RowJson<'a> {
    tests: Vec<TestJson<'a>>,
    endpoint: Option<&'a str>,
    renamed_from: Option<&'a str>,
    counted: &'static str,
    before: Option<i64>,
    after: i64,
    budget: Option<i64>,
    /// What of it is by the finding's statements, where others rose as well.
    statements: Option<PartJson>,
    also: Vec<AlsoJson<'a>>,
}

#[derive(Serialize)]
struct PartJson {
    before: u64,
    after: u64,
}

#[derive(Serialize)]
struct RangesJson {
    before: [i64; 2],
    after: [i64; 2],
}

#[derive(Serialize)]
struct AllocatedJson<'a> {
    /// Null, as is the line, where it is a function of a library.
    file: Option<&'a str>,
    line: Option<u32>,
    function: &'a str,
    before: i64,
    after: i64,
}

#[derive(Serialize)]
struct AlsoJson<'a> {
    /// Set where the count is of another scope, null where it is of the finding's own.
    test: Option<TestJson<'a>>,
    /// Of that test; null where the count is of the whole of it.
    endpoint: Option<&'a str>,
    metric: String,
    counted: &'static str,
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
struct RenamedEndpointJson<'a> {
    test: TestJson<'a>,
    before: &'a str,
    after: &'a str,
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
    /// `limit`, `no_n_plus_one`, `scaling`, `scaling_sizes` or `attribute`.
    gate: &'static str,
    endpoint: Option<&'a str>,
    metric: Option<String>,
    attribute: Option<&'a str>,
    /// A number, of `scaling` an order, of `attribute` whether it is there.
    before: Value,
    /// Null if the gate is gone.
    after: Value,
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
