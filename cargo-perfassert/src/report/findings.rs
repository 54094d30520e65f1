//! The findings of one test.

use perfassert_record::counts::Metric;
use perfassert_record::record::{Budget, Outcome, Reason, TestId};

use super::finding::{Counted, Finding, Kind, RelatedCount, Severity};
use super::newcomers::{self, KnownEndpoints};
use super::{Context, advice, memory, nondeterministic, unmarked};
use crate::diff::{MetricChange, ScopeChange, State, StatementChange, TestChange};

/// How many unchanged statements are shown beside one that repeats, where it is not known whose rows it is repeated for: one
/// of them may be.
const PARENTS: usize = 2;

/// The finding of a test that is gone.
pub(super) fn removed(test: &TestId) -> Finding {
    let help = vec![
        "its counts are checked by nothing any more; leave out --deny-removed if that is meant".to_owned(),
    ];
    Finding { help, ..Finding::new(Kind::Removed, Severity::Fail, test) }
}

/// Judges one test and its endpoints; what is `known` of others is judged there.
pub(super) fn of_test(test: &TestChange, known: &KnownEndpoints<'_>, context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Outcome::Inconclusive(reasons) = &test.outcome {
        findings.push(inconclusive(&test.test, reasons));
    }
    for scope in test.endpoints.iter().chain([&test.whole]).filter(|scope| scope.state == State::Compared) {
        let better = findings.iter().any(|finding: &Finding| finding.severity == Severity::Improvement);
        let mut of_scope = of_scope(test, scope);
        if scope.endpoint.is_none() && better {
            of_scope.retain(|finding| finding.severity != Severity::Improvement);
        }
        if scope.endpoint.is_none() && !test.is_marked {
            of_scope = unmarked::judged(test, context.gates.is_rewritten(&test.test), of_scope);
        }
        findings.extend(memory::with_allocs_beside(of_scope));
    }
    findings.extend(newcomers::of_test(test, known));
    if let Outcome::OverBudget(reasons) = &test.outcome {
        over_budget(test, reasons, &mut findings);
    }
    findings.extend(nondeterministic::of_test(test));
    if matches!(test.outcome, Outcome::Inconclusive(_)) {
        // What was not seen is not less, nor other, than it was.
        findings.retain(|finding| finding.severity == Severity::Fail);
    }
    for finding in &mut findings {
        if finding.severity == Severity::Improvement {
            finding.budget = loose_budget(test, finding);
        }
        if finding.has_places() {
            finding.places = context
                .places
                .get(&test.test)
                .map(|risen| memory::places(risen, finding))
                .unwrap_or_default();
        }
    }
    findings
}

/// Says of a finding that has all its rows whether the branch changed its lines, and what to do; so many tests were `measured`.
pub(super) fn advised(finding: &mut Finding, measured: usize, context: &Context) {
    let risen = finding.statements.iter().filter(|statement| statement.rose());
    let sites = risen.flat_map(|statement| &statement.sites).map(|site| (&site.file, site.line));
    let places =
        finding.places.iter().filter_map(|place| place.site.as_ref()).map(|(file, line)| (file, *line));
    finding.touched = sites.chain(places).any(|(file, line)| context.touched.contains(file, line));
    finding.help.extend(advice::explain(finding, context.base.as_ref()));
    finding.help.extend(advice::help(finding, measured));
}

fn inconclusive(test: &TestId, reasons: &[Reason]) -> Finding {
    let mut help: Vec<String> = Vec::new();
    for reason in reasons.iter().filter(|reason| !reason.help.is_empty()) {
        if !help.contains(&reason.help) {
            help.push(reason.help.clone());
        }
    }
    let reasons = reasons.iter().map(|reason| reason.cause.clone()).collect();
    Finding { reasons, help, ..Finding::new(Kind::Inconclusive, Severity::Fail, test) }
}

/// The limit that an improvement leaves more room than it needs.
fn loose_budget(test: &TestChange, finding: &Finding) -> Option<i64> {
    let about = |budget: &&Budget| {
        finding.metric.as_ref() == Some(&budget.metric) && finding.endpoint == budget.endpoint
    };
    test.budgets.iter().filter(about).map(|budget| budget.max).min().filter(|max| *max > finding.after)
}

