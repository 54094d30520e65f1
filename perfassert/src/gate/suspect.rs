//! A statement that is suspected of repeating, and what is known of it: its lines, its values, and the rows that it is repeated for.

use perfassert_record::text::only_calls;

use crate::nature::{acts, locks};
use crate::observation::Part;
use crate::record::Site;
use crate::scope::Entry;
use crate::sql::{Class, Kind};

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
    pub(crate) values: Option<ExecutedValues>,
    /// Other statements that are sent in its place for some of the rows. They are in `count`.
    pub(crate) others: Vec<usize>,
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
pub(crate) struct ExecutedValues {
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

    /// Whether the statement at `index` is accused, by itself or among several.
    pub(crate) fn is_about(&self, index: usize) -> bool {
        self.index == index || self.others.contains(&index)
    }
}

/// Whether it is the application's, is about rows, and is not allowed.
pub(super) fn can_be_accused(part: &Part, entry: &Entry) -> bool {
    let statement = &entry.statement;
    let moves_rows = matches!(statement.kind, Kind::Select | Kind::Insert | Kind::Update | Kind::Delete);
    statement.class == Class::Application
        && moves_rows
        && !(statement.kind == Kind::Select && acts(&statement.text))
        && !part.allowed.contains(&statement.fingerprint)
}

pub(super) fn told(entry: &Entry) -> Option<ExecutedValues> {
    let (values, texts) = (&entry.repeats.values, entry.repeats.texts);
    (values.known > 1 && values.are_known_of_enough(texts)).then(|| ExecutedValues {
        is_duplicate: values.distinct() == 1
            && entry.statement.kind == Kind::Select
            && !only_calls(&entry.statement.text)
            && !locks(&entry.statement.text)
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
pub(super) fn parent(statements: &[Entry], child: usize, times: u64) -> Option<Parent> {
    parent_by(statements, child, times, &|rows| rows == times)
        .or_else(|| parent_by(statements, child, times, &|rows| rows > times && rows - times <= rows / 4))
}

pub(super) fn parent_by(
    statements: &[Entry],
    child: usize,
    times: u64,
    is_enough: &dyn Fn(u64) -> bool,
) -> Option<Parent> {
    let others = statements.iter().enumerate().filter(|(index, entry)| {
        let is_in_time = *index < child || (*index > child && has_begun(entry, &statements[child]));
        is_in_time && entry.statement.class == Class::Application && entry.count < times
    });
    let candidates = others.filter_map(|(index, entry)| {
        let rows = [entry.rows?, entry.all_rows].into_iter().find(|rows| is_enough(*rows))?;
        Some((Parent { index, rows }, (index > child, entry.count, std::cmp::Reverse(index))))
    });
    candidates.min_by_key(|(_, rank)| *rank).map(|(parent, _)| parent)
}

/// Whether `parent` is known to have begun before the last of `child` did.
fn has_begun(parent: &Entry, child: &Entry) -> bool {
    let began = parent.began.zip(child.began);
    began.is_some_and(|((first, _), (_, last))| first < last)
}
