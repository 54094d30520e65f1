//! The functions that do more than on the baseline.

use std::collections::BTreeMap;

use super::{Label, Path, Weight};

/// A function, and what was counted in it on either side.
///
/// An allocation counts where the user's own code ends: for the innermost function of theirs on its stack, and otherwise for that of the
/// library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risen {
    /// The function.
    pub function: String,
    /// The file, and the line in it that rose most.
    pub site: Option<(String, u32)>,
    /// What was counted on the baseline.
    pub before: Weight,
    /// What is counted now.
    pub after: Weight,
}

/// The functions with more allocations or more bytes after than before.
///
/// Lines of the baseline are to be [those of now](super::path::Path::by_lines_of_now).
#[must_use]
pub fn risen(before: &[Path], after: &[Path]) -> Vec<Risen> {
    let mut functions = BTreeMap::<(&str, Option<&str>), Function>::new();
    let sides = before.iter().map(|path| (path, false)).chain(after.iter().map(|path| (path, true)));
    for (path, is_now) in sides {
        let Some((function, site)) = innermost(path) else { continue };
        let file = site.map(|(file, _)| file.as_str());
        let of = functions.entry((function, file)).or_default();
        *(if is_now { &mut of.after } else { &mut of.before }) += path.weight;
        if let Some((_, line)) = site {
            *of.lines.entry(*line).or_default() += if is_now { path.weight } else { -path.weight };
        }
    }
    let risen = functions
        .into_iter()
        .filter(|(_, of)| of.after.allocs > of.before.allocs || of.after.bytes > of.before.bytes);
    risen.map(|((function, file), of)| of.named(function, file)).collect()
}

/// What is known of a function.
#[derive(Default)]
struct Function {
    before: Weight,
    after: Weight,
    /// By how much each line rose.
    lines: BTreeMap<u32, Weight>,
}

impl Function {
    fn named(self, function: &str, file: Option<&str>) -> Risen {
        let Function { before, after, lines } = self;
        let line = lines.into_iter().max_by_key(|(_, by)| (by.allocs, by.bytes)).map(|(line, _)| line);
        let site = file.map(str::to_owned).zip(line);
        Risen { function: function.to_owned(), site, before, after }
    }
}

/// The innermost function of the user's, and otherwise that of a library.
fn innermost(path: &Path) -> Option<(&str, Option<&(String, u32)>)> {
    let own = path.labels.iter().rev().find_map(|label| match label {
        Label::Line { function, site, .. } => Some((function.as_str(), site.as_ref())),
        _ => None,
    });
    own.or_else(|| match path.labels.last()? {
        Label::Library(function) => Some((function.as_str(), None)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path through functions, each with its line in `src/orders.rs`, to one of a library's.
    fn path(functions: &[(&str, u32)], allocs: i64) -> Path {
        let label = |(function, line): &(&str, u32)| Label::Line {
            function: (*function).to_owned(),
            site: Some(("src/orders.rs".to_owned(), *line)),
            is_gone: false,
        };
        let library = Label::Library("json::text".to_owned());
        let labels = functions.iter().map(label).chain([library]).collect();
        Path { labels, weight: Weight { allocs, bytes: allocs * 8, ..Weight::default() } }
    }

    #[track_caller]
    fn check(before: &[Path], after: &[Path], expected: &[&str]) {
        let shown = risen(before, after).into_iter().map(|it| {
            let line = it.site.map(|(_, line)| format!(":{line}")).unwrap_or_default();
            format!("{}{line} {} -> {}", it.function, it.before.allocs, it.after.allocs)
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_function_rises_with_the_line_that_rose_most() {
        let before = [path(&[("list", 3), ("label", 8)], 5), path(&[("list", 4)], 2)];
        let after = [
            path(&[("list", 3), ("label", 8)], 6),
            path(&[("list", 3), ("label", 9)], 4),
            path(&[("list", 4)], 2),
        ];
        check(&before, &after, &["label:9 5 -> 10"]);
        check(&after, &before, &[]);
    }

    #[test]
    fn where_nothing_is_the_users_the_library_rises() {
        check(&[], &[path(&[], 3)], &["json::text 0 -> 3"]);
    }

    #[test]
    fn what_only_moves_within_a_function_is_no_rise() {
        check(&[path(&[("list", 3)], 2)], &[path(&[("list", 7)], 2)], &[]);
    }
}
