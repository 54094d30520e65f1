//! The verdict: pure, from the attributes and what was observed.

use super::n_plus_one::suspects;
use super::suspect::Suspect;
use super::unseen::{
    allocator_not_installed, never_counted, never_requested, no_source, nothing_iterated, nothing_observed,
    unattributed, unattributed_allocs,
};
use super::{Rise, growth};
use crate::counts::Metric;
use crate::inconclusive::{Inconclusive, Visibility};
use crate::observation::distinct;
use crate::observation::{Observation, Part};
use crate::scope::{Entry, Role};
use crate::spec::{Gate, MaxCount, MaxQueries, Scaling};
use crate::sql::{Class, Kind, Normalized};

/// What the gates say.
pub(crate) struct Verdict<'a> {
    /// Limits that were exceeded.
    pub(crate) violations: Vec<Violation<'a>>,
    /// Gates that could not see.
    pub(crate) inconclusive: Vec<Inconclusive>,
}

/// One run over one limit.
pub(crate) enum Violation<'a> {
    /// A number is over its budget.
    OverBudget {
        /// The test, or the request that had most.
        part: &'a Part,
        metric: Metric,
        count: i64,
        max: i64,
        gate: &'a Gate,
        /// How many of the queries write rows, and are no request's: the set-up of the test, as a rule.
        set_up: u64,
    },
    /// A statement repeats.
    NPlusOne { part: &'a Part, suspect: Suspect },
    /// A count grows too fast.
    Grows(Rise<'a>),
}

/// Judges `observed` by `gates`.
pub(crate) fn judge<'a>(gates: &'a [Gate], observed: &'a Observation) -> Verdict<'a> {
    let mut verdict = Verdict { violations: Vec::new(), inconclusive: Vec::new() };
    for gate in gates {
        match subjects(gate, observed) {
            Ok(parts) => judge_gate(gate, gates, &parts, observed, &mut verdict),
            Err(inconclusive) => verdict.see_not(inconclusive),
        }
    }
    // Without a gate, the counts are there to be compared.
    let about_queries = gates.is_empty() || gates.iter().any(is_about_queries);
    let about_allocations = gates.iter().any(|gate| matches!(gate, Gate::MaxAllocs(_)));
    let matters = |inconclusive: &Inconclusive| match inconclusive.of {
        Visibility::Queries => about_queries,
        Visibility::Allocations => about_allocations,
        Visibility::Everything => true,
    };
    let inconclusive = observed
        .inconclusive
        .iter()
        .cloned()
        .chain(unattributed(observed))
        .chain(unattributed_allocs(observed));
    for inconclusive in inconclusive.filter(matters) {
        verdict.see_not(inconclusive);
    }
    verdict
}

impl Verdict<'_> {
    fn see_not(&mut self, inconclusive: Inconclusive) {
        if !self.inconclusive.contains(&inconclusive) {
            self.inconclusive.push(inconclusive);
        }
    }
}

/// What a gate is about: the test, its runs, the requests of an endpoint, or for an N+1 every part.
fn subjects<'a>(gate: &Gate, observed: &'a Observation) -> Result<Vec<&'a Part>, Inconclusive> {
    if matches!(gate, Gate::NoNPlusOne(_)) {
        return Ok(std::iter::once(&observed.test).chain(distinct(&observed.parts)).collect());
    }
    if matches!(gate, Gate::Scaling(_)) {
        let smaller = observed.smaller.iter().map(|run| &run.test);
        return Ok(smaller.chain([&observed.test]).collect());
    }
    let Some(endpoint) = gate.endpoint() else { return Ok(vec![&observed.test]) };
    let requests: Vec<_> = observed.requests(endpoint).collect();
    if requests.is_empty() { Err(never_requested(endpoint, observed)) } else { Ok(requests) }
}

