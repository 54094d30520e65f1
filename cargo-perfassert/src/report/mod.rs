//! What the changes mean: (changes, policy) to findings, ranked. Pure, no I/O.

mod advice;
mod allocations;
mod findings;
mod group;
#[cfg(test)]
mod tests;
mod tolerance;
mod unsteady;

pub use findings::{Also, Finding, Kind, Severity};
pub use tolerance::Tolerance;

use std::collections::BTreeSet;

use perfassert::counts::Metric;
use perfassert::record::{Environment, Outcome, TestId};

use crate::diff::{Changes, GateChange, MetricChange, ScopeChange, State};
use crate::error::{FAILURE, PASS, REGRESSION};
use crate::git::{Base, Touched};
use crate::measure::Failures;
use crate::repeat::is_exact;

/// What is allowed.
///
/// Queries, and counters of the user's own, are exact: any increase is a regression.
/// Allocations depend on timing, so they may rise by the sum of these:
///
/// - a share of the baseline's count
/// - a fixed number
/// - one for each statement that the test or the request executes: it is handed to a driver's worker, and whether
///   that wakes a task or needs a place in a queue is chance
/// - the spread that was seen between repeats, on whichever side it is greater
///
/// What one iteration allocates, of a benchmark or of `perfassert::per_iter`, may rise by that spread alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Allocations may rise by this share of the baseline's.
    pub allocs_relative: f64,
    /// And by this many on top.
    pub allocs_absolute: i64,
    /// Whether a test that is gone is a regression.
    pub deny_removed: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { allocs_relative: 0.02, allocs_absolute: 8, deny_removed: false }
    }
}

/// What the reader must know besides the changes.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The commit that was compared with.
    pub base: Option<Base>,
    /// Where its counts are from.
    pub origin: Origin,
    /// Why there is nothing to compare with.
    pub no_baseline: Option<String>,
    /// Whether the working tree differs from HEAD.
    pub dirty: bool,
    /// The tests that failed by themselves.
    pub failures: Failures,
    /// The tests that failed by themselves on the baseline: what they cover was not compared.
    pub baseline_failures: Failures,
    /// The lines that the branch changed.
    pub touched: Touched,
    /// Record lines that could not be read, as text.
    pub damage: Vec<String>,
}

/// Where the counts of the baseline are from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It was built and measured.
    #[default]
    Rebuilt,
    /// An earlier diff had measured it.
    MeasuredBefore,
    /// The snapshots that are committed there: nothing was built.
    Snapshots,
}

/// The outcome of a diff, ready to be shown.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it is about.
    pub context: Context,
    /// How many tests were compared.
    pub compared: usize,
    /// Regressions and gates that could not see, the most urgent first.
    pub findings: Vec<Finding>,
    /// Changes worth a look that fail nothing.
    pub warnings: Vec<Finding>,
    /// Counts that fell.
    pub improvements: Vec<Finding>,
    /// Tests that the baseline does not have.
    pub new_tests: Vec<TestId>,
    /// Endpoints that the baseline does not have, of tests that it has.
    pub new_endpoints: Vec<(TestId, String)>,
    /// Tests that are gone.
    pub removed_tests: Vec<TestId>,
    /// Endpoints that are gone, of tests that are there.
    pub removed_endpoints: Vec<(TestId, String)>,
    /// Tests that are gone and look like one of the new ones.
    pub renamed: Vec<(TestId, TestId)>,
    /// Tests and endpoints that could not be compared, and why.
    pub not_comparable: Vec<(TestId, Option<String>, String)>,
    /// Limits that were loosened or removed.
    pub gates: Vec<(TestId, GateChange)>,
    /// The environments between which allocations were not compared.
    pub environments: Option<(Environment, Environment)>,
    /// The whole in a word.
    pub verdict: Verdict,
}

/// The whole in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing got worse.
    Pass,
    /// Something did.
    Regression,
    /// A test failed by itself, or a gate could not see.
    Failure,
}

