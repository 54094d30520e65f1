//! One finding for one cause: what one statement from one line did, to however many endpoints and tests.
//!
//! What comes in was found scope by scope. A cause is a set of statements that rose together: in the same places, or from one
//! function. It has a row for each endpoint, and for each whole test, that it was seen in.

use std::collections::{BTreeMap, BTreeSet};

use perfassert_record::counts::Metric;
use perfassert_record::record::TestId;
use perfassert_record::sql::Fingerprint;

use super::finding::{Finding, Kind, Place, RelatedCount, Row, Severity};
use crate::diff::StatementChange;

/// Joins findings that have a cause in common, and parts those with several causes where others have one of them.
pub(super) fn by_cause(scopes: Vec<Finding>) -> Vec<Finding> {
    let mut families: Vec<Vec<Finding>> = Vec::new();
    for finding in scopes {
        match families.iter_mut().find(|family| is_alike(&family[0], &finding)) {
            Some(family) => family.push(finding),
            None => families.push(vec![finding]),
        }
    }
    families.iter().flat_map(|family| causes(family).into_iter().map(|cause| told(family, &cause))).collect()
}

/// Whether two findings may be one.
fn is_alike(a: &Finding, b: &Finding) -> bool {
    let are_more = a.kind.is_more_queries() && b.kind.is_more_queries();
    let of = |it: &Finding| (it.severity, it.metric.clone(), it.already_there);
    (are_more || a.kind == b.kind) && of(a) == of(b)
}

/// The statements that a finding is about, as indexes: the others are context.
pub(super) fn accused(finding: &Finding) -> Vec<usize> {
    let is_accused: fn(&StatementChange) -> bool = match finding.kind {
        Kind::NPlusOne | Kind::Duplicate if finding.before.is_none() || finding.increase() <= 0 => {
            |it| it.n_plus_one && it.rose()
        }
        Kind::NPlusOne | Kind::Duplicate | Kind::Queries | Kind::ChangedSql => StatementChange::rose,
        Kind::Fewer if finding.metric == Some(Metric::Queries) => |it| it.after < it.before,
        // A gate against N+1s has no number.
        Kind::OverBudget if finding.metric.is_none() => |it| it.n_plus_one,
        _ => |_| false,
    };
    let statements = finding.statements.iter().enumerate();
    statements.filter(|(_, it)| is_accused(it)).map(|(index, _)| index).collect()
}

/// Of each finding that tells of a cause the statements, both as indexes.
type Cause = BTreeMap<usize, Vec<usize>>;

/// A statement of a finding, as indexes; `None` for one that is about no statement.
type Atom = (usize, Option<usize>);

/// Where a finding is: its endpoint in whatever test, or a whole test.
fn place(finding: &Finding) -> (&str, Option<&str>, Option<&TestId>) {
    let endpoint = finding.endpoint.as_deref();
    (&finding.tests[0].package, endpoint, endpoint.is_none().then_some(&finding.tests[0]))
}

/// The causes of findings, in the order in which they were found.
fn causes(family: &[Finding]) -> Vec<Cause> {
    let mut atoms: Vec<Atom> = Vec::new();
    for (index, finding) in family.iter().enumerate() {
        let statements = accused(finding);
        if statements.is_empty() {
            atoms.push((index, None));
        }
        atoms.extend(statements.into_iter().map(|statement| (index, Some(statement))));
    }
    let mut sets = DisjointSets::new(atoms.len());
    join_same(family, &atoms, &mut sets);
    join_together(family, &atoms, &mut sets);
    let mut causes = BTreeMap::<usize, Cause>::new();
    for (index, (finding, statement)) in atoms.iter().enumerate() {
        causes.entry(sets.of(index)).or_default().entry(*finding).or_default().extend(statement);
    }
    causes.into_values().collect()
}

/// One statement is the same from the same line, and in the same endpoint. So is an endpoint's count, and so are allocations of which
/// the same functions have most.
fn join_same(family: &[Finding], atoms: &[Atom], sets: &mut DisjointSets) {
    let mut lines = BTreeMap::<(Fingerprint, &str, u32), usize>::new();
    let mut endpoints = BTreeMap::<(Option<Fingerprint>, &str, &str), usize>::new();
    // So many as tests were asked for their functions.
    let mut with_places: Vec<(usize, &Finding)> = Vec::new();
    for (index, (finding, statement)) in atoms.iter().enumerate() {
        let finding = &family[*finding];
        let statement = statement.map(|statement| &finding.statements[statement]);
        let fingerprint = statement.map(|it| it.fingerprint);
        if let Some(endpoint) = &finding.endpoint {
            let place = (fingerprint, &*finding.tests[0].package, &**endpoint);
            sets.join(*endpoints.entry(place).or_insert(index), index);
        }
        for (statement, site) in statement.iter().flat_map(|it| it.sites.iter().map(|site| (*it, site))) {
            let line = (statement.fingerprint, &*site.file, site.line);
            sets.join(*lines.entry(line).or_insert(index), index);
        }
        if statement.is_none() && !finding.places.is_empty() {
            let same = with_places
                .iter()
                .filter(|(_, other)| has_most_of(finding, other) && has_most_of(other, finding));
            same.for_each(|(known, _)| sets.join(*known, index));
            with_places.push((index, finding));
        }
    }
}

