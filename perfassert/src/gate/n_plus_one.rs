//! Statements that repeat the way that an N+1 does.
//!
//! The evidence is the same application statement, from the same line and by the same calls, again and again within
//! one request, one section, or the rest of the test. A statement that takes a list (`IN (...)`, `= ANY(...)`, several
//! rows of `VALUES`) is a batch, and is accused only where it is sent for each row of another; one that stands several
//! times in one text went to the database once.
//!
//! What else is known bears on it: the rows of the statement that it is repeated for, its values, and what was rolled
//! back or failed between. `docs/book/src/n-plus-one.md` has the rules, and how often they are right.

use super::from::accused_lines;
use super::kinds::of_several_kinds;
use super::spared::is_spared;
use super::suspect::{Suspect, can_be_accused, parent, parent_by, told};
use crate::observation::Part;
use crate::scope::{Entry, Role};
use crate::spec::NoNPlusOne;

/// The statements of `part` that were executed `threshold` times or more from one line; of iterations, in each.
pub(crate) fn suspects(part: &Part, threshold: u64) -> Vec<Suspect> {
    let threshold = threshold.saturating_mul(part.iterations().unwrap_or(1));
    let entries = part.statements.iter().enumerate().filter(|(_, entry)| can_be_accused(part, entry));
    let mut suspects: Vec<Suspect> = entries
        .filter_map(|(index, entry)| {
            suspect(part, index, entry, threshold).or_else(|| batch_per_row(part, index, entry, threshold))
        })
        .collect();
    let among_several = of_several_kinds(part, threshold, &suspects);
    suspects.extend(among_several);
    suspects
}

fn suspect(part: &Part, index: usize, entry: &Entry, threshold: u64) -> Option<Suspect> {
    let repeats = Some(&entry.repeats).filter(|repeats| repeats.texts >= threshold)?;
    let values = told(entry);
    // In one request it does not matter who asks again; a test asks again to see what has changed.
    let by_anyone = values.is_some_and(|values| values.is_duplicate) && part.role != Role::Test;
    let (lines, count) = accused_lines(&repeats.lines, repeats.texts, threshold, by_anyone)?;
    let parent = parent(&part.statements, index, count);
    let is_per_row = parent.is_some_and(|parent| parent.rows == count);
    let suspect = Suspect { index, count, lines, parent, values, others: Vec::new() };
    (is_per_row || !is_spared(part, &suspect, threshold)).then_some(suspect)
}

/// A batch that is sent for each row, and not for many of them. Of one that is not, there are half as many as rows, or fewer.
fn batch_per_row(part: &Part, index: usize, entry: &Entry, threshold: u64) -> Option<Suspect> {
    let repeats = Some(&entry.with_batches).filter(|repeats| repeats.texts >= threshold)?;
    let (lines, count) = accused_lines(&repeats.lines, repeats.texts, threshold, false)?;
    let is_for_most = |rows: u64| rows >= count && count * 2 > rows + 1;
    let parent = parent(&part.statements, index, count)
        .or_else(|| parent_by(&part.statements, index, count, &is_for_most));
    parent.map(|_| Suspect { index, count, lines, parent, values: None, others: Vec::new() })
}

/// Statements of `part` that were sent once per row of another, where there were too few rows to tell.
pub(crate) fn too_few(part: &Part) -> Vec<Suspect> {
    let threshold = NoNPlusOne::DEFAULT.threshold;
    let pairs = suspects(part, NoNPlusOne::LEAST).into_iter();
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
