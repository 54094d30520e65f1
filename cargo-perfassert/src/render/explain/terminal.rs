//! The tree for people: numbers on the left, callers on the right.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use perfassert_record::record::explain::Others;

use super::numbers::{change, count, size, size_change};
use crate::explain::{Label, Node, Weight};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// What is shown.
#[derive(Clone, Debug)]
pub struct Explained<'a> {
    /// The test, by its package, target and path.
    pub test: String,
    /// Its function, which stands above everything and is not said again in each row.
    pub function: &'a str,
    /// With what it is compared; then the tree is of differences.
    pub against: Option<String>,
    /// The tree.
    pub tree: &'a [Node],
    /// What others allocated.
    pub others: &'a [Others],
    /// How often child processes allocated, and the bytes of that.
    pub children: (u64, u64),
    /// Whether what is slight is shown, too.
    pub all: bool,
    /// What to do first.
    pub advice: Vec<String>,
}

/// Writes the tree, with colours as escape sequences.
///
/// # Errors
///
/// When `out` fails.
pub fn explanation(explained: &Explained<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Explained { test, against, tree, others, .. } = explained;
    let total: Weight = tree.iter().map(|node| node.total).sum();
    let is_difference = against.is_some();
    write!(out, "{BOLD}perfassert:{BOLD:#} {BOLD}{test}{BOLD:#}")?;
    if let Some(against) = against {
        write!(out, " against {against}")?;
    }
    writeln!(out, ": {}", sum(&total, is_difference, tree.is_empty()))?;
    if !tree.is_empty() {
        let table = Table::new(explained);
        writeln!(out)?;
        table.write(tree, out)?;
    }
    if explained.children.0 > 0 {
        let (allocs, bytes) = explained.children;
        writeln!(out)?;
        writeln!(out, "in child processes, which budgets count too: {} ({})", count(allocs), size(bytes))?;
    }
    if !others.is_empty() {
        writeln!(out)?;
        let of = |of: &Others| format!("{} {} ({})", of.who, count(of.allocs), size(of.bytes));
        let list: Vec<_> = others.iter().map(of).collect();
        writeln!(out, "{DIM}beside, in no budget: {}{DIM:#}", list.join(", "))?;
    }
    if !explained.advice.is_empty() {
        writeln!(out)?;
    }
    for advice in &explained.advice {
        writeln!(out, "{BOLD}help:{BOLD:#} {advice}")?;
    }
    Ok(())
}

fn sum(total: &Weight, is_difference: bool, is_empty: bool) -> String {
    if is_difference {
        return match is_empty {
            true => "nothing differs".to_owned(),
            false => format!(
                "{}, {}, {}",
                of(&change(total.allocs), ALLOCATIONS),
                size_change(total.bytes),
                of(&change(total.queries), QUERIES)
            ),
        };
    }
    let [allocs, retained, queries] = [total.allocs, total.retained, total.queries].map(i64::unsigned_abs);
    let mut text = format!("{}, {}", of(&count(allocs), ALLOCATIONS), size(total.bytes.unsigned_abs()));
    if retained > 0 {
        let (temporary, bytes) =
            (count(allocs.saturating_sub(retained)), size(total.retained_bytes.unsigned_abs()));
        text.push_str(&format!("; {temporary} temporary, {} retained ({bytes})", count(retained)));
    } else if allocs > 0 {
        text.push_str(", all temporary");
    }
    if queries > 0 {
        text.push_str(&format!("; {}", of(&count(queries), QUERIES)));
    }
    text
}

const ALLOCATIONS: [&str; 2] = ["allocation", "allocations"];
const QUERIES: [&str; 2] = ["query", "queries"];

/// A number with the word for one or for several.
fn of(number: &str, [one, several]: [&str; 2]) -> String {
    let word = if number.trim_start_matches(['+', '-']) == "1" { one } else { several };
    format!("{number} {word}")
}

/// How rows are laid out.
struct Table<'a> {
    function: &'a str,
    is_difference: bool,
    all: bool,
    /// That of all rows, without signs: what is slight is so beside it.
    whole: Weight,
    has_grown: bool,
    has_queries: bool,
    /// As wide as the widest entry of the last column of numbers.
    kind: usize,
}

impl<'a> Table<'a> {
    fn new(explained: &Explained<'a>) -> Self {
        let mut table = Table {
            function: explained.function,
            is_difference: explained.against.is_some(),
            all: explained.all,
            whole: whole(explained.tree),
            has_grown: false,
            has_queries: false,
            kind: 0,
        };
        table.measure(explained.tree);
        table
    }

