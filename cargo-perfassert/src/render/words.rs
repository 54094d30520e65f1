//! What every format says alike: labels, counts, notes, and the lists at the end.

use perfassert_record::counts::{Metric, in_binary_units};
use perfassert_record::record::{Environment, TestId};

use super::test_name;
use crate::diff::{GateChange, StatementChange};
use crate::git::{BaseOrigin, short};
use crate::measure::Failures;
use crate::report::{Counted, Finding, Kind, Origin, Place, RelatedCount, Report, Row, Severity, Verdict};
use crate::spread::Range;

/// How many names of a list are shown.
pub(super) const LISTED: usize = 10;
/// How many characters of a statement are shown.
const SQL_WIDTH: usize = 160;
/// How many statements of a finding are shown.
pub(super) const STATEMENTS: usize = 12;
/// How many functions of a finding are shown.
const PLACES: usize = 5;
/// How many call sites of a statement are shown.
pub(super) const SITES: usize = 10;

/// `no regression`, or `2 failed tests, 1 regression`.
pub(super) fn verdict(report: &Report) -> String {
    let context = &report.context;
    let regressions = report.findings.iter().filter(|finding| finding.kind != Kind::Inconclusive).count();
    let inconclusive = report.findings.len() - regressions;
    let failed = context.failures.names.len().max(usize::from(context.failures.unexplained));
    let parts = [
        (failed, "failed test", "failed tests"),
        (inconclusive, "inconclusive gate", "inconclusive gates"),
        (context.unrecorded.len(), "test without a record", "tests without a record"),
        (context.damage.len(), "damaged record", "damaged records"),
        (regressions, "regression", "regressions"),
    ];
    let parts = parts.iter().filter(|(n, ..)| *n > 0);
    let parts: Vec<_> =
        parts.map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many })).collect();
    match report.verdict {
        Verdict::Pass => "no regression".to_owned(),
        Verdict::Regression | Verdict::Failure => parts.join(", "),
    }
}

/// `main (merge base 3f2c1ab42, rebuilt)`; `None` without a commit.
pub(super) fn baseline(report: &Report) -> Option<String> {
    let context = &report.context;
    let base = context.base.as_ref()?;
    let how = match base.how {
        BaseOrigin::MergeBase => "merge base ",
        BaseOrigin::Tip => "tip ",
        BaseOrigin::FirstParent => "the merge's first parent HEAD^1 ",
    };
    let origin = match context.origin {
        _ if context.no_baseline.is_some() => "not measured",
        Origin::Rebuilt => "rebuilt",
        Origin::MeasuredBefore => "measured before",
        Origin::Snapshots => "its committed snapshots",
        Origin::SnapshotsAndMeasured => "its committed snapshots, measured where allocations rose",
    };
    Some(format!("{} ({how}{}, {origin})", base.reference, short(&base.commit)))
}

/// `12 tests compared`, and whether the tree was dirty.
pub(super) fn compared(report: &Report) -> String {
    let dirty = if report.context.dirty { ", working tree with uncommitted changes" } else { "" };
    let tests = if report.compared == 1 { "test" } else { "tests" };
    format!("{} {tests} compared{dirty}", report.compared)
}

/// Why there is nothing to compare with.
pub(super) fn no_baseline(report: &Report) -> Option<String> {
    let (base, reason) = (report.context.base.as_ref()?, report.context.no_baseline.as_ref()?);
    let commit = short(&base.commit);
    Some(format!("no baseline: {commit} {reason}; its tests will be compared once they are measured there"))
}

/// Why what is found is not confirmed.
pub(super) fn unconfirmed(report: &Report) -> Option<String> {
    let (base, reason) = (report.context.base.as_ref()?, report.context.unconfirmed.as_ref()?);
    let commit = short(&base.commit);
    Some(format!(
        "not confirmed: {commit} could not be measured again: {reason}; a change may be chance, or older than this branch"
    ))
}

/// What a finding is, in a word.
pub(super) fn label(finding: &Finding) -> &'static str {
    match (finding.kind, finding.severity) {
        (Kind::NPlusOne, _) => "N+1",
        (Kind::Duplicate, _) => "duplicate",
        (Kind::Inconclusive, _) => "inconclusive",
        (Kind::OverBudget, _) => "over budget",
        (Kind::Removed, _) => "removed",
        (Kind::ChangedSql, _) => "changed SQL",
        (Kind::Nondeterministic, _) => "not deterministic",
        (Kind::NewCounter, _) => "new counter",
        (_, Severity::Improvement) if finding.statements.iter().any(StatementChange::was_repaired) => {
            "N+1 gone"
        }
        (_, Severity::Improvement) => "better",
        (Kind::Queries | Kind::Counter | Kind::Allocs | Kind::Fewer, _) if finding.before == Some(0) => "new",
        (Kind::Queries | Kind::Counter | Kind::Allocs | Kind::Fewer, _) => "more",
    }
}

