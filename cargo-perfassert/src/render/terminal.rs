//! The report for the person at the failing job: what, where, what next.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use perfassert::counts::Metric;
use perfassert::record::{Budget, TestId};

use super::test_name;
use crate::diff::StatementChange;
use crate::git::{How, short};
use crate::measure::Failures;
use crate::report::{Also, Finding, Kind, Origin, Report, Severity, Tolerance, Verdict};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// How many names of a list are shown.
const LISTED: usize = 10;
/// How many characters of a statement are shown.
const SQL_WIDTH: usize = 160;
/// How many statements of a finding are shown.
const STATEMENTS: usize = 12;

/// Writes the report, with colours as escape sequences.
///
/// # Errors
///
/// When `out` fails.
pub fn terminal(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    headline(report, out)?;
    for finding in report.findings.iter().chain(&report.warnings).chain(&report.improvements) {
        writeln!(out)?;
        self::finding(finding, out)?;
    }
    notes(report, out)
}

fn headline(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let context = &report.context;
    let regressions = report.findings.iter().filter(|finding| finding.kind != Kind::Inconclusive).count();
    let blind = report.findings.len() - regressions;
    let failed = context.failures.names.len().max(usize::from(context.failures.unexplained));
    let mut parts = Vec::new();
    for (n, one, many) in [
        (failed, "failed test", "failed tests"),
        (blind, "gate could not see", "gates could not see"),
        (context.damage.len(), "damaged record", "damaged records"),
        (regressions, "regression", "regressions"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {}", if n == 1 { one } else { many }));
        }
    }
    let (style, verdict) = match report.verdict {
        Verdict::Pass => (GREEN, "no regression".to_owned()),
        Verdict::Regression | Verdict::Failure => (RED, parts.join(", ")),
    };
    write!(out, "{BOLD}perfassert:{BOLD:#} {style}{verdict}{style:#}")?;
    if let Some(base) = &context.base {
        let how = match base.how {
            How::MergeBase => "merge base ",
            How::Tip => "tip ",
            How::FirstParent => "the merge's first parent HEAD^1 ",
        };
        let origin = match context.origin {
            Origin::Rebuilt => "rebuilt",
            Origin::MeasuredBefore => "measured before",
            Origin::Snapshots => "its committed snapshots",
        };
        let origin = if context.no_baseline.is_some() { "not measured" } else { origin };
        write!(out, " against {} ({how}{}, {origin})", base.reference, short(&base.commit))?;
    }
    let dirty = if context.dirty { ", working tree with uncommitted changes" } else { "" };
    writeln!(out, ": {} compared{dirty}", tests(report.compared))?;
    if let (Some(base), Some(reason)) = (&context.base, &context.no_baseline) {
        writeln!(
            out,
            "no baseline: {} {reason}; its tests will be compared once they are measured there",
            short(&base.commit)
        )?;
    }
    Ok(())
}

fn tests(n: usize) -> String {
    if n == 1 { "1 test".to_owned() } else { format!("{n} tests") }
}

fn finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let (style, label) = match (finding.kind, finding.severity) {
        (Kind::NPlusOne, _) => (RED, "N+1"),
        (Kind::Inconclusive, _) => (RED, "blind"),
        (Kind::OverBudget, _) => (RED, "over budget"),
        (Kind::Removed, _) => (RED, "removed"),
        (Kind::ChangedSql, _) => (YELLOW, "changed SQL"),
        (Kind::Unsteady, _) => (YELLOW, "not deterministic"),
        (Kind::NewCounter, _) => (YELLOW, "new counter"),
        (_, Severity::Improvement) => (GREEN, "better"),
        (Kind::Queries | Kind::Counter | Kind::Allocs | Kind::Fewer, _) if finding.before == Some(0) => {
            (RED, "new")
        }
        (Kind::Queries | Kind::Counter | Kind::Allocs | Kind::Fewer, _) => (RED, "more"),
    };
    let subject =
        finding.endpoint.clone().or_else(|| finding.tests.first().map(test_name)).unwrap_or_default();
    write!(out, "{style}{label}{style:#}  {BOLD}{subject}{BOLD:#}")?;
    if let Some(count) = count(finding).filter(|_| finding.kind != Kind::Unsteady) {
        write!(out, "   {count}")?;
    }
    if finding.already_there {
        write!(out, "  (already there on the baseline)")?;
    }
    if finding.touched {
        write!(out, "  {YELLOW}changed in this branch{YELLOW:#}")?;
    }
    writeln!(out)?;
    for reason in &finding.reasons {
        writeln!(out, "     {reason}")?;
    }
    for statement in finding.statements.iter().take(STATEMENTS) {
        self::statement(statement, out)?;
    }
    if finding.statements.len() > STATEMENTS {
        writeln!(out, "     and {} more statements", finding.statements.len() - STATEMENTS)?;
    }
    if let (Some(tolerance), Kind::Allocs) = (&finding.tolerance, finding.kind) {
        writeln!(out, "     {}", self::tolerance(tolerance))?;
    }
    for also in &finding.also {
        writeln!(out, "     also: {}", self::also(also, finding.endpoint.is_some()))?;
    }
    if finding.endpoint.is_some() || finding.tests.len() > 1 {
        writeln!(out, "     seen by: {}", list(finding.tests.iter().map(test_name), ", "))?;
    }
    for help in &finding.help {
        writeln!(out, "     {BOLD}help:{BOLD:#} {help}")?;
    }
    Ok(())
}

/// `1 -> 11 queries in one request  (+10), budget 5`
fn count(finding: &Finding) -> Option<String> {
    let Finding { metric, before, after, budget, .. } = finding;
    Some(numbers(metric.as_ref()?, *before, *after, finding.endpoint.is_some(), *budget))
}

