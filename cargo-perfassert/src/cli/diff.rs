//! `cargo perfassert diff`.

use std::fs::File;
use std::io::Write;

use perfassert::record::Damage;

use super::{DiffArguments, Format, Head, written};
use crate::baseline::{Baseline, Request, baseline};
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
    let (before, baseline_damage) =
        other_side(arguments, &head, (&repository, &base), &measured.run, &mut context, progress)?;
    if before.records.is_empty() && context.no_baseline.is_none() {
        context.no_baseline = Some("measures none of these tests yet".to_owned());
    }
    if let (Some(reason), true) = (&context.no_baseline, arguments.require_baseline) {
        let commit = short(&base.commit).to_owned();
        return Err(Error::BaselineMissing { commit, reason: reason.clone() });
    }
    context.base = Some(base);

    let policy = Policy { deny_removed: arguments.deny_removed, ..Policy::default() };
    let judge = |measured: &Measured| {
        let damage = measured.damage.iter().chain(&baseline_damage).map(ToString::to_string).collect();
        let context = Context { failures: measured.failures.clone(), damage, ..context.clone() };
        report(&compare(&before, &measured.run), &policy, context)
    };
    let mut report = judge(&measured);
    for look in 2..=LOOKS {
        let doubtful = report.doubtful(look == 2);
        if doubtful.is_empty() {
            break;
        }
        let n = doubtful.len();
        let _ = writeln!(progress, "perfassert: counts of {n} changed; measuring again: {look} of {LOOKS}");
        measured.look_again(head.look(&selection.only(&doubtful, head.runner), progress)?);
        report = judge(&measured);
    }
    written(match arguments.format {
        Format::Terminal => render::terminal(&report, out),
        Format::Markdown => render::markdown(&report, out),
        Format::Json => render::json(&report, out),
    })?;
    summary(&report)?;
    Ok(report.exit_code())
}

/// What to compare with, and the record lines of it that could not be read: the committed snapshots where they can stand for it,
/// otherwise what is measured at the commit. `context` is told which.
fn other_side(
    arguments: &DiffArguments,
    head: &Head,
    (repository, base): (&Repository, &Base),
    measured: &Run,
    context: &mut Context,
    progress: &mut dyn Write,
) -> Result<(Run, Vec<Damage>), Error> {
    let selection = &arguments.selection;
    if !arguments.rebuild && measured.records.iter().any(|record| record.snapshot.is_some()) {
        match committed(repository, base, &head.workspace, selection, measured)? {
            Committed::Run(run) => {
                context.origin = Origin::Snapshots;
                return Ok((run, Vec::new()));
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
            (run, Vec::new())
        }
        Baseline::Measured(measured) => {
            context.baseline_failures = measured.failures;
            (measured.run, measured.damage)
        }
        Baseline::Nothing(reason) => {
            context.no_baseline = Some(reason);
            (Run::default(), Vec::new())
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
