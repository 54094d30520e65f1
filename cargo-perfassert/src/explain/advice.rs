//! What to look at first.

use std::collections::BTreeMap;

use super::{Label, Metric, Path};

/// A line that does at least so much of the whole, in percent, is worth a word.
const WORTH: i64 = 10;

/// The first steps to take, each a sentence without a full stop.
#[must_use]
pub fn advice(paths: &[Path], metric: Metric) -> Vec<String> {
    let what = what(metric);
    let mut advice = Vec::new();
    if let Some((place, n, all)) = largest(paths, |path| path.weight.of(metric)) {
        advice.push(format!("look at {place} first: {} of the {what}", share(n, all)));
    }
    if let Some((place, n, all)) = largest(paths, |path| path.weight.grown) {
        advice.push(format!(
            "make room once at {place}: {n} of {all} reallocations make a block larger there; with_capacity or reserve, where the \
             size is known"
        ));
    }
    advice
}

/// The first step to take about what has risen.
#[must_use]
pub fn advice_on_difference(before: &[Path], after: &[Path], metric: Metric) -> Vec<String> {
    let gone = before.iter().map(|path| Path { weight: -path.weight, ..path.clone() });
    let both: Vec<Path> = gone.chain(after.iter().cloned()).collect();
    let largest = largest(&both, |path| path.weight.of(metric));
    let of = largest.map(|(place, n, _)| format!("look at {place} first: {n} more {}", what(metric)));
    of.into_iter().collect()
}

fn what(metric: Metric) -> &'static str {
    match metric {
        Metric::Allocs => "allocations",
        Metric::Bytes => "bytes",
        Metric::Queries => "queries",
    }
}

/// The line that has most of something, what it has, and what all have.
fn largest(paths: &[Path], of: impl Fn(&Path) -> i64) -> Option<(String, i64, i64)> {
    let mut lines = BTreeMap::<&Label, i64>::new();
    for path in paths {
        let is_line = |label: &&Label| matches!(label, Label::Line { site: Some(_), .. });
        if let Some(line) = path.labels.iter().rev().find(is_line) {
            *lines.entry(line).or_default() += of(path);
        }
    }
    let all: i64 = paths.iter().map(&of).sum();
    let (line, n) = lines.into_iter().max_by_key(|(_, n)| *n)?;
    let Label::Line { site: Some((file, number)), .. } = line else { return None };
    (n > 1 && n * 100 >= all * WORTH).then(|| (format!("{file}:{number}"), n, all))
}

fn share(n: i64, all: i64) -> String {
    if n == all { "all".to_owned() } else { format!("{} %", n * 100 / all.max(1)) }
}

#[cfg(test)]
mod tests {
    use super::super::Weight;
    use super::*;

    fn path(line: u32, allocs: i64, grown: i64) -> Path {
        let label = |line| Label::Line {
            function: "list".to_owned(),
            site: Some(("src/orders.rs".to_owned(), line)),
            is_gone: false,
        };
        let labels = vec![label(1), label(line), Label::Library("json::text".to_owned())];
        Path { labels, weight: Weight { allocs, grown, ..Weight::default() } }
    }

    #[track_caller]
    fn check(paths: &[Path], expected: &[&str]) {
        assert_eq!(advice(paths, Metric::Allocs), expected);
    }

    #[test]
    fn the_line_with_most_is_named() {
        check(
            &[path(42, 30, 0), path(42, 30, 0), path(50, 40, 0)],
            &["look at src/orders.rs:42 first: 60 % of the allocations"],
        );
        check(
            &[path(42, 3, 0), path(50, 9, 8)],
            &[
                "look at src/orders.rs:50 first: 75 % of the allocations",
                "make room once at src/orders.rs:50: 8 of 8 reallocations make a block larger there; with_capacity or reserve, \
                 where the size is known",
            ],
        );
        check(&[path(42, 1, 0)], &[]);
        check(&(0..20).map(|line| path(line, 2, 0)).collect::<Vec<_>>(), &[]);
        check(&[], &[]);
    }

    #[test]
    fn the_line_that_rose_most_is_named() {
        let advice = |before: &[Path], after: &[Path]| advice_on_difference(before, after, Metric::Allocs);
        let before = [path(42, 30, 0), path(50, 9, 0)];
        let after = [path(42, 31, 0), path(50, 19, 0)];
        assert_eq!(advice(&before, &after), ["look at src/orders.rs:50 first: 10 more allocations"]);
        assert_eq!(advice(&before, &before), [""; 0]);
        assert_eq!(advice(&before, &[]), [""; 0]);
    }
}