/// `tolerance: 43 (share of the baseline: 20, fixed: 8, one for each statement: 15)`
fn tolerance(tolerance: &Tolerance) -> String {
    let Tolerance { share, absolute, statements, spread } = *tolerance;
    let parts = [
        ("share of the baseline", share),
        ("fixed", absolute),
        ("one for each statement", statements),
        ("spread between repeats", spread),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{what}: {n}")).collect();
    format!("tolerance: {} ({})", tolerance.total(), parts.join(", "))
}

fn also(also: &Also, endpoint: bool) -> String {
    let Also { test, metric, before, after, budget } = also;
    let numbers = numbers(metric, *before, *after, endpoint && test.is_none(), *budget);
    match test {
        Some(test) => format!("{} as a whole, {numbers}", test_name(test)),
        None => numbers,
    }
}

fn numbers(metric: &Metric, before: Option<i64>, after: i64, endpoint: bool, budget: Option<i64>) -> String {
    let increase = before.map(|before| after - before).filter(|increase| *increase != 0);
    let before =
        before.filter(|_| increase.is_some()).map(|before| format!("{before} -> ")).unwrap_or_default();
    let what = match (after, metric) {
        (1, Metric::Queries) if increase.is_none() => "1 query".to_owned(),
        _ => format!("{after} {metric}"),
    };
    let request = if endpoint { " in one request" } else { "" };
    let increase = increase.map(|increase| format!("  ({increase:+})")).unwrap_or_default();
    let budget = budget.map(|budget| format!(", budget {budget}")).unwrap_or_default();
    format!("{before}{what}{request}{increase}{budget}")
}

fn statement(statement: &StatementChange, out: &mut dyn Write) -> io::Result<()> {
    let StatementChange { before, after, .. } = *statement;
    let mut sql: String = statement.sql.chars().take(SQL_WIDTH).collect();
    if sql.len() < statement.sql.len() {
        sql.push_str(" ...");
    }
    let n_plus_one = statement.n_plus_one && after > before;
    let mut notes = Vec::new();
    match (before, after) {
        (before, after) if before == after => notes.push("unchanged".to_owned()),
        (0, _) => notes.push("new".to_owned()),
        (_, 0) => notes.push(format!("gone, was {before}x")),
        _ => notes.push(format!("was {before}x")),
    }
    if n_plus_one {
        notes.push("N+1".to_owned());
    } else if after >= before + 2 && statement.sites.len() == 1 {
        notes.push("all from one line: an N+1?".to_owned());
    }
    let style = if n_plus_one {
        RED
    } else if after > before {
        BOLD
    } else {
        DIM
    };
    writeln!(out, "     {style}{:>5}x  {sql}{style:#}  ({})", after, notes.join(", "))?;
    for site in statement.sites.iter().take(3) {
        match site.function.as_str() {
            "" => writeln!(out, "             {site}")?,
            function => writeln!(out, "             {site}  {DIM}{function}{DIM:#}")?,
        }
    }
    Ok(())
}

fn notes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let context = &report.context;
    let mut section = |title: &str, lines: Vec<String>| -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{BOLD}{title}:{BOLD:#}")?;
        for line in lines.iter().take(LISTED) {
            writeln!(out, "     {line}")?;
        }
        if lines.len() > LISTED {
            writeln!(out, "     and {} more", lines.len() - LISTED)?;
        }
        Ok(())
    };
    let failed = |failures: &Failures| {
        let unnamed =
            failures.unexplained.then(|| "the test runner ended with an error; see above".to_owned());
        failures.names.iter().cloned().chain(unnamed).collect()
    };
    section("failed tests, not measured", failed(&context.failures))?;
    section("failed on the baseline, not compared", failed(&context.baseline_failures))?;
    section("damaged records", context.damage.clone())?;
    let scope = |test: &TestId, endpoint: &Option<String>| match endpoint {
        Some(endpoint) => format!("{endpoint} in {}", test_name(test)),
        None => test_name(test),
    };
    let not_comparable = report.not_comparable.iter();
    section(
        "not comparable",
        not_comparable.map(|(test, endpoint, why)| format!("{}: {why}", scope(test, endpoint))).collect(),
    )?;
    let environment =
        |it: &perfassert::record::Environment| format!("rustc {}, {}, {}", it.rustc, it.target, it.profile);
    let environments = report.environments.iter();
    section(
        "allocations are incomparable, queries were compared",
        environments
            .map(|(before, after)| format!("{} -> {}", environment(before), environment(after)))
            .collect(),
    )?;
    let gate = |(test, gate): &(TestId, crate::diff::GateChange)| {
        let Budget { metric, max, endpoint } = &gate.before;
        let now = gate.after.map_or("removed".to_owned(), |now| format!("raised to {now}"));
        format!("{}: {metric} budget of {max} {now}", scope(test, endpoint))
    };
    section("gates changed", report.gates.iter().map(gate).collect())?;
    section("new tests", report.new_tests.iter().map(test_name).collect())?;
    let endpoint = |(test, endpoint): &(TestId, String)| scope(test, &Some(endpoint.clone()));
    section("new endpoints", report.new_endpoints.iter().map(endpoint).collect())?;
    section("removed tests", report.removed_tests.iter().map(test_name).collect())?;
    section("removed endpoints", report.removed_endpoints.iter().map(endpoint).collect())?;
    let renamed = report.renamed.iter();
    section(
        "renamed? the same statements under another name",
        renamed.map(|(old, new)| format!("{} -> {}", test_name(old), test_name(new))).collect(),
    )
}

fn list(names: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    let all = names.len();
    let mut shown: Vec<String> = names.take(LISTED).collect();
    if all > LISTED {
        shown.push(format!("and {} more", all - LISTED));
    }
    shown.join(separator)
}
