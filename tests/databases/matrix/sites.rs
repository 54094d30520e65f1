//! The lines that a record names, held against the fixtures' own text.

use std::path::Path;

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
        let file = root.join(&site.file);
        let code = code_at(&read(&file), site.line);
        // What a test leaves behind is dropped with it, and has the line of the whole.
        let is_left = site.function.ends_with("_at_the_end_of_the_test") && code.contains("async fn ");
        let is_right = match statements_in(&code).as_slice() {
            [] => is_left || calls_a_driver(&code, &[&file, &file.with_file_name("mod.rs")]),
            texts => texts.contains(&statement.sql),
        };
        (!is_right).then(|| format!("{site} for {}: {code}", statement.sql))
    });
    wrong.collect()
}

/// The SQL in a statement of Rust.
fn statements_in(code: &str) -> Vec<String> {
    let literals = code.split('"').skip(1).step_by(2);
    let texts = literals.filter(|text| text.starts_with(|first: char| first.is_ascii_uppercase()));
    texts.flat_map(statements).map(|statement| statement.text).collect()
}

/// Whether a statement of Rust without SQL executes or awaits what was made before, and not by way of an `async` function in
/// these files: the line would be in there. A stream that is given up is told of when it is dropped.
fn calls_a_driver(code: &str, files: &[&Path]) -> bool {
    const CALLS: [&str; 6] = [".await", "execute(", ".query(", "(connection)", "connection, ", "drop("];
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let is_called = |name: &str| {
        let call = format!("{name}(");
        let mut before = code.match_indices(&call).map(|(at, _)| &code[..at]);
        before.any(|before| !before.ends_with(|last| is_name(last) || matches!(last, '.' | ':')))
    };
    let texts: Vec<String> = files.iter().filter(|file| file.is_file()).map(|file| read(file)).collect();
    let rests = texts.iter().flat_map(|text| text.split("async fn ").skip(1));
    let mut own = rests.filter_map(|rest| rest.split(['(', '<']).next());
    CALLS.iter().any(|call| code.contains(call))
        && !own.any(|name| !name.is_empty() && name.chars().all(is_name) && is_called(name))
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The statement of Rust that a line belongs to.
fn code_at(text: &str, line: u32) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let ends = |line: &&str| line.is_empty() || line.ends_with([';', '{', '}']);
    let (before, rest) = lines.split_at(line as usize - 1);
    let first = before.iter().rposition(ends).map_or(0, |end| end + 1);
    let count = rest.iter().position(ends).map_or(rest.len(), |end| end + 1);
    lines[first..before.len() + count].join(" ")
}
