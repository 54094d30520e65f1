//! What was observed, as a record.

use super::from::sites;
use super::message::headline;
use super::n_plus_one::{distinct_values, too_few};
use super::suspect::Suspect;
use super::{Verdict, suspects};
use crate::counts::Counts;
use crate::inconclusive::Inconclusive;
use crate::observation::{Observation, Part};
use crate::record::{Budget, Endpoint, Environment, Outcome, Reason, Record, Statement};
use crate::rules::Rules;
use crate::scope::Entry;
use crate::spec::{NoNPlusOne, Test};

/// How a test function ended, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It came to its end: the gates decide.
    Finished,
    /// It was to panic and did: the gates decide, and whether that was the panic that was expected, the harness.
    PanickedAsItShould,
    /// It panicked, returned an error, or did not panic as it should.
    Failed,
}

/// The record of a test. One that did not come to its end leaves its outcome and no counts.
pub(crate) fn record(
    test: &Test,
    rules: &Rules,
    observed: &Observation,
    verdict: &Verdict<'_>,
    ending: Ending,
) -> Record {
    let mut record = Record::new(test.id(), outcome(rules, verdict), environment());
    record.trace_id.clone_from(&observed.trace_id);
    record.is_marked = test.is_marked();
    record.counts = known(&observed.test, observed);
    record.endpoints = observed.endpoints().into_iter().map(|name| endpoint(name, observed)).collect();
    record.statements = statements([&observed.test]);
    record.unattributed = observed.unattributed.iter().map(statement).collect();
    record.budgets = budgets(&rules.gates);
    record.snapshot = snapshot(test, rules);
    match ending {
        Ending::Finished | Ending::PanickedAsItShould => record,
        Ending::Failed => failed(record),
    }
}

/// The same of a test that did not come to its end.
pub(crate) fn failed(mut record: Record) -> Record {
    record.outcome = Outcome::Failed;
    record.counts = Counts::new();
    record.endpoints.clear();
    record.statements.clear();
    record.unattributed.clear();
    record
}

/// The counts of a part, without the allocations where not all of them could be seen: a number that is not all is none.
fn known(part: &Part, observed: &Observation) -> Counts {
    let counts = part.counts.iter().map(|(metric, n)| (metric.clone(), n));
    counts.filter(|(metric, _)| observed.sees_allocations() || !metric.is_of_allocations()).collect()
}

#[cfg(feature = "snapshot")]
fn snapshot(test: &Test, rules: &Rules) -> Option<String> {
    rules.has_snapshot().then(|| crate::snapshot::file(test))
}

#[cfg(not(feature = "snapshot"))]
fn snapshot(_test: &Test, _rules: &Rules) -> Option<String> {
    None
}

fn outcome(rules: &Rules, verdict: &Verdict<'_>) -> Outcome {
    if !verdict.inconclusive.is_empty() {
        let reasons = verdict.inconclusive.iter().map(reason).collect();
        if rules.gates.is_empty() { Outcome::Unseen(reasons) } else { Outcome::Inconclusive(reasons) }
    } else if !verdict.violations.is_empty() {
        Outcome::OverBudget(verdict.violations.iter().map(headline).collect())
    } else {
        Outcome::Passed
    }
}

/// What was in the way, as a record has it.
pub(crate) fn reason(inconclusive: &Inconclusive) -> Reason {
    Reason { cause: inconclusive.cause.clone(), help: inconclusive.help.clone() }
}

pub(crate) fn environment() -> Environment {
    let (rustc, target) = (env!("PERFASSERT_RUSTC"), env!("PERFASSERT_TARGET"));
    Environment::new(rustc.to_owned(), target.to_owned(), profile().unwrap_or_else(|| "unknown".to_owned()))
}

/// A test binary lies in `target/<profile>/deps`.
fn profile() -> Option<String> {
    let binary = std::env::current_exe().ok()?;
    let directory =
        binary.ancestors().skip(1).find(|dir| !matches!(name(dir).as_deref(), Some("deps" | "examples")))?;
    name(directory)
}

