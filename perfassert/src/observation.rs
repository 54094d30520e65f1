//! What was seen of a test, as plain data.

use std::sync::Arc;

use std::collections::{HashMap, HashSet};

use crate::alloc::{self, Counted, Memory, Owner, Stack};
use crate::callers;
use crate::counts::{Counts, Metric};
use crate::inconclusive::{Inconclusive, Visibility};
use crate::rules::Rules;
use crate::scope::{Allocated, Entry, LeftOut, ObtainedByChildren, Role, Scope, Summary};
use crate::site::Capture;
use crate::source;
use crate::spec::Gate;
use crate::sql::{Class, Fingerprint, Kind};

/// What is counted per iteration, and how that is called.
const PER_ITER: [(Metric, Metric); 2] =
    [(Metric::Allocs, Metric::AllocsPerIter), (Metric::Bytes, Metric::BytesPerIter)];

/// The share of one of several iterations, so that no limit is kept by rounding.
pub(crate) fn rounded_up(total: i64, iterations: u64) -> i64 {
    let iterations = i64::try_from(iterations).unwrap_or(i64::MAX);
    -(-total).div_euclid(iterations)
}

/// Everything that a verdict is made from.
pub(crate) struct Observation {
    /// Under which requests were sent, if a header was asked for.
    pub(crate) trace_id: Option<String>,
    /// The whole test; of one that ran with several sizes, the last run.
    pub(crate) test: Part,
    /// The runs before that, in their order.
    pub(crate) smaller: Vec<Smaller>,
    /// Its requests and sections, in the order in which they began. Alike ones may be one.
    pub(crate) parts: Vec<Arc<Part>>,
    /// Queries that ran meanwhile on threads that no open test had started.
    pub(crate) unattributed: Vec<Entry>,
    /// How often such threads have allocated.
    pub(crate) unattributed_allocs: u64,
    /// Why not everything could be seen.
    pub(crate) inconclusive: Vec<Inconclusive>,
    /// What was listened to.
    pub(crate) sources: Vec<String>,
}

/// A run with a smaller size, observed.
pub(crate) struct Smaller {
    pub(crate) n: usize,
    pub(crate) test: Part,
}

/// A scope, observed.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// A request that was answered by a server error, or not at all.
    pub(crate) failed: bool,
    pub(crate) counts: Counts,
    /// In the order of their first execution.
    pub(crate) statements: Vec<Entry>,
    /// What of it came from elsewhere while `unmeasured` was at work.
    pub(crate) beside_set_up: LeftOut,
    /// Those that may repeat.
    pub(crate) allowed: Arc<[Fingerprint]>,
    /// Where the application allocated, if a gate may have to say so.
    pub(crate) places: Vec<Place>,
    /// What the application obtained in child processes.
    pub(crate) by_children: ObtainedByChildren,
    /// Where what was alive at the end had been allocated.
    pub(crate) alive: Vec<Place>,
}

/// What was obtained in one place: how often, and how many bytes.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) stack: Capture,
    pub(crate) calls: u64,
    pub(crate) bytes: u64,
}

impl Observation {
    /// Reads a test that has ended, to be judged by `rules`, and its runs before, with their sizes.
    pub(crate) fn of(test: &Arc<Scope>, smaller: &[(usize, Arc<Scope>)], rules: &Rules) -> Self {
        let each = || smaller.iter().map(|(_, scope)| scope).chain([test]);
        let part = |scope: &Arc<Scope>| Part::of(&scope.summary(), scope.root(), &rules.allowed);
        let mut whole = part(test);
        let parts = parts(test, &rules.allowed);
        for iterated in distinct(&parts).filter(|part| part.iterations().is_some()) {
            let per_iter = PER_ITER
                .iter()
                .filter_map(|(_, per_iter)| Some((per_iter.clone(), iterated.counts.get(per_iter)?)));
            whole.counts.raise_to(&per_iter.collect());
        }
        Observation {
            trace_id: test.ids.trace_id(),
            test: whole,
            parts,
            smaller: smaller.iter().map(|(n, scope)| Smaller { n: *n, test: part(scope) }).collect(),
            unattributed: each().flat_map(|scope| scope.unattributed().entries().to_vec()).collect(),
            unattributed_allocs: each().map(|scope| scope.unattributed_allocs()).sum(),
            inconclusive: rules
                .inconclusive
                .iter()
                .cloned()
                .chain(inconclusive(test, smaller, rules))
                .collect(),
            sources: source::names(),
        }
    }

