//! Stacks as paths of labels.

use std::fmt;

use perfassert_record::record::explain::{Code, Explanation, Frame};

use super::Weight;
use crate::git::MovedLines;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// A function of the user's, and the line in it from where it goes on.
    Line {
        /// The function.
        function: String,
        /// The file and the line, where the build tells.
        site: Option<(String, u32)>,
        /// The line is the baseline's, and is no more.
        is_gone: bool,
    },
    /// A function of a library that the user's code has called, with its crate.
    Library(String),
    /// A statement.
    Sql(String),
    /// The stack tells nothing.
    Unknown,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Line { function, site: Some((file, line)), .. } if function.is_empty() => {
                write!(f, "{file}:{line}")
            }
            Label::Line { function, site: Some((file, line)), .. } => write!(f, "{function} {file}:{line}"),
            Label::Line { function: text, site: None, .. } | Label::Library(text) | Label::Sql(text) => {
                f.write_str(text)
            }
            Label::Unknown => f.write_str("no line is known"),
        }
    }
}

/// A path from the outside in, and what was counted at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The steps.
    pub labels: Vec<Label>,
    /// What was counted.
    pub weight: Weight,
}

impl Path {
    /// The same path, of a commit since which lines have `moved`: one that has moved, or that was edited, is the same line.
    #[must_use]
    pub fn by_lines_of_now(self, moved: &MovedLines) -> Path {
        let label = |label| match label {
            Label::Line { function, site: Some((file, line)), .. } => match moved.now(&file, line) {
                Some(site) => Label::Line { function, site: Some(site), is_gone: false },
                None => Label::Line { function, site: Some((file, line)), is_gone: true },
            },
            other => other,
        };
        Path { labels: self.labels.into_iter().map(label).collect(), ..self }
    }
}

/// The paths of everything that a test did.
#[must_use]
pub fn paths(explanation: &Explanation) -> Vec<Path> {
    let frames = |stack: &[usize]| stack.iter().map(|frame| &explanation.frames[*frame]).collect::<Vec<_>>();
    let allocations = explanation
        .allocations
        .iter()
        .map(|of| Path { labels: with_library(&frames(&of.stack)), weight: Weight::from(of) });
    let queries = explanation.queries.iter().map(|of| {
        let mut labels = own(&frames(&of.stack));
        labels.push(Label::Sql(of.sql.clone()));
        Path { labels, weight: Weight::of_queries(of.count) }
    });
    allocations.chain(queries).collect()
}

/// The lines of the user's, and the function of a library that the last of them has called.
///
/// What a library does inside is its own affair. Where no line is the user's, as in a task that a library has started, it is all that
/// there is: then one function stands for each crate.
fn with_library(frames: &[&Frame]) -> Vec<Label> {
    let mut labels = own(frames);
    let last = frames.iter().rposition(|frame| frame.code == Code::Own);
    let inside = &frames[last.map_or(0, |last| last + 1)..];
    let mut libraries: Vec<&Frame> = Vec::new();
    for frame in inside.iter().filter(|frame| frame.code == Code::Library) {
        if libraries.last().is_none_or(|before| before.crate_name != frame.crate_name) {
            libraries.push(frame);
        }
    }
    libraries.truncate(if labels.is_empty() { usize::MAX } else { 1 });
    labels.extend(libraries.into_iter().map(|frame| Label::Library(frame.function.clone())));
    if labels.is_empty() {
        labels.push(Label::Unknown);
    }
    labels
}

/// The lines of the user's. Of a function that calls itself, by a closure or as a recursion, the innermost line stands.
fn own(frames: &[&Frame]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut before: Option<&Frame> = None;
    for frame in frames.iter().filter(|frame| frame.code == Code::Own) {
        if before.is_some_and(|before| (&before.function, &before.file) == (&frame.function, &frame.file)) {
            labels.pop();
        }
        labels.push(Label::Line {
            function: frame.function.clone(),
            site: frame.file.clone().zip(frame.line),
            is_gone: false,
        });
        before = Some(frame);
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames as `name` of the user's, `crate::name` of a library's, and `<name` of what lies beneath; lines by their position.
    #[track_caller]
    fn check(stack: &str, expected: &str) {
        let frame = |(line, text): (u32, &str)| {
            let (code, function) = match text.strip_prefix('<') {
                Some(function) => (Code::Beneath, function),
                None if text.contains("::") => (Code::Library, text),
                None => (Code::Own, text),
            };
            Frame {
                function: function.to_owned(),
                crate_name: function.split("::").next().unwrap_or_default().to_owned(),
                file: Some("a.rs".to_owned()),
                line: Some(line),
                code,
            }
        };
        let frames: Vec<Frame> = (1..).zip(stack.split_whitespace()).map(frame).collect();
        let labels = with_library(&frames.iter().collect::<Vec<_>>());
        let labels: Vec<_> = labels.iter().map(ToString::to_string).collect();
        assert_eq!(labels.join(", "), expected, "{stack}");
    }

    #[test]
    fn a_path_is_the_users_lines_and_what_they_called() {
        check("<main <run lists <collect label <format <alloc", "lists a.rs:3, label a.rs:5");
        check("<main lists json::text json::write itoa::format <alloc", "lists a.rs:2, json::text");
        // Of what calls back only the user's code stands.
        check("lists axum::call tower::call handler <alloc", "lists a.rs:1, handler a.rs:4");
    }

    #[test]
    fn a_function_that_calls_itself_stands_once() {
        // An attribute, the test as it was written, a closure in it.
        check("lists <run lists <collect lists <alloc", "lists a.rs:5");
        check("walk walk walk other walk <alloc", "walk a.rs:3, other a.rs:4, walk a.rs:5");
    }

    #[test]
    fn without_a_line_of_the_users_libraries_stand_for_themselves() {
        check("<poll hyper::a hyper::b http::c <alloc", "hyper::a, http::c");
        check("<start <alloc", "no line is known");
        check("", "no line is known");
    }
}