/// The endpoint or the test that a finding is about.
pub(super) fn subject(finding: &Finding) -> String {
    finding.endpoint.clone().or_else(|| finding.tests.first().map(test_name)).unwrap_or_default()
}

/// `1 -> 11 queries in one request  (+10), budget 5`; of bytes, `112 allocs, 8.1 KiB -> 72.0 KiB  (+63.9 KiB)`
pub(super) fn count(finding: &Finding) -> Option<String> {
    let Finding { metric, counted, before, after, budget, allocs, .. } = finding;
    let numbers = numbers(metric.as_ref()?, *before, *after, *counted, *budget);
    let part = finding.rows.first().map(|row| part(finding, row)).unwrap_or_default();
    Some(allocs.map(|allocs| format!("{allocs} allocs, ")).unwrap_or_default() + &numbers + &part)
}

/// `, of which this statement 0 -> 5`, where other statements rose as well.
pub(super) fn part(finding: &Finding, row: &Row) -> String {
    let Some((before, after)) = row.part else { return String::new() };
    let statements = finding.statements.iter().filter(|it| it.after != it.before).count();
    let these = if statements == 1 { "this statement" } else { "these statements" };
    format!(", of which {these} {before} -> {after}")
}

/// `100 to 120`, or `100 each time`
fn looks(range: Range, metric: Option<&Metric>) -> String {
    let count = |n: i64| if metric == Some(&Metric::Bytes) { size(n.unsigned_abs()) } else { n.to_string() };
    let Range { least, most } = range;
    if range.moves() {
        format!("{} to {}", count(least), count(most))
    } else {
        format!("{} each time", count(least))
    }
}

pub(super) fn also(also: &RelatedCount) -> String {
    let RelatedCount { test, endpoint, metric, counted, before, after, budget } = also;
    let numbers = numbers(metric, *before, *after, *counted, *budget);
    match (test, endpoint) {
        (Some(test), Some(endpoint)) => format!("{endpoint} in {}, {numbers}", test_name(test)),
        (Some(test), None) => format!("{} as a whole, {numbers}", test_name(test)),
        (None, _) => numbers,
    }
}

pub(super) fn numbers(
    metric: &Metric,
    before: Option<i64>,
    after: i64,
    counted: Counted,
    budget: Option<i64>,
) -> String {
    let increase = before.map(|before| after - before).filter(|increase| *increase != 0);
    let request = match counted {
        Counted::Request | Counted::Requests(1) => " in one request".to_owned(),
        Counted::Requests(n) => format!(" in {n} requests"),
        Counted::Test => String::new(),
        Counted::OutsideRequests => " outside of requests".to_owned(),
    };
    // Beside a limit each byte counts.
    if let (Metric::Bytes, Some(before), Some(increase), None) = (metric, before, increase, budget) {
        let sign = if increase < 0 { '-' } else { '+' };
        let (before, after, by) =
            (size(before.unsigned_abs()), size(after.unsigned_abs()), size(increase.unsigned_abs()));
        return format!("{before} -> {after}{request}  ({sign}{by})");
    }
    let before =
        before.filter(|_| increase.is_some()).map(|before| format!("{before} -> ")).unwrap_or_default();
    let what = match (after, metric) {
        (1, Metric::Queries) if increase.is_none() => "1 query".to_owned(),
        (_, Metric::AllocsPerIter) => format!("{after} allocs per iteration"),
        _ => format!("{after} {metric}"),
    };
    let increase = increase.map(|increase| format!("  ({increase:+})")).unwrap_or_default();
    let budget = budget.map(|budget| format!(", budget {budget}")).unwrap_or_default();
    format!("{before}{what}{request}{increase}{budget}")
}

/// `64 B`, `8.1 KiB`
pub(super) fn size(bytes: u64) -> String {
    in_binary_units(bytes).unwrap_or_else(|| format!("{bytes} B"))
}

/// Its SQL, not too long.
pub(super) fn sql(statement: &StatementChange) -> String {
    let mut sql: String = statement.sql.chars().take(SQL_WIDTH).collect();
    if sql.len() < statement.sql.len() {
        sql.push_str(" ...");
    }
    sql
}

/// The statements of a finding that are shown, each with the one below it.
pub(super) fn statements(
    finding: &Finding,
) -> impl Iterator<Item = (&StatementChange, Option<&StatementChange>)> {
    let shown = &finding.statements[..finding.statements.len().min(STATEMENTS)];
    shown.iter().enumerate().map(|(index, statement)| (statement, shown.get(index + 1)))
}