    /// Whether all allocations of the test could be seen.
    pub(crate) fn sees_allocations(&self) -> bool {
        self.unattributed_allocs == 0
            && self.inconclusive.iter().all(|inconclusive| inconclusive.of == Visibility::Queries)
    }

    /// The requests of one endpoint.
    pub(crate) fn requests<'a, 'b>(
        &'a self,
        endpoint: &'b str,
    ) -> impl Iterator<Item = &'a Part> + use<'a, 'b> {
        let requests = self.parts.iter().filter(|part| part.role == Role::Endpoint);
        requests.map(|part| &**part).filter(move |part| part.name == endpoint)
    }

    /// What was done again and again, to be counted per iteration.
    pub(crate) fn iterated(&self) -> Vec<&Part> {
        distinct(&self.parts).filter(|part| part.iterations().is_some()).collect()
    }

    /// The endpoints that were called, each once, in the order of their first request.
    pub(crate) fn endpoints(&self) -> Vec<&str> {
        let mut endpoints: Vec<&str> = Vec::new();
        for part in distinct(&self.parts).filter(|part| part.role == Role::Endpoint) {
            if !endpoints.contains(&part.name.as_str()) {
                endpoints.push(&part.name);
            }
        }
        endpoints
    }
}

/// The requests and sections of a test: those of which the same was seen are one.
fn parts(test: &Scope, allowed: &Arc<[Fingerprint]>) -> Vec<Arc<Part>> {
    let mut known: HashMap<*const Summary, Arc<Part>> = HashMap::new();
    let summaries = test.parts();
    let part = |summary: &Arc<Summary>| {
        let known = known.entry(Arc::as_ptr(summary));
        Arc::clone(known.or_insert_with(|| Arc::new(Part::of(summary, test, allowed).with_per_iter())))
    };
    summaries.iter().map(part).collect()
}

/// Each once, in the order in which the first of its kind began.
pub(crate) fn distinct(parts: &[Arc<Part>]) -> impl Iterator<Item = &Part> {
    let mut met = HashSet::new();
    parts.iter().filter(move |part| met.insert(Arc::as_ptr(part))).map(|part| &**part)
}

/// What was in the way of the test; of one that ran with several sizes, with the size, unless it was of all.
fn inconclusive(test: &Arc<Scope>, smaller: &[(usize, Arc<Scope>)], rules: &Rules) -> Vec<Inconclusive> {
    let Some(largest) = rules.gates.iter().find_map(Gate::largest) else { return test.inconclusive() };
    let mut sizes_of: Vec<(Inconclusive, Vec<usize>)> = Vec::new();
    let runs = smaller.iter().map(|(n, scope)| (*n, scope)).chain([(largest, test)]);
    for (n, inconclusive) in runs
        .flat_map(|(n, scope)| scope.inconclusive().into_iter().map(move |inconclusive| (n, inconclusive)))
    {
        match sizes_of.iter_mut().find(|(known, _)| *known == inconclusive) {
            Some((_, sizes)) if sizes.contains(&n) => {}
            Some((_, sizes)) => sizes.push(n),
            None => sizes_of.push((inconclusive, vec![n])),
        }
    }
    let is_of_all =
        |sizes: &[usize]| sizes.contains(&largest) && smaller.iter().all(|(n, _)| sizes.contains(n));
    let told = sizes_of.into_iter().map(|(inconclusive, sizes)| match is_of_all(&sizes) {
        true => inconclusive,
        false => {
            let sizes = sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Inconclusive { cause: format!("with n = {sizes}: {}", inconclusive.cause), ..inconclusive }
        }
    });
    told.collect()
}

