//! Statements that repeat the way that an N+1 does.
//!
//! The evidence is the same application statement, from the same line and by the same calls, again and again within
//! one request, one section, or the rest of the test. A statement that takes a list (`IN (...)`, `= ANY(...)`, several
//! rows of `VALUES`) is a batch and is never accused; one that stands several times in one text went to the database
//! once.
//!
//! What else is known bears on it: the rows of the statement that it is repeated for, its values, and what was rolled
//! back or failed between. `docs/n-plus-one.md` has the rules, and how often they are right.

use super::Part;
use crate::scope::{Entry, Lines, Role};
use crate::site::Site;
use crate::sql::{Class, Kind, is_page};

/// A statement that repeats, and where from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Suspect {
    /// Which of the part's statements.
    pub(crate) index: usize,
    /// How often it was sent from the accused lines.
    pub(crate) count: u64,
    /// These lines with how often each, the most frequent first; none where no stack could be read.
    pub(crate) lines: Vec<(Site, u64)>,
    /// What it is repeated for, as far as rows can tell.
    pub(crate) parent: Option<Parent>,
    /// What its values tell.
    pub(crate) values: Option<Told>,
}

/// The statement whose rows another one is repeated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    /// Which of the part's statements.
    pub(crate) index: usize,
    /// How many rows it returned.
    pub(crate) rows: u64,
}

/// The values that a statement was executed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The same each time, of a statement that reads, with no write between: what it returned could be kept.
    pub(crate) is_duplicate: bool,
    pub(crate) distinct: u64,
    /// There were more than that.
    pub(crate) or_more: bool,
    /// Of how many executions, if not of all.
    pub(crate) of: Option<u64>,
}

impl Suspect {
    /// The same statement with the same values.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.values.is_some_and(|values| values.is_duplicate)
    }
}

/// The statements of `part` that were executed `threshold` times or more from one line; of iterations, in each.
pub(crate) fn suspects(part: &Part, threshold: u64) -> Vec<Suspect> {
    let threshold = threshold.max(2).saturating_mul(part.iterations().unwrap_or(1));
    let entries = part.statements.iter().enumerate();
    entries
        .filter(|(_, entry)| entry.repeats.texts >= threshold && can_be_accused(entry))
        .filter(|(_, entry)| !part.allowed.contains(&entry.statement.fingerprint))
        .filter_map(|(index, entry)| suspect(part, index, entry, threshold))
        .collect()
}

fn suspect(part: &Part, index: usize, entry: &Entry, threshold: u64) -> Option<Suspect> {
    let values = told(entry);
    // In one request it does not matter who asks again; a test asks again to see what has changed.
    let by_anyone = values.is_some_and(|values| values.is_duplicate) && part.role != Role::Test;
    let (lines, count) = accused_lines(&entry.repeats.lines, entry.repeats.texts, threshold, by_anyone)?;
    let parent = parent(&part.statements, index, count);
    let is_per_row = parent.is_some_and(|parent| parent.rows == count);
    let is_spared = is_retried(entry, threshold) || is_paged(entry);
    (is_per_row || !is_spared).then_some(Suspect { index, count, lines, parent, values })
}

fn can_be_accused(entry: &Entry) -> bool {
    let statement = &entry.statement;
    let moves_rows = matches!(statement.kind, Kind::Select | Kind::Insert | Kind::Update | Kind::Delete);
    statement.class == Class::Application && moves_rows
}

/// Whether it repeats only because it failed or its transaction was rolled back. Who tries again does so with the same
/// values.
fn is_retried(entry: &Entry, threshold: u64) -> bool {
    let values = &entry.repeats.values;
    let all_differ = told(entry).is_some_and(|told| told.or_more || told.distinct == values.known);
    entry.repeats.most_in_attempt < threshold && !all_differ
}

/// Whether it asks for one page after another. Where no execution returned more than a row, it looked for one.
fn is_paged(entry: &Entry) -> bool {
    entry.statement.kind == Kind::Select
        && entry.rows.is_none_or(|rows| rows > 1)
        && is_page(&entry.statement.text)
}

fn told(entry: &Entry) -> Option<Told> {
    let (values, texts) = (&entry.repeats.values, entry.repeats.texts);
    (values.known > 1 && values.are_known_of_enough(texts)).then(|| Told {
        is_duplicate: values.distinct() == 1
            && entry.statement.kind == Kind::Select
            && !entry.repeats.has_writes_between,
        distinct: values.distinct(),
        or_more: values.are_many(),
        of: (values.known < texts).then_some(values.known),
    })
}

