//! What to do about what was exceeded.

use super::judge::{Verdict, Violation};
use super::suspect::Suspect;
use super::{Rise, suspects};
use crate::counts::Metric;
use crate::nature::{acts, takes_what_is_left};
use crate::observation::Part;
use crate::scope::Role;
use crate::spec::{Gate, NoNPlusOne};
use crate::sql::{self, Kind, Normalized};

const IF_MEANT: &str = "if this is meant";

const SET_UP: &str = "set-up that is not to count goes into perfassert::unmeasured(|| ...)";

/// The steps to take, each once: set-up first, then repairs, then the budgets to raise.
pub(super) fn advice(test: &str, verdict: &Verdict<'_>) -> Vec<String> {
    let violations = || verdict.violations.iter();
    let mut all: Vec<String> = violations().flat_map(about_set_up).collect();
    all.extend(repairs(verdict));
    all.extend(violations().filter_map(|violation| if_meant(test, violation)));
    let mut once: Vec<String> = Vec::new();
    for step in all {
        if !once.contains(&step) {
            once.push(step);
        }
    }
    once
}

/// What may have been counted that nobody meant to count.
fn about_set_up(violation: &Violation<'_>) -> Vec<String> {
    let mut steps = Vec::new();
    match violation {
        Violation::OverBudget { part, metric, gate, set_up, .. } => {
            if *set_up > 0 {
                steps.push(format!("{set_up} of them write rows outside of any request: {SET_UP}"));
            }
            let beside = match metric {
                Metric::Queries | Metric::QueriesOf(_) => part.beside_set_up.queries,
                Metric::Allocs => part.beside_set_up.allocs,
                _ => 0,
            };
            if beside > 0 {
                steps.push(beside_set_up(beside));
            } else if matches!(gate, Gate::MaxAllocs(_)) && part.role == Role::Test {
                steps.push(SET_UP.to_owned());
            }
        }
        Violation::Grows(Rise { metric: Metric::Allocs, .. }) => steps.push(SET_UP.to_owned()),
        Violation::NPlusOne { .. } | Violation::Grows(_) => {}
    }
    steps
}

/// What to do about a server of the test's own that the set-up calls.
fn beside_set_up(n: u64) -> String {
    format!(
        "{n} of them came from outside of `unmeasured` while that ran: a server of the test counts for the test, whoever calls it;\n\
         let requests of the set-up carry `perfassert::traceparent()` through the endpoint layer, or set up without the server"
    )
}

/// What to do about statements that repeat.
fn repairs(verdict: &Verdict<'_>) -> Vec<String> {
    let (mut texts, mut duplicates): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut steps = Vec::new();
    for violation in &verdict.violations {
        match violation {
            Violation::NPlusOne { part, suspect } => {
                of_suspect(part, suspect, &mut texts, &mut duplicates, &mut steps);
            }
            Violation::OverBudget { part, .. } if violation.is_about_queries() => {
                if let Some(first) = suspects(part, NoNPlusOne::DEFAULT.threshold).first() {
                    of_suspect(part, first, &mut texts, &mut duplicates, &mut steps);
                }
            }
            Violation::Grows(rise) => {
                let one_by_one = rise.statements.iter().map(|grown| &grown.entry.statement);
                match one_by_one.clone().find(|statement| can_be_batched(statement)) {
                    Some(statement) => texts.push(&statement.text),
                    None if rise.metric == Metric::Queries => {
                        steps.push("fetch more rows per statement".to_owned());
                    }
                    None => {}
                }
            }
            Violation::OverBudget { .. } => {}
        }
    }
    sql::advice(&texts).into_iter().chain(sql::advice_on_duplicates(&duplicates)).chain(steps).collect()
}

fn of_suspect<'a>(
    part: &'a Part,
    suspect: &Suspect,
    texts: &mut Vec<&'a str>,
    duplicates: &mut Vec<&'a str>,
    steps: &mut Vec<String>,
) {
    let text = part.statements[suspect.index].statement.text.as_str();
    if suspect.is_duplicate() {
        duplicates.push(text);
    } else if suspect.others.is_empty() {
        texts.push(text);
    } else {
        steps.extend(sql::advice(&[text]).iter().map(|step| format!("for each kind of row, {step}")));
    }
}

/// Whether one statement can do it for all rows. What acts, or takes a part of what is left, is sent again on purpose.
fn can_be_batched(statement: &Normalized) -> bool {
    let (text, kind) = (&statement.text, statement.kind);
    let is_sent_again = takes_what_is_left(text, kind) || (kind == Kind::Select && acts(text));
    !statement.batched && !is_sent_again
}

/// How to say that it is meant.
fn if_meant(test: &str, violation: &Violation<'_>) -> Option<String> {
    let how = match violation {
        Violation::NPlusOne { .. } => {
            "allow the statement, with a reason: [[allow]] in perfassert.toml".to_owned()
        }
        Violation::Grows(rise) => format!("say so: {}", rise.allowing()?),
        Violation::OverBudget { metric, count, gate, .. } if gate.is_for_all() => {
            format!("give the test a limit of its own: {}", own_limit(test, metric, *count, gate)?)
        }
        Violation::OverBudget { metric, count, gate, .. } => {
            format!("raise the budget: {}", metric.attribute(*count, gate.endpoint())?)
        }
    };
    Some(format!("{IF_MEANT}, {how}"))
}

/// An entry of `perfassert.toml` that goes before the limit of all tests.
fn own_limit(test: &str, metric: &Metric, count: i64, gate: &Gate) -> Option<String> {
    let limit = match metric {
        Metric::Queries => format!("max_queries = {count}"),
        Metric::QueriesOf(kind) => format!("max_queries = {{ {kind} = {count} }}"),
        Metric::Allocs => format!("max_allocs = {count}"),
        Metric::Bytes => format!("max_allocs = {{ bytes = {count} }}"),
        Metric::BytesPeak => format!("max_allocs = {{ peak = {count} }}"),
        Metric::BytesLive => format!("max_allocs = {{ live = {count} }}"),
        Metric::Counter(name) => format!("max_count = {{ {name:?} = {count} }}"),
        _ => return None,
    };
    let endpoint = gate.endpoint().map(|endpoint| format!("endpoint = {endpoint:?}\n")).unwrap_or_default();
    Some(format!("before others in perfassert.toml\n[[limit]]\ntests = {test:?}\n{endpoint}{limit}"))
}