impl Part {
    /// What was seen of a scope of `test`.
    pub(crate) fn of(summary: &Summary, test: &Scope, allowed: &Arc<[Fingerprint]>) -> Self {
        let allocated = |place: &alloc::Place| {
            let counted = place.counted;
            self::place(place.stack, counted.calls(), counted.bytes)
        };
        let alive = |(stack, calls, bytes): &(Stack, u64, u64)| place(stack, *calls, *bytes);
        Part {
            name: summary.name.clone(),
            role: summary.role,
            failed: summary.failed,
            counts: counts(summary, test),
            statements: summary.statements.clone(),
            beside_set_up: summary.beside_set_up,
            allowed: Arc::clone(allowed),
            by_children: summary.by_children.clone(),
            places: summary.places.iter().filter_map(allocated).collect(),
            alive: summary.alive.iter().filter_map(alive).collect(),
        }
    }

    /// How many iterations it was, if it was some.
    pub(crate) fn iterations(&self) -> Option<u64> {
        match self.role {
            Role::Iterations(n) => Some(n),
            _ => None,
        }
    }

    /// Whether something is known of where it allocated.
    pub(crate) fn has_places(&self) -> bool {
        !self.places.is_empty() || self.by_children.counted != Counted::default()
    }

    fn with_per_iter(mut self) -> Self {
        if let Some(iterations) = self.iterations() {
            for (of_all, per_iter) in &PER_ITER {
                if let Some(total) = self.counts.get(of_all) {
                    self.counts.insert(per_iter.clone(), rounded_up(total, iterations));
                }
            }
        }
        self
    }

    /// The number of `metric`; what was not measured is none.
    pub(crate) fn count(&self, metric: &Metric) -> i64 {
        self.counts.get(metric).unwrap_or(0)
    }
}

/// `None` where no stack was looked at.
fn place(stack: Stack, calls: u64, bytes: u64) -> Option<Place> {
    Some(Place { stack: Capture::of_stack(stack)?, calls, bytes })
}

/// The numbers of a scope of `test`.
pub(crate) fn counts(summary: &Summary, test: &Scope) -> Counts {
    let mut counts = Counts::new();
    if !source::names().is_empty() || test.hears() {
        count_queries(&mut counts, &summary.statements);
    }
    if alloc::is_installed() {
        count_allocations(&mut counts, summary);
    }
    for (counter, n) in &summary.counters {
        counts.insert(Metric::Counter(counter.clone()), *n);
    }
    counts
}

fn count_queries(counts: &mut Counts, statements: &[Entry]) {
    counts.insert(Metric::Queries, 0);
    counts.insert(Metric::RoundTrips, 0);
    for kind in Kind::ALL {
        counts.insert(Metric::QueriesOf(*kind), 0);
    }
    for entry in statements.iter().filter(|entry| entry.statement.class == Class::Application) {
        let n = i64::try_from(entry.count).unwrap_or(i64::MAX);
        counts.add(Metric::Queries, n);
        counts.add(Metric::QueriesOf(entry.statement.kind), n);
        counts.add(Metric::RoundTrips, i64::try_from(entry.round_trips).unwrap_or(i64::MAX));
    }
}

fn count_allocations(counts: &mut Counts, summary: &Summary) {
    let Allocated { totals, memory } = summary.allocated;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let application = totals.of(Owner::Application);
    counts.insert(Metric::Allocs, number(application.calls()));
    counts.insert(Metric::AllocsZeroed, number(application.zeroed));
    counts.insert(Metric::AllocsRealloc, number(application.reallocs));
    counts.insert(Metric::Bytes, number(application.bytes));
    if callers::CAN_LOOK && summary.has_owners {
        for (owner, code) in Owner::others() {
            let of = totals.of(owner);
            counts.insert(Metric::AllocsOf(code), number(of.calls()));
            counts.insert(Metric::BytesOf(code), number(of.bytes));
        }
    }
    if let Some(Memory { live, peak, frees }) = memory {
        counts.insert(Metric::Frees, number(frees));
        counts.insert(Metric::BytesPeak, peak);
        counts.insert(Metric::BytesLive, live);
    }
}
