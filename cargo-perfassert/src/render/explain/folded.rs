//! Folded stacks, as Brendan Gregg's tools and their kin read them: `a;b;c 12`, and `a;b;c 10 12` where there is a baseline.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::explain::{Metric, Path};

/// Writes the folded stacks of `after`, sorted; with the numbers of `before` in front, where there is one.
///
/// # Errors
///
/// When `out` fails.
pub fn folded(
    before: Option<&[Path]>,
    after: &[Path],
    metric: Metric,
    out: &mut dyn Write,
) -> io::Result<()> {
    lines(before, after, metric).iter().try_for_each(|line| writeln!(out, "{line}"))
}

pub(super) fn lines(before: Option<&[Path]>, after: &[Path], metric: Metric) -> Vec<String> {
    let mut stacks = BTreeMap::<String, (i64, i64)>::new();
    for path in before.unwrap_or_default() {
        stacks.entry(stack(path)).or_default().0 += path.weight.of(metric);
    }
    for path in after {
        stacks.entry(stack(path)).or_default().1 += path.weight.of(metric);
    }
    let counted = stacks.into_iter().filter(|(_, numbers)| *numbers != (0, 0));
    counted
        .map(|(stack, (was, is))| match before {
            Some(_) => format!("{stack} {was} {is}"),
            None => format!("{stack} {is}"),
        })
        .collect()
}

/// A semicolon would be the end of a step, and a line break that of the stack.
fn stack(path: &Path) -> String {
    let step = |label: &crate::explain::Label| label.to_string().replace(';', ",").replace(['\n', '\r'], " ");
    path.labels.iter().map(step).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tree::tests::path;

    #[track_caller]
    fn check(before: Option<&[Path]>, after: &[Path], metric: Metric, expected: &str) {
        let mut out = Vec::new();
        folded(before, after, metric, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn stacks_are_lines() {
        let after = [path("t b", 2), path("t a", 1), path("t b", 3), path("t ?A;B", 7)];
        check(None, &after, Metric::Allocs, "t;a 1\nt;b 5\n");
        check(None, &after, Metric::Bytes, "t;a 8\nt;b 40\n");
        check(None, &after, Metric::Queries, "t;A,B 7\n");
        check(Some(&[path("t a", 4), path("t c", 1)]), &after, Metric::Allocs, "t;a 4 1\nt;b 0 5\nt;c 1 0\n");
    }
}