/// What the statement at `child` was repeated `times` times for: another that returned as many rows, in one execution
/// or in all; or one that returned some more, as not every row needs it. Of several the one that was executed least, and
/// last.
///
/// It is told before, unless it is read while the other is repeated: then it ends, and is told, behind, but has begun
/// before the last of them. What began behind all of them is no reason for any.
fn parent(statements: &[Entry], child: usize, times: u64) -> Option<Parent> {
    let others = statements.iter().enumerate().filter(|(index, entry)| {
        let is_in_time = *index < child || (*index > child && has_begun(entry, &statements[child]));
        is_in_time && entry.statement.class == Class::Application && entry.count < times
    });
    let of_rows = |is_enough: &dyn Fn(u64) -> bool| {
        let candidates = others.clone().filter_map(|(index, entry)| {
            let rows = [entry.rows?, entry.all_rows].into_iter().find(|rows| is_enough(*rows))?;
            Some((Parent { index, rows }, (index > child, entry.count, std::cmp::Reverse(index))))
        });
        candidates.min_by_key(|(_, rank)| *rank).map(|(parent, _)| parent)
    };
    of_rows(&|rows| rows == times).or_else(|| of_rows(&|rows| rows > times && rows - times <= rows / 4))
}

/// Whether `parent` is known to have begun before the last of `child` did.
fn has_begun(parent: &Entry, child: &Entry) -> bool {
    let began = parent.began.zip(child.began);
    began.is_some_and(|((first, _), (_, last))| first < last)
}

/// The lines from which a statement was sent `threshold` times or more, by the same calls, and how often from all of them.
///
/// A line in a function that three others call, each once, is no loop. If it is accused `by_anyone`, it does not matter
/// who calls.
fn accused_lines(
    lines: &Lines,
    texts: u64,
    threshold: u64,
    by_anyone: bool,
) -> Option<(Vec<(Site, u64)>, u64)> {
    let by_line = by_line(lines);
    if by_line.is_empty() {
        return Some((Vec::new(), texts));
    }
    let accused: Vec<_> = by_line
        .into_iter()
        .filter(|line| line.sure >= threshold && (by_anyone || is_loop(lines, line, threshold)))
        .map(|line| (line.site, line.sure + line.about))
        .collect();
    let count = accused.iter().map(|(_, n)| n).sum();
    (!accused.is_empty()).then_some((accused, count))
}

struct Line {
    site: Site,
    /// Which of the stacks end there.
    stacks: Vec<usize>,
    sure: u64,
    about: u64,
}

/// The executions by line, the most frequent first.
fn by_line(lines: &Lines) -> Vec<Line> {
    let mut by_line: Vec<Line> = Vec::new();
    let mut group_of = Vec::new();
    for (stack, capture) in lines.stacks().iter().enumerate() {
        group_of.push(capture.site().map(|site| {
            let known = by_line.iter().position(|line| line.site == site);
            let line = known.unwrap_or_else(|| {
                by_line.push(Line { site, stacks: Vec::new(), sure: 0, about: 0 });
                by_line.len() - 1
            });
            by_line[line].stacks.push(stack);
            line
        }));
    }
    for (line, share) in by_line.iter_mut().zip(lines.shares(&group_of)) {
        (line.sure, line.about) = (share.sure, share.about);
    }
    by_line.sort_by_key(|line| std::cmp::Reverse(line.sure + line.about));
    by_line
}

/// Whether the same calls led to the line as often as that.
fn is_loop(lines: &Lines, line: &Line, threshold: u64) -> bool {
    if line.stacks.len() == 1 {
        return true;
    }
    let mut paths: Vec<Vec<usize>> = Vec::new();
    let mut group_of = vec![None; lines.stacks().len()];
    for stack in &line.stacks {
        let path = lines.stacks()[*stack].path();
        let known = paths.iter().position(|known| *known == path);
        group_of[*stack] = Some(known.unwrap_or_else(|| {
            paths.push(path);
            paths.len() - 1
        }));
    }
    paths.len() == 1 || lines.shares(&group_of).iter().any(|share| share.sure >= threshold)
}

/// The lines that a statement came from, with how often, the most frequent first. What was not captured is taken to be
/// spread like what was.
pub(crate) fn sites(entry: &Entry) -> Vec<(Site, u64)> {
    by_line(&entry.lines).into_iter().map(|line| (line.site, line.sure + line.about)).collect()
}

/// Statements of `part` that were sent once per row of another, where there were too few rows to tell.
pub(crate) fn too_few(part: &Part) -> Vec<Suspect> {
    let threshold = super::NoNPlusOne::DEFAULT.threshold;
    let pairs = suspects(part, 2).into_iter();
    pairs
        .filter(|pair| pair.count < threshold && !pair.is_duplicate())
        .filter(|pair| pair.parent.is_some_and(|parent| parent.rows == pair.count))
        .collect()
}

/// How many different values a judged statement was executed with, where that is known of each execution.
pub(crate) fn distinct_values(entry: &Entry) -> Option<u64> {
    let values = &entry.repeats.values;
    let all = entry.repeats.texts > 0 && values.known == entry.repeats.texts && !values.are_many();
    all.then(|| values.distinct())
}