    fn measure(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.has_grown |= node.total.grown != 0;
            self.has_queries |= node.total.queries != 0;
            self.kind = self.kind.max(self.kind(&node.total).chars().count());
            self.measure(&node.children);
        }
    }

    fn write(&self, tree: &[Node], out: &mut dyn Write) -> io::Result<()> {
        let mut head = format!("{:>10}  {:>11}", "allocs", "bytes");
        head.push_str(if self.has_grown { "     grown" } else { "" });
        head.push_str(if self.has_queries { "   queries" } else { "" });
        writeln!(out, "{DIM}{head}{DIM:#}")?;
        self.rows(tree, "", true, out)
    }

    /// The rows of nodes that stand below one another.
    fn rows(&self, nodes: &[Node], indent: &str, is_top: bool, out: &mut dyn Write) -> io::Result<()> {
        let shown = self.shown(nodes);
        let (rows, rest) = nodes.split_at(shown);
        for (at, node) in rows.iter().enumerate() {
            let is_last = at + 1 == shown && rest.is_empty();
            let (branch, below) = match (is_top, is_last) {
                (true, _) => ("", String::new()),
                (false, true) => ("└ ", format!("{indent}  ")),
                (false, false) => ("├ ", format!("{indent}│ ")),
            };
            let text = steps(&node.labels, self.function);
            writeln!(
                out,
                "{}{DIM}{indent}{branch}{DIM:#}{text}",
                self.numbers(&node.total, is_statement(node))
            )?;
            self.rows(&node.children, &below, false, out)?;
        }
        if rest.is_empty() {
            return Ok(());
        }
        let total: Weight = rest.iter().map(|node| node.total).sum();
        let branch = if is_top { "" } else { "└ " };
        let text = format!("… {} more, each below 1 % (--all-rows shows them)", rest.len());
        writeln!(out, "{}{DIM}{indent}{branch}{text}{DIM:#}", self.numbers(&total, false))
    }

    /// How many of the nodes are shown: those that are slight are at the end, and one of them is as long as a word about it.
    fn shown(&self, nodes: &[Node]) -> usize {
        let slight = |node: &&Node| whole(std::slice::from_ref(*node)).is_slight(&self.whole);
        let slight = nodes.iter().rev().take_while(slight).count();
        if self.all || slight < 2 { nodes.len() } else { nodes.len() - slight }
    }

    fn numbers(&self, weight: &Weight, is_statement: bool) -> String {
        let number = |n: i64| match (n, self.is_difference) {
            (0, _) => String::new(),
            (n, true) => change(n),
            (n, false) => count(n.unsigned_abs()),
        };
        let bytes = match (weight.bytes, self.is_difference) {
            (0, _) => String::new(),
            (n, true) => size_change(n),
            (n, false) => size(n.unsigned_abs()),
        };
        let mut text = format!("{:>10}  {bytes:>11}", number(weight.allocs));
        if self.has_grown {
            text.push_str(&format!("  {:>8}", number(weight.grown)));
        }
        if self.has_queries {
            text.push_str(&format!("  {:>8}", number(weight.queries)));
        }
        let kind = if is_statement { String::new() } else { self.kind(weight) };
        let width = self.kind;
        format!("{text}  {kind:width$}  ")
    }

    /// Whether what was allocated is still there at the end.
    fn kind(&self, weight: &Weight) -> String {
        let Weight { allocs, retained, retained_bytes, .. } = *weight;
        match (self.is_difference, retained) {
            (true, 0) => String::new(),
            (true, _) => format!("{} retained", change(retained)),
            (false, 0) if allocs > 0 => "temporary".to_owned(),
            (false, 0) => String::new(),
            (false, _) if retained == allocs => "retained".to_owned(),
            (false, _) => {
                let (retained, bytes) = (retained.unsigned_abs(), retained_bytes.unsigned_abs());
                format!("{} retained, {}", count(retained), size(bytes))
            }
        }
    }
}

/// What was counted at each step by itself, without signs.
fn whole(nodes: &[Node]) -> Weight {
    let mut whole = Weight::default();
    for node in nodes {
        let below: Weight = node.children.iter().map(|child| child.total).sum();
        let mut own = -below;
        own += node.total;
        whole += own.abs();
        whole += self::whole(&node.children);
    }
    whole
}

