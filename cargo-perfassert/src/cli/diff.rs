//! `cargo perfassert diff`.

use std::fs::File;
use std::io::Write;

use super::{DiffArguments, Format, Head, written};
use crate::baseline::{Baseline, Bench, Request, baseline};
use crate::committed::{Committed, committed};
use crate::diff::diff as compare;
use crate::error::{Error, io as io_error};
use crate::git::{Base, Repository, short};
use crate::measure::Measured;
use crate::render;
use crate::report::{Context, Origin, Policy, Report, report};
use crate::runs::Run;

/// How often the branch is measured, at most, before a change is reported that may be chance's. Of allocations the least counts, as
/// chance only adds to them. A count that must be the same each time is looked at twice, and more often only if it is not.
const LOOKS: u32 = 6;

pub(super) fn diff(
    arguments: &DiffArguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<u8, Error> {
    let selection = &arguments.selection;
    let head = Head::new(&arguments.how, selection)?;
    let repository = Repository::find(head.workspace.root())?;
    // Before anything is built: what cannot be compared is said at once.
    let base = repository.base(&arguments.reference, arguments.tip)?;
    let dirty = repository.is_dirty()?;
    let touched = repository.touched(&base.commit, head.workspace.root())?;

    let mut measured = head.measure(selection, progress)?;
    let mut context = Context { dirty, touched, ..Context::default() };
    let (mut before, bench) =
        other_side(arguments, &head, (&repository, &base), &measured.run, &mut context, progress)?;
    if before.run.records.is_empty() && context.no_baseline.is_none() {
        context.no_baseline = Some("measures none of these tests yet".to_owned());
    }
    if let (Some(reason), true) = (&context.no_baseline, arguments.require_baseline) {
        let commit = short(&base.commit).to_owned();
        return Err(Error::BaselineMissing { commit, reason: reason.clone() });
    }
    context.base = Some(base.clone());

    let policy = Policy { deny_removed: arguments.deny_removed, ..Policy::default() };
    let judge = |before: &Measured, measured: &Measured| {
        let damage = measured.damage.iter().chain(&before.damage).map(ToString::to_string).collect();
        let (failures, baseline_failures) = (measured.failures.clone(), before.failures.clone());
        let context = Context { failures, baseline_failures, damage, ..context.clone() };
        report(&compare(&before.run, &measured.run), &policy, context)
    };
    let mut report = judge(&before, &measured);
    for look in 2..=LOOKS {
        let doubtful = report.doubtful(look == 2);
        if doubtful.is_empty() {
            break;
        }
        let n = doubtful.len();
        let _ = writeln!(progress, "perfassert: counts of {n} changed; measuring again: {look} of {LOOKS}");
        measured.look_again(head.look(&selection.only(&doubtful, head.runner), progress)?);
        report = judge(&before, &measured);
    }
    let regressed = report.regressed();
    if let Some(bench) = bench.filter(|_| !regressed.is_empty()) {
        let _ = writeln!(progress, "perfassert: measuring {} again on the baseline", regressed.len());
        bench.look_again(&mut before, &regressed, progress)?;
        report = judge(&before, &measured);
    }
    written(match arguments.format {
        Format::Terminal => render::terminal(&report, out),
        Format::Markdown => render::markdown(&report, out),
        Format::Json => render::json(&report, out),
    })?;
    summary(&report)?;
    Ok(report.exit_code())
}

/// What to compare with: the committed snapshots where they can stand for it, otherwise what is measured at the commit, and with what
/// it can be measured again. `context` is told which.
fn other_side<'a>(
    arguments: &'a DiffArguments,
    head: &'a Head,
    (repository, base): (&'a Repository, &'a Base),
    measured: &Run,
    context: &mut Context,
    progress: &mut dyn Write,
) -> Result<(Measured, Option<Box<Bench<'a>>>), Error> {
    let only = |run| (Measured { run, ..Measured::default() }, None);
    let selection = &arguments.selection;
    if !arguments.rebuild && measured.records.iter().any(|record| record.snapshot.is_some()) {
        match committed(repository, base, &head.workspace, selection, measured)? {
            Committed::Run(run) => {
                context.origin = Origin::Snapshots;
                return Ok(only(run));
            }
            Committed::Not(reason) => {
                let _ = writeln!(progress, "perfassert: no snapshots to compare with: {reason}");
            }
        }
    }
    let request = Request {
        repository,
        base,
        head: &head.workspace,
        target_dir: &head.target_dir,
        home: &head.home,
        selection,
        runner: head.runner,
        repeat: head.repeat,
        rebuild: arguments.rebuild,
        color: super::color(),
    };
    Ok(match baseline(&request, progress)? {
        Baseline::Cached(run) => {
            context.origin = Origin::MeasuredBefore;
            only(run)
        }
        Baseline::Measured(measured, bench) => (measured, Some(bench)),
        Baseline::Nothing(reason) => {
            context.no_baseline = Some(reason);
            only(Run::default())
        }
    })
}

/// Appends the report to the summary of the job, where there is one: GitHub names the file.
fn summary(report: &Report) -> Result<(), Error> {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return Ok(());
    };
    let append = || {
        let mut file = File::options().create(true).append(true).open(&file)?;
        render::markdown(report, &mut file)
    };
    append().map_err(io_error("writing", &file))
}