/// Whether the function that has most of `other` rose in `finding` as well. One of a library tells nothing: it is called for many reasons.
fn has_most_of(finding: &Finding, other: &Finding) -> bool {
    let most = other.places.first().filter(|most| most.site.is_some());
    most.is_some_and(|most| finding.places.iter().any(|it| it.is_same_function(most)))
}

/// Statements of one finding that were seen in the same places belong together, and so do those of one function.
fn join_together(family: &[Finding], atoms: &[Atom], sets: &mut DisjointSets) {
    let mut places = BTreeMap::<usize, BTreeSet<_>>::new();
    for (index, (finding, _)) in atoms.iter().enumerate() {
        places.entry(sets.of(index)).or_default().insert(place(&family[*finding]));
    }
    let mut together = Vec::new();
    let mut same_places = BTreeMap::new();
    let mut functions = BTreeMap::new();
    for (index, (finding, statement)) in atoms.iter().enumerate() {
        let seen_in = &places[&sets.of(index)];
        together.push((*same_places.entry((finding, seen_in)).or_insert(index), index));
        let sites = statement.iter().flat_map(|it| &family[*finding].statements[*it].sites);
        for site in sites.filter(|site| !site.function.is_empty()) {
            let function = (finding, &site.file, &site.function);
            together.push((*functions.entry(function).or_insert(index), index));
        }
    }
    together.into_iter().for_each(|(a, b)| sets.join(a, b));
}

/// Disjoint sets, each known by its least member.
struct DisjointSets(Vec<usize>);

impl DisjointSets {
    fn new(members: usize) -> Self {
        DisjointSets((0..members).collect())
    }

    fn of(&self, mut member: usize) -> usize {
        while self.0[member] != member {
            member = self.0[member];
        }
        member
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// What one finding tells of a cause.
struct Evidence<'a> {
    finding: &'a Finding,
    /// The statements of the cause, as indexes.
    statements: &'a [usize],
    row: Row,
}

impl<'a> Evidence<'a> {
    fn of(finding: &'a Finding, statements: &'a [usize]) -> Self {
        let all = accused(finding);
        let is_part = all.len() > statements.len();
        let sum = |count: fn(&StatementChange) -> u64| {
            statements.iter().map(|index| count(&finding.statements[*index])).sum()
        };
        let most = all.iter().rev().max_by_key(|index| finding.statements[**index].increase().abs());
        // What else rose there is told with the cause that has most of it.
        let has_most = most.is_none_or(|most| statements.contains(most));
        let also = finding.also.iter().filter(|also| has_most && also.test.is_none());
        let row = Row {
            tests: finding.tests.clone(),
            endpoint: finding.endpoint.clone(),
            renamed_from: finding.renamed_from.clone(),
            counted: finding.counted,
            before: finding.before,
            after: finding.after,
            budget: finding.budget,
            part: is_part.then(|| (sum(|it| it.before), sum(|it| it.after))),
            also: also.cloned().collect(),
        };
        Evidence { finding, statements, row }
    }

    fn own(&self) -> impl Iterator<Item = &'a StatementChange> {
        let (finding, statements) = (self.finding, self.statements);
        statements.iter().map(|index| &finding.statements[*index])
    }

    /// The greatest change first; one that can be compared says more than one that is new.
    fn worst_first(&self) -> impl Ord + use<> {
        let Row { tests, endpoint, before, after, part, .. } = self.row.clone();
        let increase = match part {
            Some((before, after)) => after.cast_signed() - before.cast_signed(),
            None => after - before.unwrap_or(0),
        };
        let size = if self.finding.severity == Severity::Improvement { increase } else { -increase };
        (before.is_none(), size, part.is_some(), -after, endpoint, tests)
    }
}

