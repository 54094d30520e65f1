//! The table of a run: test by test, and the endpoints of each.

use std::io::{self, Write};

use anstyle::Style;
use perfassert::counts::{Counts, Metric};
use perfassert::record::{Outcome, Statement};

use super::test_name;
use crate::runs::Run;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes the table; a dash stands for what was not measured.
///
/// # Errors
///
/// When `out` fails.
pub fn table(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Vec::new();
    for record in &run.records {
        let note = match &record.outcome {
            Outcome::Passed => few_rows(&record.statements),
            Outcome::Failed => "failed",
            Outcome::OverBudget(_) => "over budget",
            Outcome::Inconclusive(_) => "could not see",
            Outcome::Unseen(_) => "not seen whole",
        };
        rows.push((BOLD, test_name(&record.test), String::new(), &record.counts, note));
        for endpoint in &record.endpoints {
            let note = match endpoint.failed {
                0 => few_rows(&endpoint.statements),
                _ => "with failed requests",
            };
            let name = format!("  {}", endpoint.name);
            rows.push((DIM, name, endpoint.requests.to_string(), &endpoint.counts, note));
        }
    }
    let width = rows.iter().map(|(_, name, ..)| name.chars().count()).max().unwrap_or(0);
    writeln!(out, "{BOLD}{:width$}  {:>8}  {:>8}  {:>9}{BOLD:#}", "test", "requests", "queries", "allocs")?;
    for (style, name, requests, counts, note) in rows {
        let is_iterated =
            counts.get(&Metric::Allocs).is_none() && counts.get(&Metric::AllocsPerIter).is_some();
        let (allocs, note) = match is_iterated {
            true => (Metric::AllocsPerIter, "per iteration"),
            false => (Metric::Allocs, note),
        };
        let (queries, allocs) = (number(counts, &Metric::Queries), number(counts, &allocs));
        let line = format!("{style}{name:width$}{style:#}  {requests:>8}  {queries:>8}  {allocs:>9}  {note}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
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
