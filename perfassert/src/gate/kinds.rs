//! Rows of several kinds, for each of which another statement is sent: none of them repeats as often as there are rows.

use std::collections::BTreeMap;

use super::from::sites;
use super::suspect::{Suspect, can_be_accused, parent};
use crate::observation::Part;
use crate::scope::Entry;

/// Several statements that one call of the application has sent, one for each row of another statement.
///
/// Only rows can tell: together there are as many executions as rows, and one of the statements at least came again.
pub(super) fn of_several_kinds(part: &Part, threshold: u64, found: &[Suspect]) -> Option<Suspect> {
    // Stacks are dear to look up.
    let has_rows = part.statements.iter().any(|entry| entry.all_rows >= threshold);
    let comes_again = part.statements.iter().any(|entry| (2..threshold).contains(&entry.repeats.texts));
    if !has_rows || !comes_again {
        return None;
    }
    let is_known = |index: usize| found.iter().any(|suspect| suspect.index == index);
    let mut by_call: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, entry) in part.statements.iter().enumerate() {
        if can_be_accused(part, entry) && !is_known(index) && entry.repeats.texts > 0 {
            for call in calls(entry) {
                by_call.entry(call).or_default().push(index);
            }
        }
    }
    let groups = by_call.iter().filter_map(|(call, group)| of_call(part, *call, group, threshold));
    groups.max_by_key(|suspect| suspect.count)
}

fn of_call(part: &Part, call: usize, group: &[usize], threshold: u64) -> Option<Suspect> {
    let texts = |index: &usize| part.statements[*index].repeats.texts;
    let count: u64 = group.iter().map(texts).sum();
    let most = group.iter().copied().max_by_key(|index| (texts(index), std::cmp::Reverse(*index)))?;
    if group.len() < 2 || count < threshold || texts(&most) < 2 {
        return None;
    }
    let parent = parent(&part.statements, *group.first()?, count)?;
    if parent.rows != count || calls(&part.statements[parent.index]).contains(&call) {
        return None;
    }
    Some(Suspect {
        index: most,
        count,
        lines: sites(&part.statements[most]),
        parent: Some(parent),
        values: None,
        others: group.iter().copied().filter(|index| *index != most).collect(),
    })
}

/// The calls of the user's code that all executions of a statement came through.
fn calls(entry: &Entry) -> Vec<usize> {
    let mut paths = entry.repeats.lines.stacks().iter().map(|stack| stack.path());
    let first = paths.next().unwrap_or_default();
    paths.fold(first, |common, path| common.into_iter().filter(|call| path.contains(call)).collect())
}