impl Report {
    /// The tests whose counts may be chance's, and are worth another look: those with more or fewer allocations or, at the
    /// first look, of anything; later those whose exact counts have turned out to differ from one look to the next.
    #[must_use]
    pub fn doubtful(&self, is_first: bool) -> Vec<TestId> {
        let is_unsteady = |finding: &Finding| {
            let mut unsteady = self.warnings.iter().filter(|other| other.kind == Kind::Unsteady);
            unsteady.any(|other| other.metric == finding.metric && other.tests[0] == finding.tests[0])
        };
        let is_doubtful = |finding: &&Finding| match finding.kind {
            Kind::Allocs => true,
            Kind::Counter | Kind::Fewer => {
                finding.metric.as_ref().is_some_and(is_exact) && (is_first || is_unsteady(finding))
            }
            kind => kind.is_more_queries() && (is_first || is_unsteady(finding)),
        };
        distinct(self.findings.iter().chain(&self.improvements).filter(is_doubtful))
    }

    /// The tests with counts that rose too far.
    #[must_use]
    pub fn regressed(&self) -> Vec<TestId> {
        distinct(self.findings.iter().filter(|finding| finding.metric.is_some() && finding.increase() > 0))
    }

    /// The exit code that says the verdict.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Pass => PASS,
            Verdict::Regression => REGRESSION,
            Verdict::Failure => FAILURE,
        }
    }
}

/// The tests that see findings.
fn distinct<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<TestId> {
    let tests = findings.flat_map(|finding| finding.tests.iter().cloned());
    tests.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Judges changes.
#[must_use]
pub fn report(changes: &Changes, policy: &Policy, context: Context) -> Report {
    let mut all = Vec::new();
    for test in &changes.tests {
        all.extend(findings::of_test(test, policy, &context.touched));
    }
    let replaced = |test: &&TestId| changes.renamed.iter().any(|(old, _)| old == *test);
    if policy.deny_removed {
        let gone = changes.removed.iter().filter(|test| !replaced(test));
        all.extend(gone.map(findings::removed));
    }
    let all = group::group(all);
    let of =
        |severity| all.iter().filter(|finding| finding.severity == severity).cloned().collect::<Vec<_>>();
    let findings = of(Severity::Fail);
    let blind = findings.iter().any(|finding| finding.kind == Kind::Inconclusive);
    let verdict = if blind || !context.failures.is_empty() || !context.damage.is_empty() {
        Verdict::Failure
    } else if findings.is_empty() {
        Verdict::Pass
    } else {
        Verdict::Regression
    };
    let compared_tests = || changes.tests.iter().filter(|test| test.state == State::Compared);
    let endpoints =
        || compared_tests().flat_map(|test| test.endpoints.iter().map(move |scope| (test, scope)));
    Report {
        compared: compared_tests().count(),
        findings,
        warnings: of(Severity::Warning),
        improvements: of(Severity::Improvement),
        new_tests: changes
            .tests
            .iter()
            .filter(|test| test.state == State::New)
            .map(|test| test.test.clone())
            .collect(),
        new_endpoints: endpoints()
            .filter(|(_, scope)| scope.state == State::New)
            .map(|(test, scope)| (test.test.clone(), scope.endpoint.clone().unwrap_or_default()))
            .collect(),
        removed_tests: changes.removed.clone(),
        removed_endpoints: compared_tests()
            .flat_map(|test| test.endpoints_removed.iter().map(|name| (test.test.clone(), name.clone())))
            .collect(),
        renamed: changes.renamed.clone(),
        not_comparable: not_comparable(changes),
        gates: compared_tests()
            .flat_map(|test| test.gates.iter().map(|gate| (test.test.clone(), gate.clone())))
            .collect(),
        environments: compared_tests().find_map(|test| test.environments.clone()),
        verdict,
        context,
    }
}

/// The tests, and the endpoints of the others, that have a counterpart and cannot be compared with it.
fn not_comparable(changes: &Changes) -> Vec<(TestId, Option<String>, String)> {
    let rose = |scope: &ScopeChange| {
        scope.metric(&Metric::Allocs).and_then(MetricChange::increase).is_some_and(|increase| increase > 0)
    };
    let mut all = Vec::new();
    for test in &changes.tests {
        match &test.state {
            // It is told of as a failure.
            State::NotComparable(_) if test.outcome == Outcome::Failed => {}
            State::NotComparable(why) => all.push((test.test.clone(), None, why.clone())),
            State::New => {}
            State::Compared => all.extend(test.endpoints.iter().chain([&test.whole]).filter_map(|scope| {
                let why = match &scope.state {
                    State::NotComparable(why) => Some(why.clone()),
                    _ => scope.more_connections().filter(|_| rose(scope)),
                };
                Some((test.test.clone(), scope.endpoint.clone(), why?))
            })),
        }
    }
    all
}
