//! Both sides are measured again before anything is said of a test.

use std::io::Write;

use perfassert::record::TestId;

use super::Head;
use crate::baseline::{Bench, Request, bench};
use crate::diff::diff;
use crate::error::Error;
use crate::measure::{Measured, Selection};
use crate::report::{Context, LOOKS, Origin, Policy, Report, Suspect, report};

/// How the baseline can be measured again.
pub(super) enum Again<'a> {
    /// It is built.
    Built(Box<Bench<'a>>),
    /// Its counts were known before: it has to be built.
    Unbuilt(Request<'a>),
    /// It cannot.
    No,
}

/// The two sides of a diff.
pub(super) struct Comparison<'a> {
    pub(super) head: &'a Head,
    pub(super) selection: &'a Selection,
    pub(super) policy: Policy,
    pub(super) context: Context,
    pub(super) branch: Measured,
    pub(super) baseline: Measured,
    pub(super) again: Again<'a>,
}

impl Comparison<'_> {
    /// The report, when each test that it accuses or praises has been measured often enough, on both sides.
    ///
    /// A suite in which nothing changed is measured once.
    pub(super) fn confirmed(mut self, progress: &mut dyn Write) -> Result<Report, Error> {
        let mut looks = [0; 2];
        loop {
            let report = self.judge();
            let [on_branch, on_baseline] = self.unsettled(&report.suspects);
            if looks[0] < LOOKS && !on_branch.is_empty() {
                looks[0] += 1;
                say(on_branch.len(), "the branch", progress);
                let look = self.head.look(&self.selection.only(&on_branch, self.head.runner), progress)?;
                self.branch.look_again(look);
            } else if looks[1] < LOOKS && !on_baseline.is_empty() {
                looks[1] += 1;
                say(on_baseline.len(), "the baseline", progress);
                if let Err(reason) = self.look_at_baseline(&on_baseline, progress)? {
                    self.context.unconfirmed = Some(reason);
                    self.again = Again::No;
                }
            } else {
                return Ok(report);
            }
        }
    }

    fn judge(&self) -> Report {
        let Comparison { branch, baseline, .. } = self;
        let damage = branch.damage.iter().chain(&baseline.damage).map(ToString::to_string).collect();
        let (failures, baseline_failures) = (branch.failures.clone(), baseline.failures.clone());
        let context = Context { failures, baseline_failures, damage, ..self.context.clone() };
        report(&diff(&baseline.run, &branch.run), &self.policy, context)
    }

    /// The tests that have not been measured often enough, on the branch and on the baseline.
    ///
    /// Snapshots are taken at their word for what the tests are held to, so that seldom anything has to be built.
    fn unsettled(&self, suspects: &[Suspect]) -> [Vec<TestId>; 2] {
        let of = |side: &Measured, is_asked: &dyn Fn(&Suspect) -> bool| {
            let few = |suspect: &&Suspect| side.looks(&suspect.test) < suspect.looks && is_asked(suspect);
            suspects.iter().filter(few).map(|suspect| suspect.test.clone()).collect()
        };
        let can_be_measured = !matches!(self.again, Again::No);
        let is_snapshots = self.context.origin.is_snapshots();
        let is_asked = |suspect: &Suspect| can_be_measured && (!is_snapshots || suspect.is_beyond_snapshots);
        [of(&self.branch, &|_| true), of(&self.baseline, &is_asked)]
    }

    /// Measures tests of the baseline again; or why that is not possible.
    fn look_at_baseline(
        &mut self,
        tests: &[TestId],
        progress: &mut dyn Write,
    ) -> Result<Result<(), String>, Error> {
        let looks = |baseline: &Measured| tests.iter().map(|test| baseline.looks(test)).sum::<usize>();
        let before = looks(&self.baseline);
        let is_snapshots = self.context.origin.is_snapshots();
        match self.try_to_look_at_baseline(tests, !is_snapshots, progress) {
            Ok(Ok(())) if looks(&self.baseline) > before => {
                if is_snapshots {
                    self.context.origin = Origin::SnapshotsAndMeasured;
                }
                Ok(Ok(()))
            }
            Ok(Ok(())) => Ok(Err("these tests count nothing there".to_owned())),
            Ok(Err(reason)) => Ok(Err(format!("it {reason}"))),
            Err(Error::Interrupted) => Err(Error::Interrupted),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    fn try_to_look_at_baseline(
        &mut self,
        tests: &[TestId],
        is_measured: bool,
        progress: &mut dyn Write,
    ) -> Result<Result<(), String>, Error> {
        if let Again::Unbuilt(request) = &self.again {
            match bench(request, is_measured, progress)? {
                Ok(bench) => self.again = Again::Built(Box::new(bench)),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        if let Again::Built(bench) = &self.again {
            bench.look_again(&mut self.baseline, tests, progress)?;
        }
        Ok(Ok(()))
    }
}

fn say(tests: usize, side: &str, progress: &mut dyn Write) {
    let tests = if tests == 1 { "1 test".to_owned() } else { format!("{tests} tests") };
    let _ = writeln!(progress, "perfassert: counts of {tests} changed; measuring again on {side}");
}
