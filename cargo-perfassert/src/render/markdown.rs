//! The report as Markdown: for a comment on a pull request, and for the summary of a job.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::rows;
use super::words::{self, LISTED, SITES, STATEMENTS};
use crate::diff::StatementChange;
use crate::report::{Finding, Kind, Report, Verdict};

/// A comment on GitHub may have 65,536 characters. Some bytes are left for what a workflow puts around it.
pub const MARKDOWN_LIMIT: usize = 65_536 - 1024;

/// How many findings are shown in full, before the rest are lines of a table.
const IN_FULL: usize = 10;

/// Writes the report, in no more than [`MARKDOWN_LIMIT`] bytes: what does not fit is counted.
///
/// # Errors
///
/// When `out` fails.
pub fn markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut text = headline(report);
    let mut blocks = Vec::new();
    let all = || report.findings.iter().chain(&report.warnings).chain(&report.improvements);
    blocks.extend(all().take(IN_FULL).map(finding));
    blocks.extend(table(&all().skip(IN_FULL).collect::<Vec<_>>()));
    blocks.extend(lists(report));
    // Room for the line that says what was left out.
    let limit = MARKDOWN_LIMIT - 200;
    let mut left_out = 0;
    for block in blocks {
        if left_out == 0 && text.len() + block.len() <= limit {
            text.push_str(&block);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let parts = if left_out == 1 { "part is" } else { "parts are" };
        let _ = write!(
            text,
            "\n{left_out} {parts} left out; all of it: `cargo perfassert diff`, or `--format json`\n"
        );
    }
    out.write_all(text.as_bytes())
}

fn headline(report: &Report) -> String {
    let sign = if report.verdict == Verdict::Pass { "" } else { "**" };
    let against = words::baseline(report)
        .map(|baseline| format!(" against {}", escaped(&baseline)))
        .unwrap_or_default();
    let mut text = format!(
        "### perfassert: {}\n\n{sign}{}{sign}{against}: {}\n",
        if report.verdict == Verdict::Pass { "passed" } else { "failed" },
        words::verdict(report),
        words::compared(report)
    );
    for note in [words::no_baseline(report), words::unconfirmed(report)].into_iter().flatten() {
        let _ = write!(text, "\n{}\n", escaped(&note));
    }
    text
}

fn finding(finding: &Finding) -> String {
    let mut text = format!("\n#### {}: {}\n\n", words::label(finding), code(&words::subject(finding)));
    let count = words::count(finding).filter(|_| finding.kind != Kind::Nondeterministic);
    let notes = [
        count.map(|count| format!("**{}**", escaped(&count))),
        finding.already_there.then(|| "already there on the baseline".to_owned()),
        finding.touched.then(|| "changed in this branch".to_owned()),
    ];
    let notes: Vec<_> = notes.into_iter().flatten().collect();
    if !notes.is_empty() {
        let _ = writeln!(text, "{}\n", notes.join("; "));
    }
    for reason in &finding.reasons {
        let _ = writeln!(text, "- {}", escaped(&reason.replace('\n', " ")));
    }
    for (statement, below) in words::statements(finding) {
        text.push_str(&self::statement(statement, below));
    }
    if finding.statements.len() > STATEMENTS {
        let _ = writeln!(text, "- and {} more statements", finding.statements.len() - STATEMENTS);
    }
    text.push_str(&places(finding));
    text.push_str(&rows(finding));
    for line in words::beside(finding) {
        let _ = writeln!(text, "- {}", escaped(&line));
    }
    if !finding.help.is_empty() {
        text.push('\n');
    }
    for help in &finding.help {
        let lines: Vec<_> = help.lines().map(escaped).collect();
        let _ = writeln!(text, "> help: {}  ", lines.join("  \n> "));
    }
    text
}

fn statement(statement: &StatementChange, below: Option<&StatementChange>) -> String {
    let (sql, notes) = (code(&words::sql(statement)), escaped(&words::notes(statement, below)));
    let mut text = format!("- {}x {sql} ({notes})\n", statement.after);
    for site in statement.sites.iter().take(SITES) {
        let function = match site.function.as_str() {
            "" => String::new(),
            function => format!(" {}", code(function)),
        };
        let _ = writeln!(text, "  - {}{function}", code(&site.to_string()));
    }
    if statement.sites.len() > SITES {
        let _ = writeln!(text, "  - and {} more lines", statement.sites.len() - SITES);
    }
    text
}

fn rows(finding: &Finding) -> String {
    let Some((title, rows)) = rows::rows(finding) else { return String::new() };
    let row = |[name, text]: &[String; 2]| match text.as_str() {
        "" => format!("  - {}\n", escaped(name)),
        text => format!("  - {}: {}\n", code(name), escaped(text)),
    };
    format!("- {title}\n") + &rows.iter().map(row).collect::<String>()
}

fn places(finding: &Finding) -> String {
    let title = words::places_title(finding).map(|title| format!("- {title}\n")).unwrap_or_default();
    let indent = if title.is_empty() { "" } else { "  " };
    let (places, more) = words::places(finding);
    let row = |[by, site, function, was]: &[String; 4]| {
        let site = if site.is_empty() { String::new() } else { code(site) + " " };
        format!("{indent}- **{by}** {site}{} ({})\n", code(function), escaped(was))
    };
    let more = more.map(|more| format!("{indent}- {more}\n")).unwrap_or_default();
    title + &places.iter().map(row).collect::<String>() + &more
}

/// A line for each of the findings that are not shown in full.
fn table(findings: &[&Finding]) -> Vec<String> {
    let row = |finding: &&Finding| {
        let count = words::count(finding).unwrap_or_default();
        format!("| {} | {} | {} |\n", words::label(finding), cell(&words::subject(finding)), escaped(&count))
    };
    match findings.is_empty() {
        true => Vec::new(),
        // Each line is a block of its own, so that as many are kept as there is room for.
        false => {
            ["\n| | | |\n|---|---|---|\n".to_owned()].into_iter().chain(findings.iter().map(row)).collect()
        }
    }
}

fn lists(report: &Report) -> Vec<String> {
    let lists = words::lists(report).into_iter().filter(|(_, lines)| !lines.is_empty());
    lists
        .map(|(title, lines)| {
            let mut text = format!("\n<details><summary>{title} ({})</summary>\n\n", lines.len());
            for line in lines.iter().take(LISTED) {
                let _ = writeln!(text, "- {}", escaped(line));
            }
            if lines.len() > LISTED {
                let _ = writeln!(text, "- and {} more", lines.len() - LISTED);
            }
            text + "\n</details>\n"
        })
        .collect()
}

/// A text as code, whatever backticks it has.
fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Code in a table, where a bar would end the cell.
pub(super) fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A text of which nothing is taken for a mark.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A name in it is told nothing.
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            character => escaped.push(character),
        }
    }
    escaped
}
