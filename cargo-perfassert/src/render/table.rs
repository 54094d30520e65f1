//! The table of a run: test by test, and the endpoints of each.

use std::io::{self, Write};

use anstyle::Style;
use perfassert_record::counts::{Counts, Metric};
use perfassert_record::record::{Outcome, Statement};

use super::markdown::{MARKDOWN_LIMIT, cell, escaped};
use super::test_name;
use crate::runs::Run;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// A test, or one of its endpoints.
struct Row {
    is_test: bool,
    name: String,
    /// Empty of a test.
    requests: String,
    /// A dash stands for what was not measured.
    queries: String,
    allocs: String,
    note: &'static str,
}

/// Writes the table; a dash stands for what was not measured.
///
/// # Errors
///
/// When `out` fails.
pub fn table(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let rows = rows(run);
    let indent = |row: &Row| if row.is_test { "" } else { "  " };
    let width = rows.iter().map(|row| indent(row).len() + row.name.chars().count()).max().unwrap_or(0);
    writeln!(out, "{BOLD}{:width$}  {:>8}  {:>8}  {:>9}{BOLD:#}", "test", "requests", "queries", "allocs")?;
    for row in &rows {
        let style = if row.is_test { BOLD } else { DIM };
        let name = format!("{}{}", indent(row), row.name);
        let Row { requests, queries, allocs, note, .. } = row;
        let line = format!("{style}{name:width$}{style:#}  {requests:>8}  {queries:>8}  {allocs:>9}  {note}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes the table as Markdown, as much of it as a comment may have.
///
/// # Errors
///
/// When `out` fails.
pub fn markdown_table(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut text = "| test | requests | queries | allocs | |\n|---|--:|--:|--:|---|\n".to_owned();
    let mut left_out = 0;
    for row in rows(run) {
        let name = if row.is_test { cell(&row.name) } else { format!("&emsp;{}", cell(&row.name)) };
        let Row { requests, queries, allocs, note, .. } = row;
        let line = format!("| {name} | {requests} | {queries} | {allocs} | {} |\n", escaped(note));
        if left_out == 0 && text.len() + line.len() <= MARKDOWN_LIMIT - 200 {
            text.push_str(&line);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        text.push_str(&format!("\n{left_out} lines are left out; all of it: `--format json`\n"));
    }
    out.write_all(text.as_bytes())
}

fn rows(run: &Run) -> Vec<Row> {
    let mut rows = Vec::new();
    for record in &run.records {
        let note = match &record.outcome {
            Outcome::Passed => few_rows(&record.statements),
            Outcome::Failed => "failed",
            Outcome::OverBudget(_) => "over budget",
            Outcome::Inconclusive(_) => "inconclusive",
            Outcome::Unseen(_) => "partly observed",
        };
        rows.push(row(test_name(&record.test), None, &record.counts, note));
        for endpoint in &record.endpoints {
            let note = match endpoint.failed {
                0 => few_rows(&endpoint.statements),
                _ => "with failed requests",
            };
            rows.push(row(endpoint.name.clone(), Some(endpoint.requests), &endpoint.counts, note));
        }
    }
    rows
}

fn row(name: String, requests: Option<u64>, counts: &Counts, note: &'static str) -> Row {
    let is_iterated = counts.get(&Metric::Allocs).is_none() && counts.get(&Metric::AllocsPerIter).is_some();
    let (allocs, note) = match is_iterated {
        true => (Metric::AllocsPerIter, "per iteration"),
        false => (Metric::Allocs, note),
    };
    Row {
        is_test: requests.is_none(),
        name,
        requests: requests.map(|requests| requests.to_string()).unwrap_or_default(),
        queries: number(counts, &Metric::Queries),
        allocs: number(counts, &allocs),
        note,
    }
}

fn few_rows(statements: &[Statement]) -> &'static str {
    match statements.iter().any(|statement| statement.too_few_rows) {
        true => "too few rows to tell an N+1",
        false => "",
    }
}

fn number(counts: &Counts, metric: &Metric) -> String {
    counts.get(metric).map_or_else(|| "-".to_owned(), |n| n.to_string())
}
