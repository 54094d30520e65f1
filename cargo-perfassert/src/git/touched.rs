//! The lines that a branch changed.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use super::{Repository, ask};
use crate::error::Error;

/// The lines of each file that differ from a commit, the working tree's changes included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched(BTreeMap<String, Vec<RangeInclusive<u32>>>);

impl Touched {
    /// Whether `line` of `file`, a path relative to the directory asked for, was changed.
    #[must_use]
    pub fn contains(&self, file: &str, line: u32) -> bool {
        self.0.get(file).is_some_and(|ranges| ranges.iter().any(|range| range.contains(&line)))
    }

    /// Reads a diff without context (`--unified=0 --no-prefix`), whose new side is numbered in its `@@` lines.
    #[must_use]
    pub fn parse(diff: &str) -> Self {
        let mut touched = BTreeMap::<String, Vec<_>>::new();
        let mut file = None;
        for line in diff.lines() {
            if let Some(path) = line.strip_prefix("+++ ") {
                file = Some(path.trim_end_matches('\t').to_owned());
            } else if let (Some(hunk), Some(file)) = (line.strip_prefix("@@ "), &file) {
                touched.entry(file.clone()).or_default().extend(new_side(hunk));
            }
        }
        Touched(touched)
    }
}

/// The lines of `-12,3 +14,2 @@`: 14 to 15.
fn new_side(hunk: &str) -> Option<RangeInclusive<u32>> {
    let side = hunk.split(' ').find_map(|side| side.strip_prefix('+'))?;
    let (start, length) = side.split_once(',').unwrap_or((side, "1"));
    let (start, length) = (start.parse::<u32>().ok()?, length.parse::<u32>().ok()?);
    (length > 0).then(|| start..=start + length - 1)
}

impl Repository {
    /// The lines under `dir` that differ between `commit` and the working tree; a file that git does not know yet
    /// counts as changed from its first line to its last.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn touched(&self, commit: &str, dir: &Path) -> Result<Touched, Error> {
        let plain = ["-c", "core.quotePath=false"];
        let diff = [
            "diff",
            "--unified=0",
            "--no-prefix",
            "--no-color",
            "--no-ext-diff",
            "--relative",
            commit,
            "--",
            ".",
        ];
        let unknown = ["ls-files", "--others", "--exclude-standard"];
        let mut touched = Touched::parse(&ask(dir, &[&plain[..], &diff[..]].concat())?);
        for file in ask(dir, &[&plain[..], &unknown[..]].concat())?.lines() {
            touched.0.insert(file.to_owned(), vec![1..=u32::MAX]);
        }
        Ok(touched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_side_of_a_diff() {
        let touched = Touched::parse(
            "diff --git src/a.rs src/a.rs\n--- src/a.rs\n+++ src/a.rs\n@@ -1,2 +3 @@ fn f() {\n+x\n\
             @@ -9 +10,2 @@\n+y\n+z\n@@ -20,4 +20,0 @@\n-gone\n",
        );
        let lines: Vec<u32> = (1..30).filter(|line| touched.contains("src/a.rs", *line)).collect();
        assert_eq!(lines, [3, 10, 11]);
        assert!(!touched.contains("src/b.rs", 3));
    }
}
