//! The report for the person at the failing job: what, where, what next.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::rows;
use super::words::{self, LISTED, SITES, STATEMENTS};
use crate::diff::StatementChange;
use crate::report::{Finding, Kind, Report, Severity, Verdict};

/// So wide is the name of a row, at most, before the next column stands where the name ends.
const NAME_WIDTH: usize = 48;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

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
    lists(report, out)
}

fn headline(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let style = if report.verdict == Verdict::Pass { GREEN } else { RED };
    write!(out, "{BOLD}perfassert:{BOLD:#} {style}{}{style:#}", words::verdict(report))?;
    if let Some(baseline) = words::baseline(report) {
        write!(out, " against {baseline}")?;
    }
    writeln!(out, ": {}", words::compared(report))?;
    for note in [words::no_baseline(report), words::unconfirmed(report)].into_iter().flatten() {
        writeln!(out, "{note}")?;
    }
    Ok(())
}

fn finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let style = match (finding.kind, finding.severity) {
        (_, Severity::Improvement) => GREEN,
        (Kind::ChangedSql | Kind::Nondeterministic | Kind::NewCounter, _) => YELLOW,
        _ => RED,
    };
    write!(out, "{style}{}{style:#}  {BOLD}{}{BOLD:#}", words::label(finding), words::subject(finding))?;
    if let Some(count) = words::count(finding).filter(|_| finding.kind != Kind::Nondeterministic) {
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
    for (statement, below) in words::statements(finding) {
        self::statement(statement, below, out)?;
    }
    if finding.statements.len() > STATEMENTS {
        writeln!(out, "     and {} more statements", finding.statements.len() - STATEMENTS)?;
    }
    places(finding, out)?;
    rows(finding, out)?;
    for line in words::beside(finding) {
        writeln!(out, "     {line}")?;
    }
    for help in &finding.help {
        writeln!(out, "     {BOLD}help:{BOLD:#} {}", help.replace('\n', "\n           "))?;
    }
    Ok(())
}

fn statement(
    statement: &StatementChange,
    below: Option<&StatementChange>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let StatementChange { before, after, .. } = *statement;
    let style = if words::repeats(statement) {
        RED
    } else if after > before {
        BOLD
    } else {
        DIM
    };
    let (sql, notes) = (words::sql(statement), words::notes(statement, below));
    writeln!(out, "     {style}{after:>5}x  {sql}{style:#}  ({notes})")?;
    for site in statement.sites.iter().take(SITES) {
        match site.function.as_str() {
            "" => writeln!(out, "             {site}")?,
            function => writeln!(out, "             {site}  {DIM}{function}{DIM:#}")?,
        }
    }
    if statement.sites.len() > SITES {
        writeln!(out, "             and {} more lines", statement.sites.len() - SITES)?;
    }
    Ok(())
}

fn rows(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let Some((title, rows)) = rows::rows(finding) else { return Ok(()) };
    writeln!(out, "     {title}")?;
    // A list of tests may be longer.
    let width = rows.iter().map(|[name, _]| name.chars().count()).max().unwrap_or(0).min(NAME_WIDTH);
    for [name, text] in rows {
        writeln!(out, "{}", format!("        {name:width$}   {text}").trim_end())?;
    }
    Ok(())
}

fn places(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    if let Some(title) = words::places_title(finding) {
        writeln!(out, "     {title}")?;
    }
    let (places, more) = words::places(finding);
    for [by, site, function, was] in places {
        let site = if site.is_empty() { site } else { format!("{site}  ") };
        writeln!(out, "     {BOLD}{by:>6}{BOLD:#}  {site}{DIM}{function}{DIM:#}  ({was})")?;
    }
    more.map_or(Ok(()), |more| writeln!(out, "     {more}"))
}

fn lists(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for (title, lines) in words::lists(report).iter().filter(|(_, lines)| !lines.is_empty()) {
        writeln!(out, "\n{BOLD}{title}:{BOLD:#}")?;
        for line in lines.iter().take(LISTED) {
            writeln!(out, "     {line}")?;
        }
        if lines.len() > LISTED {
            writeln!(out, "     and {} more", lines.len() - LISTED)?;
        }
    }
    Ok(())
}
