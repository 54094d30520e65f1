//! Paths merged to a tree.

use std::collections::BTreeMap;

use super::{Label, Metric, Path, Weight};

/// A row: the steps that nothing branches off from, what was counted there and below, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The steps, from the outside in; at least one.
    pub labels: Vec<Label>,
    /// What was counted at the end of the last step and below.
    pub total: Weight,
    /// Where it goes on, the largest first.
    pub children: Vec<Node>,
}

/// The tree of `paths`, the largest by `metric` first.
#[must_use]
pub fn tree(paths: &[Path], metric: Metric) -> Vec<Node> {
    let mut root = Branch::default();
    paths.iter().for_each(|path| root.add(&path.labels, path.weight));
    root.nodes(metric)
}

/// The tree of what differs between two sets of paths.
#[must_use]
pub fn difference(before: &[Path], after: &[Path], metric: Metric) -> Vec<Node> {
    let mut root = Branch::default();
    before.iter().for_each(|path| root.add(&path.labels, -path.weight));
    after.iter().for_each(|path| root.add(&path.labels, path.weight));
    root.nodes(metric)
}

/// A tree that grows.
#[derive(Default)]
struct Branch<'a> {
    /// What was counted at this very step.
    own: Weight,
    children: BTreeMap<&'a Label, Branch<'a>>,
}

impl<'a> Branch<'a> {
    fn add(&mut self, labels: &'a [Label], weight: Weight) {
        match labels {
            [] => self.own += weight,
            [first, rest @ ..] => self.children.entry(first).or_default().add(rest, weight),
        }
    }

    /// What branches off here, without what is nothing in all.
    fn nodes(self, metric: Metric) -> Vec<Node> {
        let nodes = self.children.into_iter().map(|(label, branch)| branch.node(label, metric));
        let mut nodes: Vec<Node> =
            nodes.filter(|node| !node.total.is_zero() || !node.children.is_empty()).collect();
        nodes.sort_by_key(|node| {
            let Weight { allocs, bytes, queries, .. } = node.total.abs();
            std::cmp::Reverse((node.total.of(metric).abs(), allocs, bytes, queries))
        });
        nodes
    }

    fn node(self, label: &Label, metric: Metric) -> Node {
        let own = self.own;
        let mut children = self.nodes(metric);
        let mut total: Weight = children.iter().map(|child| child.total).sum();
        total += own;
        let mut labels = vec![label.clone()];
        let goes_on = |only: &Node| own.is_zero() && !matches!(only.labels[0], Label::Sql(_));
        if let [only] = children.as_mut_slice()
            && goes_on(only)
        {
            labels.append(&mut only.labels);
            children = std::mem::take(&mut only.children);
        }
        Node { labels, total, children }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A path of functions, with allocations at its end, or queries where it ends in a statement.
    pub(crate) fn path(labels: &str, count: i64) -> Path {
        let label = |text: &str| match text.strip_prefix('?') {
            Some(sql) => Label::Sql(sql.to_owned()),
            None => Label::Line { function: text.to_owned(), site: None, is_gone: false },
        };
        let weight = match labels.contains('?') {
            true => Weight { queries: count, ..Weight::default() },
            false => Weight { allocs: count, bytes: count * 8, ..Weight::default() },
        };
        Path { labels: labels.split(' ').map(label).collect(), weight }
    }

    fn written(nodes: &[Node], depth: usize) -> String {
        let row = |node: &Node| {
            let labels: Vec<_> = node.labels.iter().map(ToString::to_string).collect();
            let Weight { allocs, queries, .. } = node.total;
            let below = written(&node.children, depth + 1);
            format!("{:depth$}{} {allocs}/{queries}\n{below}", "", labels.join(">"))
        };
        nodes.iter().map(row).collect()
    }

    #[track_caller]
    fn check(before: Option<&[(&str, i64)]>, after: &[(&str, i64)], expected: &str) {
        let paths = |of: &[(&str, i64)]| of.iter().map(|(labels, n)| path(labels, *n)).collect::<Vec<_>>();
        let nodes = match before {
            Some(before) => difference(&paths(before), &paths(after), Metric::Allocs),
            None => tree(&paths(after), Metric::Allocs),
        };
        assert_eq!(written(&nodes, 0), expected);
    }

    #[test]
    fn paths_merge_and_the_largest_is_first() {
        check(
            None,
            &[("t a", 1), ("t b x", 2), ("t b y", 3), ("t b x", 4)],
            "t 10/0\n b 9/0\n  x 6/0\n  y 3/0\n a 1/0\n",
        );
    }

    #[test]
    fn what_does_not_branch_is_one_row() {
        check(None, &[("t a b c", 5)], "t>a>b>c 5/0\n");
        // What a function allocates itself keeps it apart from the one that it calls.
        check(None, &[("t a", 1), ("t a b c", 5)], "t>a 6/0\n b>c 5/0\n");
    }

    #[test]
    fn statements_are_rows_of_their_own() {
        check(None, &[("t a ?S", 2), ("t a", 1)], "t>a 1/2\n S 0/2\n");
        check(None, &[("t a ?S", 2)], "t>a 0/2\n S 0/2\n");
    }

    #[test]
    fn a_difference_has_only_what_differs() {
        check(
            Some(&[("t a", 1), ("t b", 5), ("t c", 2)]),
            &[("t a", 1), ("t b", 2), ("t d", 7), ("t ?S", 3)],
            "t 2/3\n d 7/0\n b -3/0\n c -2/0\n S 0/3\n",
        );
        // What has moved from one function to another differs, though the sum is the same.
        check(Some(&[("t a", 4)]), &[("t b", 4)], "t 0/0\n a -4/0\n b 4/0\n");
        check(Some(&[("t a", 4)]), &[("t a", 4)], "");
    }
}
