//! `cargo perfassert diff`.

use std::fs::File;
use std::io::Write;

use super::confirm::{Comparison, Remeasurement};
use super::{DiffArguments, Format, Head, written};
use crate::baseline::{Baseline, Request, baseline};
use crate::committed::{Committed, committed};
use crate::error::{Error, io as io_error};
use crate::gates;
use crate::git::{Base, Repository, short};
use crate::measure::Measured;
use crate::render;
use crate::report::{Context, Origin, Policy, Report};
use crate::runs::Run;
use crate::settings;
use crate::unmet::unmet;

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

    let mut branch = head.measure(selection, progress)?;
    let loosened = settings::loosened(&repository, &base, &head.workspace)?;
    let gates = gates::loosened(&repository, &base, &head.workspace)?;
    let unmet = unmet(&head.workspace, selection, &branch);
    let unmeasured = branch.unmeasured.clone();
    let mut context = Context { dirty, touched, gates, loosened, unmet, unmeasured, ..Context::default() };
    let (baseline, again) =
        other_side(arguments, &head, (&repository, &base), &branch.run, &mut context, progress)?;
    if context.origin.is_snapshots() {
        context.without_snapshot = branch.leave_out_those_without_snapshot(&baseline.run);
    }
    if baseline.run.records.is_empty() && context.no_baseline.is_none() {
        context.no_baseline = Some("measures none of these tests yet".to_owned());
    }
    if let (Some(reason), true) = (&context.no_baseline, arguments.require_baseline) {
        let commit = short(&base.commit).to_owned();
        return Err(Error::BaselineMissing { commit, reason: reason.clone() });
    }
    context.base = Some(base.clone());

    let policy = Policy { deny_removed: arguments.deny_removed };
    let comparison = Comparison {
        repository: &repository,
        base: &base,
        head: &head,
        selection,
        policy,
        context,
        branch,
        baseline,
        again,
    };
    let report = comparison.confirmed(progress)?;
    if arguments.require_baseline && report.compared == 0 {
        let commit = short(&base.commit).to_owned();
        let reason = "has no counts that one of these tests could be compared with".to_owned();
        return Err(Error::BaselineMissing { commit, reason });
    }
    written(match arguments.format {
        Format::Terminal => render::terminal(&report, out),
        Format::Markdown => render::markdown(&report, out),
        Format::Json => render::json(&report, out),
    })?;
    summary(&report)?;
    Ok(report.exit_code())
}

/// What to compare with: the committed snapshots where they can stand for it, otherwise what is measured at the commit; and with what
/// it can be measured again. `context` is told which.
fn other_side<'a>(
    arguments: &'a DiffArguments,
    head: &'a Head,
    (repository, base): (&'a Repository, &'a Base),
    measured: &Run,
    context: &mut Context,
    progress: &mut dyn Write,
) -> Result<(Measured, Remeasurement<'a>), Error> {
    let selection = &arguments.selection;
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
    if !arguments.rebuild && measured.records.iter().any(|record| record.snapshot.is_some()) {
        match committed(repository, base, &head.workspace, selection, measured)? {
            Committed::Run(run) => {
                context.origin = Origin::Snapshots;
                return Ok((Measured { run, ..Measured::default() }, Remeasurement::Unbuilt(request)));
            }
            Committed::Not(reason) => {
                let _ = writeln!(progress, "perfassert: no snapshots to compare with: {reason}");
            }
        }
    }
    Ok(match baseline(&request, progress)? {
        Baseline::Cached(measured) => {
            context.origin = Origin::MeasuredBefore;
            (measured, Remeasurement::Unbuilt(request))
        }
        Baseline::Measured(measured, bench) => (measured, Remeasurement::Built(bench)),
        Baseline::Nothing(reason) => {
            context.no_baseline = Some(reason);
            (Measured::default(), Remeasurement::No)
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
