//! Where the lines of a commit stand now.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Repository, ask};
use crate::error::Error;

/// How the lines of each file have moved since a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MovedLines(BTreeMap<String, File>);

/// A file of the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct File {
    /// What it is called now.
    name: String,
    /// From the first line to the last.
    hunks: Vec<Hunk>,
}

/// Lines that were replaced: the first of them and how many, then and now, and their texts. Where there are none, the line before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hunk {
    was: (u32, u32),
    is: (u32, u32),
    old: Vec<String>,
    new: Vec<String>,
}

impl MovedLines {
    /// Where `line` of `file` stands now; of those that have replaced it the one that is most like it. `None` if it is gone.
    #[must_use]
    pub fn now(&self, file: &str, line: u32) -> Option<(String, u32)> {
        let Some(File { name, hunks }) = self.0.get(file) else { return Some((file.to_owned(), line)) };
        let mut shift = 0_i64;
        for hunk in hunks {
            let ((first, lines), (new, new_lines)) = (hunk.was, hunk.is);
            // Where nothing was, new lines come after the one that is named.
            let begin = if lines == 0 { first + 1 } else { first };
            if line < begin {
                break;
            }
            if line < begin + lines {
                let inside = u32::try_from(hunk.replacement((line - begin) as usize)?).ok()?;
                return Some((name.clone(), new + inside));
            }
            shift += i64::from(new_lines) - i64::from(lines);
        }
        Some((name.clone(), u32::try_from(i64::from(line) + shift).ok()?))
    }

    /// Reads a diff without context (`--unified=0 --no-prefix`).
    #[must_use]
    pub fn parse(diff: &str) -> Self {
        let mut moved = BTreeMap::<String, File>::new();
        let (mut old, mut left) = (String::new(), (0, 0));
        for line in diff.lines() {
            let hunk = moved.get_mut(&old).and_then(|file| file.hunks.last_mut());
            match (line.split_at_checked(1), hunk, left) {
                (Some(("-", text)), Some(hunk), (1.., _)) => {
                    hunk.old.push(text.to_owned());
                    left.0 -= 1;
                }
                (Some(("+", text)), Some(hunk), (_, 1..)) => {
                    hunk.new.push(text.to_owned());
                    left.1 -= 1;
                }
                _ => {
                    if let Some(path) = line.strip_prefix("rename from ").or(line.strip_prefix("--- ")) {
                        old = path.trim_end_matches('\t').to_owned();
                    } else if let Some(path) = line.strip_prefix("rename to ").or(line.strip_prefix("+++ ")) {
                        moved.entry(old.clone()).or_default().name = path.trim_end_matches('\t').to_owned();
                    } else if let (Some(hunk), Some(file)) =
                        (line.strip_prefix("@@ ").and_then(hunk_of), moved.get_mut(&old))
                    {
                        left = (hunk.was.1, hunk.is.1);
                        file.hunks.push(hunk);
                    }
                }
            }
        }
        MovedLines(moved)
    }
}

impl Hunk {
    /// Which of the new lines stands for an old one.
    fn replacement(&self, old: usize) -> Option<usize> {
        let was = words(self.old.get(old)?);
        let likeness = |new: &String| words(new).iter().filter(|word| was.contains(word)).count();
        let likeness: Vec<usize> = self.new.iter().map(likeness).collect();
        let most = likeness.iter().copied().max().unwrap_or(0);
        if most == 0 {
            return (self.old.len() == self.new.len()).then_some(old);
        }
        let like = likeness.iter().enumerate().filter(|(_, n)| **n == most);
        like.map(|(at, _)| at).min_by_key(|at| at.abs_diff(old))
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

/// `-12,3 +14,2 @@`
fn hunk_of(text: &str) -> Option<Hunk> {
    let mut sides = text.split(' ');
    let was = side(sides.next()?.strip_prefix('-')?)?;
    let is = side(sides.next()?.strip_prefix('+')?)?;
    Some(Hunk { was, is, ..Hunk::default() })
}

fn side(text: &str) -> Option<(u32, u32)> {
    let (first, lines) = text.split_once(',').unwrap_or((text, "1"));
    Some((first.parse().ok()?, lines.parse().ok()?))
}

impl Repository {
    /// How the lines of the files under `dir` have moved between `commit` and the working tree.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn moved(&self, commit: &str, dir: &Path) -> Result<MovedLines, Error> {
        let diff = [
            "-c",
            "core.quotePath=false",
            "diff",
            "--unified=0",
            "--no-prefix",
            "--no-color",
            "--no-ext-diff",
            "--find-renames",
            "--relative",
            commit,
            "--",
            ".",
        ];
        Ok(MovedLines::parse(&ask(dir, &diff)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(diff: &str, file: &str, lines: &[(u32, Option<u32>)]) {
        let moved = MovedLines::parse(diff);
        for (line, expected) in lines {
            let now = moved.now("src/a.rs", *line);
            assert_eq!(now, expected.map(|line| (file.to_owned(), line)), "{line}");
        }
    }

    #[test]
    fn lines_shift_and_are_replaced() {
        let diff = "diff --git src/a.rs src/a.rs\n--- src/a.rs\n+++ src/a.rs\n@@ -2,0 +3,2 @@ fn f() {\n+x\n+y\n\
                    @@ -5,2 +7 @@\n-let a = b(1);\n-c;\n+let a = b(2);\n@@ -9 +9,0 @@\n-d\n";
        let lines = [
            (1, Some(1)),
            (2, Some(2)),
            (3, Some(5)),
            (4, Some(6)),
            (5, Some(7)),
            (6, None),
            (7, Some(8)),
            (8, Some(9)),
            (9, None),
            (10, Some(10)),
        ];
        check(diff, "src/a.rs", &lines);
    }

    #[test]
    fn a_line_is_the_one_that_is_most_like_it() {
        let hunk = |lines: &str| format!("--- src/a.rs\n+++ src/a.rs\n@@ -4 +4,2 @@\n{lines}");
        check(
            &hunk("-    all(i)\n+    let x = 1;\n+    all(i).len() + x\n"),
            "src/a.rs",
            &[(4, Some(5)), (5, Some(6))],
        );
        check(&hunk("--- all\n+++ x\n+all\n"), "src/a.rs", &[(4, Some(5)), (5, Some(6))]);
        check(&hunk("-a\n+b\n+c\n"), "src/a.rs", &[(4, None)]);
    }

    #[test]
    fn a_file_may_have_another_name() {
        check("", "src/a.rs", &[(7, Some(7))]);
        check(
            "similarity index 100%\nrename from src/a.rs\nrename to src/b.rs\n",
            "src/b.rs",
            &[(7, Some(7))],
        );
        check(
            "rename from src/a.rs\nrename to src/b.rs\n--- src/a.rs\n+++ src/b.rs\n@@ -1 +1,2 @@\n-a(1)\n+a(2)\n+c\n",
            "src/b.rs",
            &[(1, Some(1)), (2, Some(3))],
        );
    }
}