fn is_statement(node: &Node) -> bool {
    matches!(node.labels.last(), Some(Label::Sql(_)))
}

/// The steps of a row: the user's lines stand out.
fn steps(labels: &[Label], test: &str) -> String {
    let step = |label: &Label| match label {
        Label::Line { function, site: Some((file, line)), is_gone } => {
            let function = if function.is_empty() || function == test {
                String::new()
            } else {
                format!("{BOLD}{function}{BOLD:#}  ")
            };
            let gone = if *is_gone { " (of the baseline)" } else { "" };
            format!("{function}{CYAN}{file}:{line}{CYAN:#}{gone}")
        }
        Label::Line { function, site: None, .. } => format!("{BOLD}{function}{BOLD:#}"),
        Label::Library(function) => format!("{DIM}{function}{DIM:#}"),
        Label::Sql(sql) => format!("{YELLOW}{sql}{YELLOW:#}"),
        Label::Unknown => format!("{DIM}{label}{DIM:#}"),
    };
    labels.iter().map(step).collect::<Vec<_>>().join(" > ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tree::tests::path;
    use crate::explain::{Metric, Path, difference, tree};

    #[track_caller]
    fn check(tree: &[Node], against: Option<&str>, all: bool, expected: &str) {
        let against = against.map(str::to_owned);
        let others = [Others { who: "driver".to_owned(), allocs: 1234, bytes: 2048 }];
        let others = if all { &others[..] } else { &[] };
        let children = (if all { 7 } else { 0 }, 8);
        let advice = vec!["look".to_owned()];
        let explained = Explained {
            test: "api lists".to_owned(),
            function: "lists",
            against,
            tree,
            others,
            children,
            all,
            advice,
        };
        let mut out = Vec::new();
        explanation(&explained, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let text = anstream::adapter::strip_str(&text).to_string();
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines.join("\n"), expected);
    }

    fn retained(labels: &str, allocs: i64, retained: i64) -> Path {
        let path = path(labels, allocs);
        Path { weight: Weight { retained, retained_bytes: retained * 8, grown: 2, ..path.weight }, ..path }
    }

    #[test]
    fn a_tree() {
        let paths = [
            path("t a", 1000),
            retained("t b c", 5, 5),
            retained("t b d", 300, 100),
            path("t b d ?SELECT", 4),
        ];
        check(
            &tree(&paths, Metric::Allocs),
            None,
            true,
            "\
perfassert: api lists: 1,305 allocations, 10.2 KiB; 1,200 temporary, 105 retained (840 B); 4 queries

    allocs        bytes     grown   queries
     1,305     10.2 KiB         4         4  105 retained, 840 B  t
     1,000      7.8 KiB                      temporary            ├ a
       305      2.4 KiB         4         4  105 retained, 840 B  └ b
       300      2.3 KiB         2         4  100 retained, 800 B    ├ d
                                          4                         │ └ SELECT
         5         40 B         2            retained               └ c

in child processes, which budgets count too: 7 (8 B)

beside, in no budget: driver 1,234 (2.0 KiB)

help: look",
        );
    }

    #[test]
    fn what_is_slight_is_left_out() {
        let paths = [path("t a", 1000), path("t b", 3), path("t c", 2)];
        let head =
            "perfassert: api lists: 1,005 allocations, 7.9 KiB, all temporary\n\n    allocs        bytes\n";
        check(
            &tree(&paths, Metric::Allocs),
            None,
            false,
            &format!(
                "{head}     1,005      7.9 KiB  temporary  t\n     1,000      7.8 KiB  temporary  ├ a\n         5         40 B  temporary  └ \
                 … 2 more, each below 1 % (--all-rows shows them)\n\nhelp: look"
            ),
        );
    }

    #[test]
    fn a_difference() {
        let (before, after) = ([path("t a", 5), path("t b", 9)], [path("t a", 2005), path("t ?S", 1)]);
        check(
            &difference(&before, &after, Metric::Allocs),
            Some("1f2e (main)"),
            false,
            "\
perfassert: api lists against 1f2e (main): +1,991 allocations, +15.6 KiB, +1 query

    allocs        bytes   queries
    +1,991    +15.6 KiB        +1    t
    +2,000    +15.6 KiB              ├ a
        -9        -72 B              ├ b
                               +1    └ S

help: look",
        );
        let lead = "perfassert: api lists against 1f2e: nothing differs\n\nhelp: look";
        check(&difference(&before, &before, Metric::Allocs), Some("1f2e"), false, lead);
    }
}
