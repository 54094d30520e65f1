//! What the person at the failing job reads. The last line is always something to do.

use std::fmt::Write;

use super::judge::{Verdict, Violation};
use super::n_plus_one::Suspect;
use super::places::places;
use super::statements::{grown, statements};
use super::{Gate, NoNPlusOne, Part, suspects};
use crate::counts::Metric;
use crate::scope::{Entry, Role};
use crate::sql::{Class, Kind, Normalized, acts, compared_column, only_calls, takes_what_is_left};

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
            alike.iter().for_each(|blind| line(&mut text, 2, &blind.cause));
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
        if let Some(metric) = allocates.filter(|_| !part.places.is_empty()) {
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
            if rise.metric == Metric::Allocs && !rise.part.places.is_empty() {
                places(text, test, rise.part, &rise.metric);
                text.push('\n');
            }
        }
    }
    let mut advice: Vec<String> = Vec::new();
    for next in verdict.violations.iter().flat_map(advice_on) {
        if !advice.contains(&next) {
            advice.push(next);
        }
    }
    // Repairs first, then the budgets to raise.
    advice.sort_by_key(|advice| advice.starts_with(IF_MEANT));
    for advice in &advice {
        help(text, advice);
    }
}

/// Whether the statements of `shown` are all those of `part`.
fn is_shown_in(shown: &[&Part], part: &Part) -> bool {
    let shown_count = |entry: &Entry| -> u64 {
        let entries = shown.iter().flat_map(|part| &part.statements);
        entries
            .filter(|other| other.statement.class == entry.statement.class)
            .filter(|other| other.statement.fingerprint == entry.statement.fingerprint)
            .map(|other| other.count)
            .sum()
    };
    let mut budgeted = part.statements.iter().filter(|entry| entry.statement.class == Class::Application);
    budgeted.all(|entry| shown_count(entry) >= entry.count)
}

const IF_MEANT: &str = "if this is meant";

/// What to do about a duplicate.
const KEEP: &str = "load it once and keep it: the values are the same each time";

const SET_UP: &str = "set-up that is not to count goes into perfassert::unmeasured(|| ...)";

fn advice_on(violation: &Violation<'_>) -> Vec<String> {
    match violation {
        Violation::NPlusOne { part, suspect } => {
            let sql = &part.statements[suspect.index].statement.text;
            let repair = match suspect.is_duplicate() {
                true => KEEP.to_owned(),
                false if !suspect.others.is_empty() => format!("for each kind of row, {}", batch(sql)),
                false => batch(sql),
            };
            vec![
                repair,
                format!("{IF_MEANT}, allow the statement, with a reason: [[allow]] in perfassert.toml"),
            ]
        }
        Violation::Grows(rise) => {
            let mut advice = Vec::new();
            let one_by_one = rise.statements.iter().find(|grown| can_be_batched(&grown.entry.statement));
            advice.extend(one_by_one.map(|grown| batch(&grown.entry.statement.text)));
            if rise.metric == Metric::Allocs {
                advice.push(SET_UP.to_owned());
            }
            if rise.metric == Metric::Queries && advice.is_empty() {
                advice.push("load more with each statement, so that fewer do".to_owned());
            }
            advice.extend(rise.allowing().map(|attribute| format!("{IF_MEANT}, say so: {attribute}")));
            advice
        }
        Violation::OverBudget { part, metric, count, gate, .. } => {
            let mut advice = Vec::new();
            if violation.is_about_queries() {
                let repeated = suspects(part, NoNPlusOne::DEFAULT.threshold);
                advice.extend(repeated.first().map(|suspect| match suspect.is_duplicate() {
                    true => KEEP.to_owned(),
                    false => batch(&part.statements[suspect.index].statement.text),
                }));
            }
            let beside = match metric {
                Metric::Queries | Metric::QueriesOf(_) => part.beside_set_up.queries,
                Metric::Allocs => part.beside_set_up.allocs,
                _ => 0,
            };
            if beside > 0 {
                advice.push(beside_set_up(beside));
            } else if matches!(gate, Gate::MaxAllocs(_)) && part.role == Role::Test {
                advice.push(SET_UP.to_owned());
            }
            advice.push(format!("{IF_MEANT}, raise the budget: {}", raised(gate, metric, *count)));
            advice
        }
    }
}