/// `new, N+1`, or `new, 1 + n: once per row of the statement below`
pub(super) fn notes(statement: &StatementChange, below: Option<&StatementChange>) -> String {
    let StatementChange { before, after, .. } = *statement;
    let mut notes = Vec::new();
    match (before, after) {
        (before, after) if before == after => notes.push("unchanged".to_owned()),
        (0, _) => notes.push("new".to_owned()),
        (_, 0) => notes.push(format!("gone, was {before}x")),
        _ => notes.push(format!("was {before}x")),
    }
    let parent = below.filter(|below| statement.per_row_of == Some(below.fingerprint));
    if repeats(statement) {
        notes.push(match parent {
            Some(parent) => format!("{} + n: once per row of the statement below", parent.after),
            None if statement.duplicate => "duplicate".to_owned(),
            None => "N+1".to_owned(),
        });
    } else if after >= before + 2 && statement.sites.len() == 1 {
        notes.push("all from one line: an N+1?".to_owned());
    }
    notes.join(", ")
}

/// Whether it is executed again and again, more than before.
pub(super) fn repeats(statement: &StatementChange) -> bool {
    statement.n_plus_one && statement.after > statement.before
}

/// What stands before the functions of a finding, where its count is another one than theirs.
pub(super) fn places_title(finding: &Finding) -> Option<&'static str> {
    (finding.endpoint.is_some() && !finding.places.is_empty()).then_some("where, in the whole test:")
}

/// The functions of a finding that are shown: by how much, where, the function, and what it was. And how much the others rose.
pub(super) fn places(finding: &Finding) -> (Vec<[String; 4]>, Option<String>) {
    let is_bytes = finding.metric == Some(Metric::Bytes);
    let count = |n: i64| if is_bytes { size(n.unsigned_abs()) } else { n.to_string() };
    let shown = &finding.places[..finding.places.len().min(PLACES)];
    let shown = shown.iter().map(|place| {
        let Place { function, site, before, after } = place;
        let site = site.as_ref().map(|(file, line)| format!("{file}:{line}")).unwrap_or_default();
        let was = if *before == 0 { "new".to_owned() } else { format!("was {}", count(*before)) };
        [format!("+{}", count(after - before)), site, function.clone(), was]
    });
    let rest = &finding.places[shown.len()..];
    let more = rest.iter().map(|place| place.after - place.before).sum();
    let functions = if rest.len() == 1 { "function" } else { "functions" };
    let more = (!rest.is_empty()).then(|| format!("and {} more {functions}, +{}", rest.len(), count(more)));
    (shown.collect(), more)
}

/// What else there is to say of a finding, a line each: its former name, how far it moves by itself, what rose with it, and who sees it.
pub(super) fn beside(finding: &Finding) -> Vec<String> {
    let renamed = finding.renamed_from.as_ref().map(|before| format!("renamed: {before} on the baseline"));
    let ranges = finding.ranges.filter(|_| finding.kind != Kind::Nondeterministic).map(|(before, after)| {
        let looks = |range| looks(range, finding.metric.as_ref());
        format!(
            "not the same in each look: {} on the baseline, {} on this branch",
            looks(before),
            looks(after)
        )
    });
    let also = finding.also.iter().map(|it| format!("also: {}", also(it)));
    // Rows of whole tests name them.
    let has_endpoint = finding.rows.iter().any(|row| row.endpoint.is_some());
    let seen = (has_endpoint || finding.rows.len() < 2 && finding.tests.len() > 1)
        .then(|| format!("seen by: {}", seen_by(&finding.tests)));
    renamed.into_iter().chain(ranges).chain(also).chain(seen).collect()
}

/// Of test executables of which no test left a record.
pub(crate) const UNMEASURED: &str =
    "not measured: add `use perfassert as _;` to the test file (of the standard harness)";

