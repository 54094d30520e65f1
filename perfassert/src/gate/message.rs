//! What the person at the failing job reads. The last line is always something to do.

use super::advice::advice;
use super::judge::{Verdict, Violation};
use super::places::places;
use super::statements::{grown, statements};
use super::suspect::Suspect;
use super::text::{bytes, line};
use crate::counts::Metric;
use crate::observation::Part;
use crate::scope::{Entry, Role};
use crate::spec::Gate;
use crate::sql::Class;

/// The whole message for a test that did not pass, or `None` if it did.
pub(crate) fn render(test: &str, verdict: &Verdict<'_>) -> Option<String> {
    let mut text = String::new();
    if !verdict.violations.is_empty() {
        line(&mut text, 0, &format!("perfassert: {test} {}", what_it_did(&verdict.violations)));
        violations(&mut text, test, verdict);
    }
    if !verdict.inconclusive.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        line(&mut text, 0, &format!("perfassert: {test} could not be measured"));
        for alike in verdict.inconclusive.chunk_by(|one, next| one.help == next.help) {
            alike.iter().for_each(|inconclusive| line(&mut text, 2, &inconclusive.cause));
            text.push('\n');
            help(&mut text, &alike[0].help);
        }
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

fn what_it_did(violations: &[Violation<'_>]) -> &'static str {
    let all = |is: fn(&Violation<'_>) -> bool| violations.iter().all(is);
    if all(is_duplicate) {
        "repeats a statement with the same values"
    } else if all(|violation| matches!(violation, Violation::NPlusOne { .. })) {
        "repeats a statement (N+1)"
    } else if all(|violation| matches!(violation, Violation::Grows(_))) {
        "grows faster than it may"
    } else {
        "exceeded its budget"
    }
}

/// One line for each thing that is wrong.
pub(crate) fn headline(violation: &Violation<'_>) -> String {
    match violation {
        Violation::OverBudget { part, metric, count, max, .. } => {
            let over = count - max;
            let of = subject(part);
            format!(
                "{of}{}{}, budget {}  (+{})",
                amount(metric, *count),
                within(part),
                plain(metric, *max),
                plain(metric, over)
            )
        }
        Violation::NPlusOne { part, suspect } => {
            let (what, values) =
                if suspect.is_duplicate() { ("duplicate", " with the same values") } else { ("N+1", "") };
            let lines = match suspect.lines.len() {
                0 | 1 => String::new(),
                lines => format!(" from {lines} lines"),
            };
            let count = suspect.count;
            let of = match suspect.others.len() {
                0 => "the same statement".to_owned(),
                others => format!("one of {} statements", others + 1),
            };
            format!("{}{what}: {count}x {of}{values}{lines}{}", subject(part), within(part))
        }
        Violation::Grows(rise) => rise.headline(),
    }
}

fn is_duplicate(violation: &Violation<'_>) -> bool {
    matches!(violation, Violation::NPlusOne { suspect, .. } if suspect.is_duplicate())
}

/// What is wrong, part by part with its statements, and then what to do. The test comes after the requests in it.
fn violations(text: &mut String, test: &str, verdict: &Verdict<'_>) {
    let (rises, others): (Vec<_>, Vec<_>) =
        verdict.violations.iter().partition(|violation| matches!(violation, Violation::Grows(_)));
    let mut parts: Vec<&Part> = Vec::new();
    for violation in &others {
        if !parts.iter().any(|known| std::ptr::eq(*known, violation.part())) {
            parts.push(violation.part());
        }
    }
    parts.sort_by_key(|part| part.role == Role::Test);
    for (index, part) in parts.iter().enumerate() {
        let of_part: Vec<_> =
            others.iter().copied().filter(|violation| std::ptr::eq(violation.part(), *part)).collect();
        for violation in &of_part {
            line(text, 2, &headline(violation));
        }
        if of_part.iter().any(|violation| violation.is_about_queries()) && !is_shown_in(&parts[..index], part)
        {
            text.push('\n');
            let accused: Vec<_> = of_part.iter().filter_map(|violation| violation.suspect()).collect();
            statements(text, part, &accused);
        }
        let allocates = of_part.iter().find_map(|violation| violation.allocates());
        if let Some(metric) = allocates.filter(|_| part.has_places()) {
            text.push('\n');
            places(text, test, part, metric);
        }
        text.push('\n');
    }
    for violation in rises {
        line(text, 2, &headline(violation));
        text.push('\n');
        if let Violation::Grows(rise) = violation {
            grown(text, rise);
            if rise.metric == Metric::Allocs && rise.part.has_places() {
                places(text, test, rise.part, &rise.metric);
                text.push('\n');
            }
        }
    }
    for advice in advice(test, verdict) {
        help(text, &advice);
    }
}

/// Whether the statements of `shown` are all those of `part`.
fn is_shown_in(shown: &[&Part], part: &Part) -> bool {
    let shown_count = |entry: &Entry| -> u64 {
        let entries = shown.iter().flat_map(|part| &part.statements);
        entries.filter(|other| other.is_of(&entry.statement)).map(|other| other.count).sum()
    };
    let mut budgeted = part.statements.iter().filter(|entry| entry.statement.class == Class::Application);
    budgeted.all(|entry| shown_count(entry) >= entry.count)
}

fn subject(part: &Part) -> String {
    match part.role {
        Role::Test => String::new(),
        _ => format!("{}   ", part.name),
    }
}

fn within(part: &Part) -> String {
    match part.role {
        Role::Endpoint => " in one request".to_owned(),
        Role::Iterations(n) => format!(" in {n} {}", if n == 1 { "iteration" } else { "iterations" }),
        _ => String::new(),
    }
}

fn amount(metric: &Metric, n: i64) -> String {
    let number = plain(metric, n);
    match metric {
        Metric::Queries => format!("{number} {}", if n == 1 { "query" } else { "queries" }),
        Metric::QueriesOf(kind) => format!("{number} {kind} {}", if n == 1 { "query" } else { "queries" }),
        Metric::RoundTrips => format!("{number} round {}", if n == 1 { "trip" } else { "trips" }),
        Metric::Bytes => format!("{number} allocated"),
        Metric::BytesPeak => format!("{number} live at the peak"),
        Metric::BytesLive => format!("{number} live at the end"),
        Metric::Counter(name) => format!("{number} of `{name}`"),
        Metric::BytesOf(code) => format!("{number} allocated by the {code}"),
        Metric::BytesPerIter => format!("{number} allocated per iteration"),
        Metric::AllocsPerIter => format!("{number} {} per iteration", allocations(n)),
        Metric::Allocs
        | Metric::AllocsZeroed
        | Metric::AllocsRealloc
        | Metric::AllocsOf(_)
        | Metric::Frees => format!("{number} {}", allocations(n)),
        _ => format!("{number} {metric}"),
    }
}

fn allocations(n: i64) -> &'static str {
    if n == 1 { "allocation" } else { "allocations" }
}

fn plain(metric: &Metric, n: i64) -> String {
    match metric {
        Metric::Bytes | Metric::BytesPerIter | Metric::BytesOf(_) | Metric::BytesPeak | Metric::BytesLive => {
            bytes(n)
        }
        _ => n.to_string(),
    }
}

fn help(text: &mut String, advice: &str) {
    let mut lines = advice.lines();
    line(text, 2, &format!("help: {}", lines.next().unwrap_or_default()));
    for rest in lines {
        line(text, 8, rest);
    }
}

impl<'a> Violation<'a> {
    fn part(&self) -> &'a Part {
        match self {
            Violation::OverBudget { part, .. } | Violation::NPlusOne { part, .. } => part,
            Violation::Grows(rise) => rise.part,
        }
    }

    pub(super) fn is_about_queries(&self) -> bool {
        match self {
            Violation::OverBudget { metric, .. } => {
                matches!(metric, Metric::Queries | Metric::QueriesOf(_))
            }
            Violation::NPlusOne { .. } => true,
            Violation::Grows(rise) => rise.metric == Metric::Queries,
        }
    }

    /// What of the allocations is over its limit.
    fn allocates(&self) -> Option<&Metric> {
        match self {
            Violation::OverBudget { metric, gate: Gate::MaxAllocs(_), .. } => Some(metric),
            _ => None,
        }
    }

    fn suspect(&self) -> Option<&Suspect> {
        match self {
            Violation::NPlusOne { suspect, .. } => Some(suspect),
            Violation::OverBudget { .. } | Violation::Grows(_) => None,
        }
    }
}
