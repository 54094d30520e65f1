//! The lines that a record names, held against the fixtures' own text.

use std::path::Path;

use perfassert::Site;
use perfassert::record::{Record, Statement};
use perfassert::sql::{Class, statements};

/// The application's statements without a line, and lines that do not execute theirs.
pub(super) fn wrong(record: &Record, root: &Path) -> Vec<String> {
    let ours = record.statements.iter().filter(|statement| statement.class == Class::Application);
    ours.flat_map(|statement| wrong_of(statement, root)).collect()
}

fn wrong_of(statement: &Statement, root: &Path) -> Vec<String> {
    if statement.sites.is_empty() {
        return vec![format!("none for {}", statement.sql)];
    }
    let wrong = statement.sites.iter().filter_map(|site| {
        let code = code_at(site, root);
        // What a test leaves behind is dropped with it, and has the line of the whole.
        let is_left = site.function.ends_with("_at_the_end_of_the_test");
        let is_right = executes(&code, &statement.sql) || is_left && code.contains("async fn ");
        (!is_right).then(|| format!("{site} for {}: {code}", statement.sql))
    });
    wrong.collect()
}

/// Whether a statement of Rust executes one of SQL: it has that text in it, or none, and calls or awaits what was made before. A
/// stream that is given up is told of when it is dropped.
fn executes(code: &str, sql: &str) -> bool {
    const CALLS: [&str; 6] = [".await", "execute(", ".query(", "(connection)", "connection, ", "drop("];
    let is_sql = |text: &&str| text.starts_with(|first: char| first.is_ascii_uppercase());
    let mut texts = code.split('"').skip(1).step_by(2).filter(is_sql).peekable();
    match texts.peek() {
        Some(_) => texts.flat_map(statements).any(|statement| statement.text == sql),
        None => CALLS.iter().any(|call| code.contains(call)),
    }
}

/// The statement of Rust that a line belongs to.
fn code_at(site: &Site, root: &Path) -> String {
    let text =
        std::fs::read_to_string(root.join(&site.file)).unwrap_or_else(|error| panic!("{site}: {error}"));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let ends = |line: &&str| line.is_empty() || line.ends_with([';', '{', '}']);
    let (before, rest) = lines.split_at(site.line as usize - 1);
    let first = before.iter().rposition(ends).map_or(0, |end| end + 1);
    let count = rest.iter().position(ends).map_or(rest.len(), |end| end + 1);
    lines[first..before.len() + count].join(" ")
}
