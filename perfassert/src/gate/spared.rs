//! What speaks for a statement that repeats: it was tried again, takes one part after another, goes to several databases, or it
//! is the test that asks again.

use perfassert_record::text::only_calls;

use super::suspect::{Suspect, told};
use crate::nature::{expects_a_version, is_limited, is_page, is_window, takes_what_is_left};
use crate::observation::Part;
use crate::record::Site;
use crate::scope::{Entry, Lines, Role};
use crate::site::Looping;
use crate::sql::{Class, Kind};

/// Who tries again gives up before there were so many attempts.
const MOST_ATTEMPTS: u64 = 5;

/// Whether something speaks for it. That it is sent once per row of another statement speaks against it, whatever this says.
pub(super) fn is_spared(part: &Part, suspect: &Suspect, threshold: u64) -> bool {
    let entry = &part.statements[suspect.index];
    is_retried(entry, threshold)
        || walks(entry)
        || is_a_call(entry)
        || is_read_and_written_again(part, suspect)
        || entry.repeats.databases.are_several(threshold)
        || is_once_per_part(part, suspect)
        || is_the_tests(part, suspect)
}

/// Whether it repeats only because it failed, met nothing, or its transaction was rolled back or dropped.
///
/// Who tries again does so with the same values, keeps what succeeds in the end, and does not go on for long.
fn is_retried(entry: &Entry, threshold: u64) -> bool {
    let repeats = &entry.repeats;
    let (attempts, values) = (&repeats.attempts, &repeats.values);
    // The version that is expected is another one each time.
    let all_differ = !expects_a_version(&entry.statement.text, entry.statement.kind)
        && told(entry).is_some_and(|told| told.or_more || told.distinct == values.known);
    let has_reason = repeats.kept > 0 || attempts.has_failed || repeats.texts <= threshold;
    !attempts.has_gone_on
        && repeats.kept < threshold
        && attempts.most_in_one < threshold
        && (1..=MOST_ATTEMPTS).contains(&attempts.most_undone)
        && has_reason
        && !all_differ
}

/// Whether it takes one part after another of what there is.
fn walks(entry: &Entry) -> bool {
    let (text, kind) = (&entry.statement.text, entry.statement.kind);
    takes_what_is_left(text, kind) || is_paged(entry) || is_drained(entry)
}

/// Whether a row is read again and again, and written if it has not changed meanwhile, by a driver that does not tell whether it
/// was written: the values that are read by are the same each time.
fn is_read_and_written_again(part: &Part, suspect: &Suspect) -> bool {
    let reads_again = |entry: &Entry| {
        let is_same = told(entry).is_some_and(|told| told.distinct == 1);
        entry.statement.kind == Kind::Select && is_same && entry.repeats.has_writes_between
    };
    let writes = |entry: &Entry| {
        expects_a_version(&entry.statement.text, entry.statement.kind) && entry.rows.is_none()
    };
    let entry = &part.statements[suspect.index];
    let times = entry.repeats.texts;
    let others = part.statements.iter().filter(|other| other.repeats.texts.abs_diff(times) <= 1);
    (reads_again(entry) && others.clone().any(writes)) || (writes(entry) && others.clone().any(reads_again))
}

/// Whether it asks for one page or window after another. Where no execution returned more than a row, it looked for one.
fn is_paged(entry: &Entry) -> bool {
    let (text, kind) = (&entry.statement.text, entry.statement.kind);
    let is_read = kind == Kind::Select;
    let finds_many = !is_read || entry.rows.is_none_or(|rows| rows > 1);
    finds_many && ((is_read && is_page(text)) || is_window(text, kind))
}

/// Whether it asks for some rows until none are left, because those that it has returned are changed in between.
///
/// A read of one row by its key may have a limit as well, but it has no order.
fn is_drained(entry: &Entry) -> bool {
    let text = &entry.statement.text;
    let is_limited_read = entry.statement.kind == Kind::Select && is_limited(text);
    let is_of_many = text.contains(" ORDER BY ") || !text.contains(" = ?");
    let values_differ = told(entry).is_some_and(|told| told.distinct > 1);
    let has_less_in_the_end = match (entry.rows, entry.last_rows) {
        (Some(most), Some(last)) => last < most,
        _ => told(entry).is_some_and(|told| told.distinct == 1),
    };
    is_limited_read && is_of_many && !values_differ && entry.repeats.has_writes_between && has_less_in_the_end
}

/// Whether it calls a function that may do anything, and is not known to be called for one value after the other.
fn is_a_call(entry: &Entry) -> bool {
    only_calls(&entry.statement.text) && told(entry).is_none_or(|told| told.distinct == 1)
}

/// Whether it is sent once for each page, window or job that another statement takes.
fn is_once_per_part(part: &Part, suspect: &Suspect) -> bool {
    let takes_parts = |entry: &&Entry| {
        let (text, kind) = (&entry.statement.text, entry.statement.kind);
        let finds_many = entry.rows.is_some_and(|rows| rows > 1);
        let takes_rows = entry.rows.is_some() && is_drained(entry);
        takes_what_is_left(text, kind) || takes_rows || (finds_many && is_paged(entry))
    };
    let most_from_one_line = suspect.lines.iter().map(|(_, n)| *n).max().unwrap_or(suspect.count);
    let others = part.statements.iter().enumerate().filter(|(index, _)| *index != suspect.index);
    others
        .map(|(_, entry)| entry)
        .filter(|entry| entry.statement.class == Class::Application)
        .filter(takes_parts)
        .any(|entry| entry.repeats.texts.max(entry.with_batches.texts) >= most_from_one_line)
}

/// Whether the test itself goes through its cases, or looks again and again.
///
/// Where it calls the application in a loop of its own, that is no loop of the application's, unless it reads by one value after
/// the other that it does not name, or for rows that it may have read before.
fn is_the_tests(part: &Part, suspect: &Suspect) -> bool {
    if part.role != Role::Test || suspect.parent.is_some() {
        return false;
    }
    let is_read = part.statements[suspect.index].statement.kind == Kind::Select;
    let differs = suspect.values.is_some_and(|values| values.distinct > 1);
    let looks_for_rows = is_read && (differs || may_have_a_parent(part, suspect));
    match looping(&part.statements[suspect.index].repeats.lines, &suspect.lines) {
        Looping::OverCases => !may_have_a_parent(part, suspect),
        Looping::AroundACall => !looks_for_rows,
        Looping::AroundTheLine => suspect.is_duplicate() && !looks_for_rows,
        Looping::Unknown => false,
    }
}

/// Whether a statement was sent before of which the driver does not tell how many rows it returned.
fn may_have_a_parent(part: &Part, suspect: &Suspect) -> bool {
    let before = part.statements[..suspect.index].iter();
    before
        .filter(|entry| entry.statement.class == Class::Application && entry.statement.kind == Kind::Select)
        .any(|entry| entry.rows.is_none() && entry.count < suspect.count)
}

/// Where the loop is that led to all of the accused lines.
fn looping(lines: &Lines, accused: &[(Site, u64)]) -> Looping {
    let is_accused =
        |site: Option<Site>| site.is_some_and(|site| accused.iter().any(|(line, _)| *line == site));
    let mut of_each =
        lines.stacks().iter().filter(|stack| is_accused(stack.site())).map(|stack| stack.looping());
    let first = of_each.next().unwrap_or(Looping::Unknown);
    if of_each.all(|other| other == first) { first } else { Looping::Unknown }
}