fn name(path: &std::path::Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

fn budgets(gates: &[crate::spec::Gate]) -> Vec<Budget> {
    let gates = gates.iter();
    let of_gate = |gate: &crate::spec::Gate| {
        let endpoint = gate.endpoint().map(str::to_owned);
        let limits = gate.limits().into_iter();
        limits
            .map(move |(metric, max)| Budget { metric, max, endpoint: endpoint.clone() })
            .collect::<Vec<_>>()
    };
    gates.flat_map(of_gate).collect()
}

fn endpoint(name: &str, observed: &Observation) -> Endpoint {
    let requests: Vec<_> = observed.requests(name).collect();
    let (mut counts, mut sums) = (Counts::new(), Counts::new());
    for request in &requests {
        let known = known(request, observed);
        counts.raise_to(&known);
        known
            .iter()
            .filter(|(metric, _)| metric.adds_up())
            .for_each(|(metric, n)| sums.add(metric.clone(), n));
    }
    let mut statements = statements(requests.iter().copied());
    let has_sums = requests.len() > 1;
    if has_sums {
        statements.iter_mut().for_each(|it| it.sum = Some(executed(&requests, it)));
    }
    let mut endpoint = Endpoint::new(name.to_owned(), requests.len() as u64);
    endpoint.failed = requests.iter().filter(|request| request.failed).count() as u64;
    endpoint.counts = counts;
    endpoint.sums = has_sums.then_some(sums);
    endpoint.statements = statements;
    endpoint
}

/// How often all requests together executed a statement.
fn executed(requests: &[&Part], statement: &Statement) -> u64 {
    let entries = requests.iter().flat_map(|request| &request.statements);
    entries.filter(|entry| is_of(entry, statement)).map(|entry| entry.count).sum()
}

fn is_of(entry: &Entry, statement: &Statement) -> bool {
    (entry.statement.class, entry.statement.fingerprint) == (statement.class, statement.fingerprint)
}

/// The statements of all parts, each with its highest count in one of them, the most frequent first.
fn statements<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for part in parts {
        let repeated = suspects(part, NoNPlusOne::DEFAULT.threshold);
        let unclear = too_few(part);
        for (index, entry) in part.statements.iter().enumerate() {
            let suspect = repeated.iter().find(|suspect| suspect.is_about(index));
            let told = Repeated {
                n_plus_one: suspect.is_some(),
                duplicate: suspect.is_some_and(Suspect::is_duplicate),
                too_few_rows: unclear.iter().any(|pair| pair.index == index),
            };
            match statements.iter_mut().find(|known| is_of(entry, known)) {
                Some(known) => {
                    let told = told.or(Repeated::by(known));
                    if known.count < entry.count {
                        *known = statement(entry);
                    }
                    told.tell(known);
                }
                None => {
                    let mut new = statement(entry);
                    told.tell(&mut new);
                    statements.push(new);
                }
            }
        }
    }
    // By text among equals: the order of concurrent queries is nobody's.
    statements.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.sql.cmp(&b.sql)));
    statements
}

/// What is said of a statement that repeats, in any of the parts.
struct Repeated {
    n_plus_one: bool,
    duplicate: bool,
    too_few_rows: bool,
}

impl Repeated {
    fn by(known: &Statement) -> Self {
        Repeated {
            n_plus_one: known.n_plus_one,
            duplicate: known.duplicate,
            too_few_rows: known.too_few_rows,
        }
    }

    /// A duplicate is one in each part in which it repeats.
    fn or(self, other: Self) -> Self {
        let n_plus_one = self.n_plus_one || other.n_plus_one;
        let by_all = |repeated: &Self| repeated.duplicate || !repeated.n_plus_one;
        Repeated {
            n_plus_one,
            duplicate: n_plus_one && by_all(&self) && by_all(&other),
            too_few_rows: self.too_few_rows || other.too_few_rows,
        }
    }

    fn tell(self, statement: &mut Statement) {
        statement.n_plus_one = self.n_plus_one;
        statement.duplicate = self.duplicate;
        statement.too_few_rows = self.too_few_rows && !self.n_plus_one;
    }
}

fn statement(entry: &Entry) -> Statement {
    let mut statement = Statement::new(&entry.statement, entry.count);
    statement.failed = entry.failed;
    statement.rows = entry.rows.map(|_| entry.all_rows);
    statement.distinct_values = distinct_values(entry);
    statement.sites = sites(entry).into_iter().map(|(site, _)| site).collect();
    statement
}
