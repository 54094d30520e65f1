//! What the changes mean: (changes, policy) to findings, ranked. Pure, no I/O.

mod advice;
mod cause;
mod finding;
mod findings;
mod gates;
mod group;
mod measured;
mod memory;
mod newcomers;
mod nondeterministic;
mod suspects;
#[cfg(test)]
mod tests;
mod uncounted;
mod unmarked;

pub use finding::{Counted, Finding, Kind, Place, RelatedCount, Row, Severity};
pub use measured::MeasuredReport;
pub use suspects::{LOOKS, Suspect};

use std::collections::BTreeMap;

use perfassert_record::counts::Metric;
use perfassert_record::record::{Environment, Outcome, TestId};

use crate::diff::{Changes, GateChange, State};
use crate::error::{FAILURE, PASS, REGRESSION};
use crate::explain::Risen;
use crate::gates::LoosenedGates;
use crate::git::{Base, Touched};
use crate::measure::Failures;

/// What is allowed.
///
/// A count may not be higher in each look than in every look of the baseline: one that is the same each time may not rise at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether a test that is gone is a regression.
    pub deny_removed: bool,
}

/// The functions that allocate more than on the baseline, of each test that was asked for them.
pub type Places = BTreeMap<TestId, Vec<Risen>>;

/// What the reader must know besides the changes.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The commit that was compared with.
    pub base: Option<Base>,
    /// Where its counts are from.
    pub origin: Origin,
    /// Why there is nothing to compare with.
    pub no_baseline: Option<String>,
    /// Why the baseline could not be measured again before something was said to have changed.
    pub unconfirmed: Option<String>,
    /// Whether the working tree differs from HEAD.
    pub dirty: bool,
    /// The tests that failed by themselves.
    pub failures: Failures,
    /// The tests that failed by themselves on the baseline: what they cover was not compared.
    pub baseline_failures: Failures,
    /// The tests that left no record although they did not fail.
    pub unrecorded: Vec<TestId>,
    /// The tests that left none on the baseline: what they cover was not compared.
    pub baseline_unrecorded: Vec<TestId>,
    /// Test executables of which no test left a record, as nextest calls them.
    pub unmeasured: Vec<String>,
    /// Tests without an attribute that snapshots do not tell of.
    pub without_snapshot: Vec<TestId>,
    /// What the branch has loosened of single tests, by its sources.
    pub gates: LoosenedGates,
    /// What the branch has loosened for all tests, in words.
    pub loosened: Vec<String>,
    /// What met nothing in a run of all tests, in words.
    pub unmet: Vec<String>,
    /// The lines that the branch changed.
    pub touched: Touched,
    /// Which functions allocate more.
    pub places: Places,
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
    /// The same, but for tests that allocate more than their snapshots say: those were measured.
    SnapshotsAndMeasured,
}

impl Origin {
    /// Whether the counts of most tests are those of snapshots.
    #[must_use]
    pub fn is_snapshots(self) -> bool {
        matches!(self, Origin::Snapshots | Origin::SnapshotsAndMeasured)
    }
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
    /// Tests that have another name on the baseline: that, and their own.
    pub renamed: Vec<(TestId, TestId)>,
    /// Endpoints that have another name on the baseline: that, and their own.
    pub renamed_endpoints: Vec<(TestId, String, String)>,
    /// Tests and endpoints that could not be compared, and why.
    pub not_comparable: Vec<(TestId, Option<String>, String)>,
    /// Gates that were loosened or removed.
    pub gates: Vec<(TestId, GateChange)>,
    /// The environments between which allocations were not compared.
    pub environments: Option<(Environment, Environment)>,
    /// The tests to be measured again before this is said of them, sorted.
    pub suspects: Vec<Suspect>,
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

/// Judges changes.
#[must_use]
pub fn report(changes: &Changes, policy: &Policy, context: Context) -> Report {
    let mut all = Vec::new();
    let known = newcomers::known(changes);
    for test in &changes.tests {
        all.extend(findings::of_test(test, &known, &context));
    }
    all.extend(uncounted::findings(changes));
    let gone = changes.removed.iter().filter(|test| !context.unrecorded.contains(test));
    if policy.deny_removed {
        all.extend(gone.clone().map(findings::removed));
    }
    // One that is there and not measured has lost its gates, and is told of with those.
    let gone = gone.filter(|test| !context.gates.is_unmeasured(test));
    if context.origin.is_snapshots() {
        // One may be older than the code: a test that allocates less than its snapshot says passes.
        all.retain(|finding| finding.severity != Severity::Improvement || !finding.is_about_memory());
    }
    let suspects = suspects::suspects(&all, changes);
    let mut all = group::group(all);
    let measured = changes.tests.iter().filter(|test| test.outcome != Outcome::Failed).count();
    for finding in &mut all {
        findings::advised(finding, measured, &context);
    }
    let of =
        |severity| all.iter().filter(|finding| finding.severity == severity).cloned().collect::<Vec<_>>();
    let findings = of(Severity::Fail);
    let inconclusive = findings.iter().any(|finding| finding.kind == Kind::Inconclusive);
    let is_whole = context.failures.is_empty() && context.damage.is_empty() && context.unrecorded.is_empty();
    let verdict = if inconclusive || !is_whole {
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
        removed_tests: gone.cloned().collect(),
        removed_endpoints: compared_tests()
            .flat_map(|test| test.endpoints_removed.iter().map(|name| (test.test.clone(), name.clone())))
            .collect(),
        renamed: compared_tests()
            .filter_map(|test| Some((test.renamed_from.clone()?, test.test.clone())))
            .collect(),
        renamed_endpoints: endpoints()
            .filter_map(|(test, scope)| {
                Some((test.test.clone(), scope.renamed_from.clone()?, scope.endpoint.clone()?))
            })
            .collect(),
        not_comparable: not_comparable(changes, &context),
        gates: gates::changed(changes, &context),
        environments: compared_tests().find_map(|test| test.environments.clone()),
        suspects,
        verdict,
        context,
    }
}

/// The tests, and the endpoints of the others, that have a counterpart and cannot be compared with it.
fn not_comparable(changes: &Changes, context: &Context) -> Vec<(TestId, Option<String>, String)> {
    let mut all = Vec::new();
    for test in &changes.tests {
        match &test.state {
            // It is told of as a failure.
            State::NotComparable(_) if test.outcome == Outcome::Failed => {}
            State::NotComparable(why) => all.push((test.test.clone(), None, why.clone())),
            State::New => {}
            State::Compared => {
                // A snapshot of a test without an attribute leaves out what its set-up is a part of.
                let is_left_out = |metric: &Metric| {
                    context.origin.is_snapshots() && !test.is_marked && *metric == Metric::Allocs
                };
                let uncounted = test.uncounted_before.iter().filter(|metric| !is_left_out(metric));
                all.extend(uncounted.map(|metric| {
                    (test.test.clone(), None, format!("its {metric} were not counted on the baseline"))
                }));
                all.extend(test.endpoints.iter().chain([&test.whole]).filter_map(|scope| {
                    let State::NotComparable(why) = &scope.state else { return None };
                    Some((test.test.clone(), scope.endpoint.clone(), why.clone()))
                }));
            }
        }
    }
    all
}
