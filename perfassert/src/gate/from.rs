//! Which lines a statement came from, and whether that was a loop.

use crate::record::Site;
use crate::scope::{Entry, Lines};

/// The lines from which a statement was sent `threshold` times or more, by the same calls, and how often from all of them.
///
/// A line in a function that three others call, each once, is no loop. If it is accused `by_anyone`, it does not matter
/// who calls.
pub(super) fn accused_lines(
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

struct FromLine {
    site: Site,
    /// Which of the stacks end there.
    stacks: Vec<usize>,
    sure: u64,
    about: u64,
}

/// The executions by line, the most frequent first.
fn by_line(lines: &Lines) -> Vec<FromLine> {
    let mut by_line: Vec<FromLine> = Vec::new();
    let mut group_of = Vec::new();
    for (stack, capture) in lines.stacks().iter().enumerate() {
        group_of.push(capture.site().map(|site| {
            let known = by_line.iter().position(|line| line.site == site);
            let line = known.unwrap_or_else(|| {
                by_line.push(FromLine { site, stacks: Vec::new(), sure: 0, about: 0 });
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
fn is_loop(lines: &Lines, line: &FromLine, threshold: u64) -> bool {
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