fn of_scope(test: &TestChange, scope: &ScopeChange) -> Vec<Finding> {
    let of = |change: &MetricChange| hidden(test, scope, change).or_else(|| of_metric(test, scope, change));
    scope.metrics.iter().filter_map(of).collect()
}

/// What a request has more that is not the dearest: it shows in all together.
fn hidden(test: &TestChange, scope: &ScopeChange, change: &MetricChange) -> Option<Finding> {
    let sum = |metric: &Metric| scope.sums.iter().find(|sum| sum.metric == *metric);
    let all = sum(&change.metric).filter(|sum| sum.rose() && !change.rose())?;
    let finding = of_metric(test, scope, all)?;
    let counted = Counted::Requests(scope.requests.1);
    match finding.allocs {
        None => Some(Finding { counted, ..finding }),
        // Bytes follow from the number of allocations.
        Some(_) => {
            let allocs = sum(&Metric::Allocs).filter(|allocs| allocs.increase() == Some(0))?;
            Some(Finding { counted, allocs: Some(allocs.after.least), ..finding })
        }
    }
}

fn of_metric(test: &TestChange, scope: &ScopeChange, change: &MetricChange) -> Option<Finding> {
    match &change.metric {
        Metric::Queries => queries(test, scope, change),
        Metric::Counter(_) => counter(test, scope, change),
        Metric::Allocs | Metric::AllocsPerIter if test.environments.is_none() => {
            memory::allocs(test, scope, change)
        }
        Metric::Bytes if test.environments.is_none() => memory::bytes(test, scope, change),
        // The kinds of queries add up to the queries, the rest is for budgets.
        _ => None,
    }
}

fn queries(test: &TestChange, scope: &ScopeChange, change: &MetricChange) -> Option<Finding> {
    let increase = change.increase()?;
    if is_within_what_moves(change) {
        return None;
    }
    let risen = || scope.statements.iter().filter(|statement| statement.rose());
    let more = change.rose();
    let repeats = |statement: &&StatementChange| statement.n_plus_one && (more || !statement.was_n_plus_one);
    let (kind, severity) = if risen().filter(repeats).any(|statement| !statement.duplicate) {
        (Kind::NPlusOne, Severity::Fail)
    } else if risen().any(|statement| repeats(&statement)) {
        (Kind::Duplicate, Severity::Fail)
    } else if more {
        (Kind::Queries, Severity::Fail)
    } else if change.fell() {
        (Kind::Fewer, Severity::Improvement)
    } else if increase == 0 && risen().next().is_some() {
        (Kind::ChangedSql, Severity::Warning)
    } else {
        return None;
    };
    let (changed, unchanged): (Vec<_>, Vec<_>) =
        scope.statements.iter().cloned().partition(|statement| statement.before != statement.after);
    let mut statements = changed;
    if scope.endpoint.is_none() && severity == Severity::Fail {
        // What an endpoint explains stands in the finding of that endpoint.
        statements.retain(StatementChange::rose);
    }
    if kind.is_repeated_statement() && !with_parents(&mut statements, scope) {
        statements.extend(unchanged.into_iter().take(PARENTS));
    }
    Some(Finding { statements, ..Finding::of(kind, severity, test, scope, change) })
}

/// Whether a count that was not the same in each look was seen to be the same on both sides, or may have been.
fn is_within_what_moves(change: &MetricChange) -> bool {
    change.moves() && !change.rose() && !change.fell()
}

/// Puts the statements whose rows others are repeated for beneath them. Whether there is one.
fn with_parents(statements: &mut Vec<StatementChange>, scope: &ScopeChange) -> bool {
    let children = statements.iter().filter(|statement| statement.rose());
    let parents: Vec<_> = children.filter_map(|statement| statement.per_row_of).collect();
    for fingerprint in &parents {
        let Some(parent) = scope.statements.iter().find(|it| it.fingerprint == *fingerprint) else {
            continue;
        };
        statements.retain(|it| it.fingerprint != *fingerprint);
        let child = statements.iter().rposition(|it| it.per_row_of == Some(*fingerprint));
        statements.insert(child.map_or(statements.len(), |child| child + 1), parent.clone());
    }
    !parents.is_empty()
}