fn judge_gate<'a>(
    gate: &'a Gate,
    gates: &[Gate],
    parts: &[&'a Part],
    observed: &'a Observation,
    verdict: &mut Verdict<'a>,
) {
    if let Some(inconclusive) = cannot_count(gate, gates, parts, observed) {
        return verdict.see_not(inconclusive);
    }
    if let Gate::NoNPlusOne(gate) = gate {
        for part in parts {
            let found = suspects(part, gate.threshold).into_iter();
            verdict.violations.extend(found.map(|suspect| Violation::NPlusOne { part, suspect }));
        }
    }
    if let Gate::Scaling(scaling) = gate {
        for found in growth::judge(scaling, observed) {
            match found {
                Ok(rise) => verdict.violations.extend(rise.map(Violation::Grows)),
                // A size that could not be seen has few.
                Err(_) if !observed.inconclusive.is_empty() => {}
                Err(inconclusive) => verdict.see_not(inconclusive),
            }
        }
    }
    for (metric, max) in gate.limits() {
        let iterated = observed.iterated();
        let parts = match metric {
            Metric::AllocsPerIter if iterated.is_empty() => {
                verdict.see_not(nothing_iterated());
                continue;
            }
            Metric::AllocsPerIter => &iterated,
            _ => parts,
        };
        // The first of those that had most.
        let dearest = parts.iter().rev().max_by_key(|part| part.count(&metric));
        if let Some(part) = dearest.filter(|part| part.count(&metric) > max) {
            let count = part.count(&metric);
            let set_up = written_by_the_test(part, &metric, observed);
            verdict.violations.push(Violation::OverBudget { part, metric, count, max, gate, set_up });
        }
    }
}

/// How many of the queries of a test that sends requests write rows outside of these.
fn written_by_the_test(part: &Part, metric: &Metric, observed: &Observation) -> u64 {
    let is_counted = |kind: Kind| match metric {
        Metric::Queries => true,
        Metric::QueriesOf(of) => *of == kind,
        _ => false,
    };
    let has_requests = observed.parts.iter().any(|part| part.role == Role::Endpoint);
    if part.role != Role::Test || !has_requests {
        return 0;
    }
    let written = part.statements.iter().filter(|entry| {
        let Normalized { kind, class, .. } = *entry.statement;
        class == Class::Application
            && matches!(kind, Kind::Insert | Kind::Ddl | Kind::Copy)
            && is_counted(kind)
    });
    let in_requests = |entry: &Entry| -> u64 {
        let parts = observed.parts.iter().filter(|part| part.role == Role::Endpoint);
        let entries = parts.flat_map(|part| &part.statements);
        entries.filter(|other| other.is_of(&entry.statement)).map(|other| other.count).sum()
    };
    written.map(|entry| entry.count.saturating_sub(in_requests(entry))).sum()
}

fn is_about_queries(gate: &Gate) -> bool {
    match gate {
        Gate::MaxQueries(_) | Gate::NoNPlusOne(_) | Gate::Snapshot => true,
        Gate::Scaling(scaling) => scaling.queries.is_some(),
        Gate::MaxAllocs(_) | Gate::MaxCount(_) => false,
    }
}

/// Why the numbers of a gate, which is one of `gates`, mean nothing.
fn cannot_count(
    gate: &Gate,
    gates: &[Gate],
    parts: &[&Part],
    observed: &Observation,
) -> Option<Inconclusive> {
    let allocs = matches!(gate, Gate::MaxAllocs(_) | Gate::Scaling(Scaling { allocs: Some(_), .. }));
    if allocs && !parts.iter().all(|part| part.counts.get(&Metric::Allocs).is_some()) {
        return Some(allocator_not_installed());
    }
    if let Gate::MaxCount(MaxCount { counter, max: 1.., is_for_all: false }) = gate {
        let metric = Metric::Counter((*counter).to_owned());
        if parts.iter().all(|part| part.counts.get(&metric).is_none()) {
            return Some(never_counted(counter, observed));
        }
    }
    // A snapshot may well say that there are none, and what is set for all tests says nothing of this one.
    let may_see_none = |gate: &Gate| matches!(gate, Gate::Snapshot) || gate.is_for_all();
    if !is_about_queries(gate) || may_see_none(gate) {
        return None;
    }
    if parts.iter().all(|part| part.counts.get(&Metric::Queries).is_none()) {
        return Some(no_source());
    }
    let expects_some = match gate {
        Gate::MaxQueries(gate) => gate.limits().iter().any(|(_, max)| *max > 0),
        // Where the test says that it sends none, nothing can repeat.
        Gate::NoNPlusOne(_) => !gates.iter().any(allows_none),
        _ => true,
    };
    let none = parts.iter().all(|part| part.count(&Metric::Queries) == 0);
    // Where it is known what hides them, that is said.
    let is_explained =
        observed.inconclusive.iter().any(|inconclusive| inconclusive.of != Visibility::Allocations);
    (expects_some && none && !is_explained).then(|| nothing_observed(gate, observed))
}

/// Whether the test is to send no query at all.
fn allows_none(gate: &Gate) -> bool {
    matches!(gate, Gate::MaxQueries(MaxQueries { max: Some(0), endpoint: None, .. }))
}
