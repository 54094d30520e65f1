//! Both sides are measured again before anything is said of a test.

use std::io::Write;

use perfassert_record::record::TestId;

use super::{Head, places};
use crate::baseline::{Bench, Request, bench};
use crate::diff::diff;
use crate::error::Error;
use crate::git::{Base, Repository};
use crate::measure::{Measured, Selection};
use crate::report::{Context, LOOKS, Origin, Places, Policy, Report, Suspect, report};

/// How the baseline can be measured again.
pub(super) enum Remeasurement<'a> {
    /// It is built.
    Built(Box<Bench<'a>>),
    /// Its counts were known before: it has to be built.
    Unbuilt(Request<'a>),
    /// It cannot.
    No,
}

impl<'a> Remeasurement<'a> {
    /// The baseline, built; or why it is not.
    fn built(
        &mut self,
        is_measured: bool,
        progress: &mut dyn Write,
    ) -> Result<Result<&Bench<'a>, String>, Error> {
        if let Remeasurement::Unbuilt(request) = self {
            match bench(request, is_measured, progress)? {
                Ok(bench) => *self = Remeasurement::Built(Box::new(bench)),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(match self {
            Remeasurement::Built(bench) => Ok(bench),
            _ => Err("cannot be built".to_owned()),
        })
    }
}

/// The two sides of a diff.
pub(super) struct Comparison<'a> {
    pub(super) repository: &'a Repository,
    pub(super) base: &'a Base,
    pub(super) head: &'a Head,
    pub(super) selection: &'a Selection,
    pub(super) policy: Policy,
    pub(super) context: Context,
    pub(super) branch: Measured,
    pub(super) baseline: Measured,
    pub(super) again: Remeasurement<'a>,
}

impl Comparison<'_> {
    /// The report, when each test that it accuses or praises has been measured often enough, on both sides, and it is known which functions
    /// allocate more.
    ///
    /// A suite in which nothing changed is measured once. A baseline that is built is measured by turns with the branch, so that both
    /// sides meet the same load, and the same tests beside them; one that is not, when nothing else is left to ask.
    pub(super) fn confirmed(mut self, progress: &mut dyn Write) -> Result<Report, Error> {
        let mut report = self.judge();
        // Twice, as one side may wait for the other.
        for _ in 0..2 * LOOKS {
            let [on_branch, on_baseline] = self.unsettled(&report.suspects);
            if on_branch.is_empty() && on_baseline.is_empty() {
                break;
            }
            let is_built = matches!(self.again, Remeasurement::Built(_));
            if !on_branch.is_empty() {
                self.look_at_branch(&on_branch, progress)?;
            }
            if !on_baseline.is_empty() && (is_built || on_branch.is_empty()) {
                self.look_at_baseline(&on_baseline, progress)?;
            }
            report = self.judge();
        }
        match self.places(&report, progress) {
            Ok(places) if places.is_empty() => {}
            Ok(places) => {
                self.context.places = places;
                report = self.judge();
            }
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            // What is known is told without them.
            Err(error) => {
                let _ = writeln!(progress, "perfassert: where allocations rose is not known: {error}");
            }
        }
        Ok(report)
    }

    /// The functions that allocate more, of the tests that `report` says so of.
    fn places(&mut self, report: &Report, progress: &mut dyn Write) -> Result<Places, Error> {
        let tests = places::asked(report);
        if tests.is_empty() || matches!(self.again, Remeasurement::No) {
            return Ok(Places::default());
        }
        let _ = writeln!(progress, "perfassert: allocations rose; running these tests again to see where");
        let head = self.head;
        let now = places::explained(head.explain(&self.selection.only(&tests, head.runner), progress)?);
        // Without stacks nothing is to be had of the baseline either.
        if now.is_empty() {
            return Ok(Places::default());
        }
        let Ok(bench) = self.again.built(false, progress)? else { return Ok(Places::default()) };
        let before = |test: &TestId| {
            let renamed = report.renamed.iter().find(|(_, now)| now == test);
            renamed.map_or(test, |(before, _)| before).clone()
        };
        let was = places::explained(bench.explain(&tests.iter().map(before).collect::<Vec<_>>(), progress)?);
        let was =
            tests.iter().filter_map(|test| Some((test.clone(), was.get(&before(test))?.clone()))).collect();
        let moved = self.repository.moved(&self.base.commit, head.workspace.root())?;
        Ok(places::risen_in(was, &now, &moved))
    }

    fn judge(&self) -> Report {
        let Comparison { branch, baseline, .. } = self;
        let damage = branch.damage.iter().chain(&baseline.damage).map(ToString::to_string).collect();
        let (failures, baseline_failures) = (branch.failures.clone(), baseline.failures.clone());
        let (unrecorded, baseline_unrecorded) = (branch.unrecorded.clone(), baseline.unrecorded.clone());
        let context = Context {
            failures,
            baseline_failures,
            unrecorded,
            baseline_unrecorded,
            damage,
            ..self.context.clone()
        };
        report(&diff(&baseline.run, &branch.run), &self.policy, context)
    }

    /// The tests that have not been measured often enough, on the branch and on the baseline.
    ///
    /// Snapshots are taken at their word for what the tests are held to, so that seldom anything has to be built.
    fn unsettled(&self, suspects: &[Suspect]) -> [Vec<TestId>; 2] {
        let few = |side: &Measured, test: &TestId, suspect: &Suspect| side.looks(test) < suspect.looks;
        let can_be_measured = !matches!(self.again, Remeasurement::No);
        let is_snapshots = self.context.origin.is_snapshots();
        let is_asked = |suspect: &Suspect| can_be_measured && (!is_snapshots || suspect.is_beyond_snapshots);
        let on_branch = suspects.iter().filter(|it| few(&self.branch, &it.test, it));
        let on_baseline =
            suspects.iter().filter(|it| few(&self.baseline, &it.test_before, it) && is_asked(it));
        [
            on_branch.map(|suspect| suspect.test.clone()).collect(),
            on_baseline.map(|suspect| suspect.test_before.clone()).collect(),
        ]
    }

    fn look_at_branch(&mut self, tests: &[TestId], progress: &mut dyn Write) -> Result<(), Error> {
        say(tests.len(), "the branch", progress);
        let look = self.head.look(&self.selection.only(tests, self.head.runner), progress)?;
        self.branch.look_again(look);
        Ok(())
    }

    /// Measures tests of the baseline again, or notes why that is not possible: then it is not asked any more.
    fn look_at_baseline(&mut self, tests: &[TestId], progress: &mut dyn Write) -> Result<(), Error> {
        say(tests.len(), "the baseline", progress);
        let looks = |baseline: &Measured| tests.iter().map(|test| baseline.looks(test)).sum::<usize>();
        let before = looks(&self.baseline);
        let is_snapshots = self.context.origin.is_snapshots();
        let reason = match self.try_to_look_at_baseline(tests, !is_snapshots, progress) {
            Ok(Ok(())) if looks(&self.baseline) > before => {
                if is_snapshots {
                    self.context.origin = Origin::SnapshotsAndMeasured;
                }
                return Ok(());
            }
            Ok(Ok(())) => "these tests count nothing there".to_owned(),
            Ok(Err(reason)) => format!("it {reason}"),
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => error.to_string(),
        };
        self.context.unconfirmed = Some(reason);
        self.again = Remeasurement::No;
        Ok(())
    }

    fn try_to_look_at_baseline(
        &mut self,
        tests: &[TestId],
        is_measured: bool,
        progress: &mut dyn Write,
    ) -> Result<Result<(), String>, Error> {
        match self.again.built(is_measured, progress)? {
            Ok(bench) => bench.look_again(&mut self.baseline, tests, progress).map(Ok),
            Err(reason) => Ok(Err(reason)),
        }
    }
}

fn say(tests: usize, side: &str, progress: &mut dyn Write) {
    let tests = if tests == 1 { "1 test".to_owned() } else { format!("{tests} tests") };
    let _ = writeln!(progress, "perfassert: counts of {tests} changed; measuring again on {side}");
}