/// The lists at the end, each with its title; those that are empty too.
pub(super) fn lists(report: &Report) -> Vec<(&'static str, Vec<String>)> {
    let context = &report.context;
    let not_comparable = report.not_comparable.iter();
    let not_comparable =
        not_comparable.map(|(test, endpoint, why)| format!("{}: {why}", scope(test, endpoint)));
    let endpoint = |(test, endpoint): &(TestId, String)| scope(test, &Some(endpoint.clone()));
    let renamed = report.renamed.iter();
    let renamed = renamed.map(|(old, new)| format!("{} -> {}", test_name(old), test_name(new)));
    let renamed_endpoints = report.renamed_endpoints.iter();
    let renamed_endpoints = renamed_endpoints
        .map(|(test, before, after)| format!("{before} -> {}", scope(test, &Some(after.clone()))));
    vec![
        ("failed tests, not measured", failed(&context.failures)),
        (
            "no record, because the process ended before the test did: see that nothing calls std::process::exit",
            context.unrecorded.iter().map(test_name).collect(),
        ),
        (UNMEASURED, context.unmeasured.clone()),
        (
            "without a snapshot on the baseline, not compared; --rebuild measures them there",
            context.without_snapshot.iter().map(test_name).collect(),
        ),
        ("failed on the baseline, not compared", failed(&context.baseline_failures)),
        (
            "no record on the baseline, not compared",
            context.baseline_unrecorded.iter().map(test_name).collect(),
        ),
        ("damaged records", context.damage.clone()),
        ("not comparable", not_comparable.collect()),
        (
            "allocations are incomparable, queries were compared",
            report.environments.iter().map(|(before, after)| environments(before, after)).collect(),
        ),
        ("gates changed", report.gates.iter().map(gate).chain(context.loosened.iter().cloned()).collect()),
        ("met nothing: is it written as the code has it?", context.unmet.clone()),
        ("new tests", report.new_tests.iter().map(test_name).collect()),
        ("new endpoints", report.new_endpoints.iter().map(endpoint).collect()),
        ("removed tests", report.removed_tests.iter().map(test_name).collect()),
        ("removed endpoints", report.removed_endpoints.iter().map(endpoint).collect()),
        (
            "renamed? compared with what executes the same statements",
            renamed.chain(renamed_endpoints).collect(),
        ),
    ]
}

fn failed(failures: &Failures) -> Vec<String> {
    let unnamed = failures.unexplained.then(|| "the test runner ended with an error; see above".to_owned());
    failures.names.iter().cloned().chain(unnamed).collect()
}

fn scope(test: &TestId, endpoint: &Option<String>) -> String {
    match endpoint {
        Some(endpoint) => format!("{endpoint} in {}", test_name(test)),
        None => test_name(test),
    }
}

fn environments(before: &Environment, after: &Environment) -> String {
    let words = |it: &Environment| format!("rustc {}, {}, {}", it.rustc, it.target, it.profile);
    format!("{} -> {}", words(before), words(after))
}

fn gate((test, gate): &(TestId, GateChange)) -> String {
    let endpoint = if let GateChange::Limit { endpoint, .. } = gate { endpoint } else { &None };
    let raised = |now: &Option<i64>| now.map_or("removed".to_owned(), |now| format!("raised to {now}"));
    let change = match gate {
        GateChange::Limit { metric, before, after, .. } => {
            format!("{metric} budget of {before} {}", raised(after))
        }
        GateChange::NPlusOne { after: None, .. } => "no_n_plus_one removed".to_owned(),
        GateChange::NPlusOne { before, after } => {
            format!("no_n_plus_one threshold of {before} {}", raised(after))
        }
        GateChange::Scaling { metric, after: None, .. } => format!("scaling of {metric} removed"),
        GateChange::Scaling { metric, before, after: Some(after) } => {
            format!("scaling of {metric} loosened from {} to {}", before.name(), after.name())
        }
        GateChange::Sizes { before, after } => format!("scaling tried up to {after}, and not to {before}"),
        GateChange::Removed(attribute) => format!("{attribute} removed"),
        GateChange::Added(attribute) => format!("{attribute} added"),
    };
    format!("{}: {change}", scope(test, endpoint))
}

/// The tests, without what their names have in common: `shop api: lists, shows`, or `shop api orders::{lists, shows}`.
pub(super) fn seen_by(tests: &[TestId]) -> String {
    let [first, others @ ..] = tests else { return String::new() };
    if others.is_empty() {
        return test_name(first);
    }
    let has_same = |of: fn(&TestId) -> &String| others.iter().all(|test| of(test) == of(first));
    if !has_same(|it| &it.package) {
        return list(tests.iter().map(test_name), ", ");
    }
    if !has_same(|it| &it.target) {
        return format!("{}: {}", first.package, list(tests.iter().map(ToString::to_string), ", "));
    }
    let (path, name) = (first.path(), test_name(first));
    let of = name.strip_suffix(&path).unwrap_or_default().trim_end();
    let module = first.name.rsplit_once("::").map(|(module, _)| format!("{module}::"));
    let is_in = |module: &String| tests.iter().all(|test| test.name.starts_with(module.as_str()));
    match module.filter(is_in) {
        Some(module) => {
            let names = list(tests.iter().map(|test| test.path()[module.len()..].to_owned()), ", ");
            format!("{of} {module}{{{names}}}")
        }
        None => format!("{of}: {}", list(tests.iter().map(TestId::path), ", ")),
    }
}

fn list(names: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    let all = names.len();
    let mut shown: Vec<String> = names.take(LISTED).collect();
    if all > LISTED {
        shown.push(format!("and {} more", all - LISTED));
    }
    shown.join(separator)
}