/// What to do about a server of the test's own that the set-up calls.
fn beside_set_up(n: u64) -> String {
    format!(
        "{n} of them came from outside of `unmeasured` while that ran: a server of the test counts for the test, whoever calls it;\n\
         let requests of the set-up carry `perfassert::traceparent()` through the endpoint layer, or set up without the server"
    )
}

/// Whether one statement can do it for all rows. What acts, or takes a part of what is left, is sent again on purpose.
fn can_be_batched(statement: &Normalized) -> bool {
    let (text, kind) = (&statement.text, statement.kind);
    let is_sent_again = takes_what_is_left(text, kind) || (kind == Kind::Select && acts(text));
    !statement.batched && !is_sent_again
}

/// How to do in one statement what `sql` does row by row.
fn batch(sql: &str) -> String {
    match compared_column(sql) {
        _ if only_calls(sql) => "call it for all rows in one statement: SELECT ... FROM unnest(?)".to_owned(),
        _ if sql.starts_with("INSERT") => "write them in one statement: several rows of VALUES".to_owned(),
        Some(key) if sql.starts_with("UPDATE") || sql.starts_with("DELETE") => {
            format!("change them in one statement: WHERE {key} = ANY(?) or WHERE {key} IN (...)")
        }
        Some(key) => {
            format!("load them in one statement: WHERE {key} = ANY(?), WHERE {key} IN (...), or a JOIN")
        }
        None => "load them in one statement, for all rows at once".to_owned(),
    }
}

/// The attribute with a budget that would pass.
fn raised(gate: &Gate, metric: &Metric, count: i64) -> String {
    let endpoint = gate.endpoint().map(|name| format!(", endpoint = \"{name}\"")).unwrap_or_default();
    match metric {
        Metric::Queries => format!("#[max_queries({count}{endpoint})]"),
        Metric::QueriesOf(kind) => format!("#[max_queries({kind} = {count}{endpoint})]"),
        Metric::Allocs => format!("#[max_allocs({count}{endpoint})]"),
        Metric::AllocsPerIter => format!("#[max_allocs(per_iter = {count})]"),
        Metric::Bytes => format!("#[max_allocs(bytes = {count}{endpoint})]"),
        Metric::BytesPeak => format!("#[max_allocs(peak = {count}{endpoint})]"),
        Metric::BytesLive => format!("#[max_allocs(live = {count}{endpoint})]"),
        Metric::Counter(name) => format!("#[max_count(\"{name}\" = {count})]"),
        // Nothing limits these.
        Metric::RoundTrips
        | Metric::AllocsZeroed
        | Metric::AllocsRealloc
        | Metric::AllocsOf(_)
        | Metric::BytesOf(_)
        | Metric::BytesPerIter
        | Metric::Frees => String::new(),
    }
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
    }
}

fn allocations(n: i64) -> &'static str {
    if n == 1 { "allocation" } else { "allocations" }
}

/// `1 byte`
pub(super) fn bytes(n: i64) -> String {
    format!("{n} {}", if n == 1 { "byte" } else { "bytes" })
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

pub(super) fn line(text: &mut String, indent: usize, content: &str) {
    let _ = writeln!(text, "{:indent$}{content}", "");
}

impl<'a> Violation<'a> {
    fn part(&self) -> &'a Part {
        match self {
            Violation::OverBudget { part, .. } | Violation::NPlusOne { part, .. } => part,
            Violation::Grows(rise) => rise.part,
        }
    }

    fn is_about_queries(&self) -> bool {
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