/// One cause as a finding, with its rows.
fn told(family: &[Finding], cause: &Cause) -> Finding {
    let mut seen: Vec<_> =
        cause.iter().map(|(finding, statements)| Evidence::of(&family[*finding], statements)).collect();
    seen.sort_by_cached_key(Evidence::worst_first);
    let (kind, statements, places) = (kind(&seen), statements(&seen), places(&seen));
    let mut also = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for Evidence { finding, row, .. } in &seen {
        also_told(&mut also, finding.also.iter().filter(|also| also.test.is_some()));
        let is_same = |known: &&mut Row| {
            known.endpoint.is_some()
                && known.endpoint == row.endpoint
                && known.tests[0].package == row.tests[0].package
        };
        match rows.iter_mut().find(is_same) {
            Some(known) => {
                also_told(&mut also, over_budget_beside(known, finding).iter());
                also_told(&mut known.also, row.also.iter());
                known.tests.extend(row.tests.iter().cloned());
            }
            None => rows.push(row.clone()),
        }
    }
    let own = rows[0].also.clone();
    Finding {
        kind,
        statements,
        places,
        tests: tests(&rows),
        also: own.into_iter().chain(also).collect(),
        rows,
        ..seen[0].finding.clone()
    }
}

/// A limit that the finding of another test is over, which its row does not tell of.
fn over_budget_beside(row: &Row, finding: &Finding) -> Option<RelatedCount> {
    let Finding { tests, endpoint, metric, counted, before, after, budget, severity, .. } = finding.clone();
    if severity != Severity::Fail || budget.is_none() || budget == row.budget {
        return None;
    }
    Some(RelatedCount {
        test: tests.first().cloned(),
        endpoint,
        metric: metric?,
        counted,
        before,
        after,
        budget,
    })
}

/// The first is that of the counts, the others are sorted.
fn tests(rows: &[Row]) -> Vec<TestId> {
    let first = &rows[0].tests[0];
    let others: BTreeSet<_> = rows.iter().flat_map(|row| &row.tests).filter(|test| *test != first).collect();
    [first].into_iter().chain(others).cloned().collect()
}

/// Of more queries, what the statements of the cause make of it.
fn kind(seen: &[Evidence<'_>]) -> Kind {
    let lead = seen[0].finding.kind;
    if !lead.is_more_queries() || seen[0].statements.is_empty() {
        return lead;
    }
    let is_repeated = |seen: &Evidence<'_>, it: &StatementChange| {
        it.n_plus_one && (seen.finding.increase() > 0 || !it.was_n_plus_one)
    };
    let repeated: Vec<_> =
        seen.iter().flat_map(|seen| seen.own().filter(|it| is_repeated(seen, it))).collect();
    match repeated.iter().any(|it| !it.duplicate) {
        true => Kind::NPlusOne,
        false if repeated.is_empty() => Kind::Queries,
        false => Kind::Duplicate,
    }
}

/// The statements of the cause, with the lines of all findings, and the context of the first.
fn statements(seen: &[Evidence<'_>]) -> Vec<StatementChange> {
    let lead = &seen[0];
    let is_parent = |it: &StatementChange| lead.own().any(|child| child.per_row_of == Some(it.fingerprint));
    let is_shown = |(index, it): &(usize, &StatementChange)| {
        lead.row.part.is_none() || lead.statements.contains(index) || is_parent(it)
    };
    let shown = lead.finding.statements.iter().enumerate().filter(is_shown);
    let mut all: Vec<StatementChange> = shown.map(|(_, it)| it.clone()).collect();
    for other in seen[1..].iter().flat_map(Evidence::own) {
        let Some(known) = all.iter_mut().find(|it| it.fingerprint == other.fingerprint) else {
            all.push(other.clone());
            continue;
        };
        for site in &other.sites {
            if !known.sites.iter().any(|it| (&it.file, it.line) == (&site.file, site.line)) {
                known.sites.push(site.clone());
            }
        }
    }
    all
}

/// The functions of the first finding, and those that only others have.
fn places(seen: &[Evidence<'_>]) -> Vec<Place> {
    let mut all: Vec<Place> = seen[0].finding.places.clone();
    for place in seen[1..].iter().flat_map(|seen| &seen.finding.places) {
        if !all.iter().any(|known| known.is_same_function(place)) {
            all.push(place.clone());
        }
    }
    all
}

/// Adds other counts that rose: of one count the greatest, and whatever is over a limit.
fn also_told<'a>(known: &mut Vec<RelatedCount>, others: impl Iterator<Item = &'a RelatedCount>) {
    for also in others {
        let is_same = |it: &&mut RelatedCount| {
            let of = |it: &RelatedCount| (it.metric.clone(), it.test.clone(), it.endpoint.clone());
            of(it) == of(also) && (it.budget.is_none() || also.budget.is_none() || it.budget == also.budget)
        };
        match known.iter_mut().find(is_same) {
            Some(it) => {
                let budget = it.budget.or(also.budget);
                if it.after < also.after {
                    *it = also.clone();
                }
                it.budget = budget;
            }
            None => known.push(also.clone()),
        }
    }
}