fn counter(test: &TestChange, scope: &ScopeChange, change: &MetricChange) -> Option<Finding> {
    let (kind, severity) = if change.before.is_none() && change.after.least > 0 {
        (Kind::NewCounter, Severity::Warning)
    } else if change.rose() {
        (Kind::Counter, Severity::Fail)
    } else if change.fell() {
        (Kind::Fewer, Severity::Improvement)
    } else {
        return None;
    };
    Some(Finding::of(kind, severity, test, scope, change))
}

/// Notes the exceeded limits at the findings that are about the same count, and adds one for each of the others.
fn over_budget(test: &TestChange, reasons: &[String], findings: &mut Vec<Finding>) {
    let mut explained = findings.iter().any(|finding| finding.kind.is_repeated_statement());
    for budget in &test.budgets {
        let mut scopes = test.endpoints.iter().chain([&test.whole]);
        let Some(scope) = scopes.find(|scope| scope.endpoint == budget.endpoint) else { continue };
        let Some(change) = scope.metric(&budget.metric).filter(|change| change.after.least > budget.max)
        else {
            continue;
        };
        explained = true;
        let rose = |finding: &&mut Finding| {
            finding.severity == Severity::Fail && finding.metric.as_ref() == Some(&budget.metric)
        };
        // A limit is about one request, or about a whole test.
        let is_limited = |counted| matches!(counted, Counted::Request | Counted::Test);
        let same = |finding: &&mut Finding| {
            rose(finding) && finding.endpoint == budget.endpoint && is_limited(finding.counted)
        };
        if let Some(finding) = findings.iter_mut().find(same) {
            finding.budget = Some(finding.budget.map_or(budget.max, |max| max.min(budget.max)));
            continue;
        }
        let explained_by_endpoints =
            budget.endpoint.is_none() && change.unexplained().is_some_and(|rest| rest <= 0);
        let other = RelatedCount {
            test: scope.endpoint.is_none().then(|| test.test.clone()),
            endpoint: None,
            metric: budget.metric.clone(),
            counted: if scope.endpoint.is_some() { Counted::Request } else { Counted::Test },
            before: change.before.map(|before| before.least),
            after: change.after.least,
            budget: Some(budget.max),
        };
        let beside = |finding: &Finding| {
            finding.endpoint == budget.endpoint
                && finding.also.iter().any(|also| also.metric == budget.metric)
        };
        if let Some(finding) = findings.iter_mut().find(|finding| beside(finding)) {
            finding
                .also
                .iter_mut()
                .filter(|also| also.metric == budget.metric)
                .for_each(|also| also.budget = Some(budget.max));
        } else if let Some(finding) = findings.iter_mut().find(rose).filter(|_| explained_by_endpoints) {
            finding.also.push(other);
        } else {
            findings.push(Finding {
                budget: Some(budget.max),
                already_there: change.increase().is_some_and(|increase| increase <= 0),
                statements: if matches!(budget.metric, Metric::Queries | Metric::QueriesOf(_)) {
                    scope.statements.iter().filter(|statement| statement.after > 0).cloned().collect()
                } else {
                    Vec::new()
                },
                ..Finding::of(Kind::OverBudget, Severity::Fail, test, scope, change)
            });
        }
    }
    if !explained {
        findings.push(Finding {
            reasons: reasons.to_vec(),
            statements: repeated(test, reasons),
            already_there: test.was_over_budget,
            ..Finding::new(Kind::OverBudget, Severity::Fail, &test.test)
        });
    }
}

/// The statements for which a gate against N+1s failed, and nothing else did.
fn repeated(test: &TestChange, reasons: &[String]) -> Vec<StatementChange> {
    // As a gate's message begins.
    let is_repetition = |reason: &String| ["N+1: ", "duplicate: "].iter().any(|what| reason.contains(what));
    let scopes = test.endpoints.iter().chain([&test.whole]).filter(|_| reasons.iter().all(is_repetition));
    let mut repeated: Vec<StatementChange> = Vec::new();
    for statement in scopes.flat_map(|scope| &scope.statements).filter(|statement| statement.n_plus_one) {
        if !repeated.iter().any(|known| known.fingerprint == statement.fingerprint) {
            repeated.push(statement.clone());
        }
    }
    repeated
}
