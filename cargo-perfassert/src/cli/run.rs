//! `cargo perfassert run`.

use std::collections::BTreeMap;
use std::io::Write;

use perfassert_record::record::Site;
use perfassert_record::record::{Outcome, Reason};

use super::{Format, Head, RunArguments, written};
use crate::error::{Error, FAILURE, PASS, REGRESSION};
use crate::measure::Measured;
use crate::render::{self, UNMEASURED};
use crate::report::MeasuredReport;
use crate::runs::Run;
use crate::set_up::shared;
use crate::snapshots::{self, SnapshotMismatch, State};
use crate::spread::{Spread, is_exact};
use crate::unmet::unmet;

pub(super) fn run(
    arguments: &RunArguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<u8, Error> {
    let head = Head::new(&arguments.how, &arguments.selection)?;
    let measured = head.measure(&arguments.selection, progress)?;
    let unmet = unmet(&head.workspace, &arguments.selection, &measured);
    let snapshots = snapshots::assert(&head.workspace, &measured.run.records)?;
    let exit_code = exit_code(&measured, &snapshots);
    written(match arguments.format {
        Format::Terminal => render::table(&measured.run, out),
        Format::Markdown => render::markdown_table(&measured.run, out),
        Format::Json => {
            let report =
                MeasuredReport { measured: &measured, unmet: &unmet, snapshots: &snapshots, exit_code };
            render::measured_json(&report, out)
        }
    })?;
    tell(&measured, &unmet, progress);
    tell_snapshots(&snapshots, progress);
    Ok(exit_code)
}

/// What a table does not show.
fn tell(measured: &Measured, unmet: &[String], progress: &mut dyn Write) {
    for damage in &measured.damage {
        let _ = writeln!(progress, "perfassert: damaged record: {damage}");
    }
    for name in &measured.failures.names {
        let _ = writeln!(progress, "perfassert: failed: {name}");
    }
    for test in &measured.unrecorded {
        let _ = writeln!(
            progress,
            "perfassert: no record: {}: its process ended before the test did, so nothing judged it; see that nothing \
             calls std::process::exit",
            render::test_name(test)
        );
    }
    for (Reason { cause, help }, tests) in unseen(&measured.run) {
        let _ = writeln!(progress, "perfassert: partly observed: {}: {cause}", tests.join(", "));
        for line in help.lines() {
            let _ = writeln!(progress, "  help: {line}");
        }
    }
    if !measured.unmeasured.is_empty() {
        let _ = writeln!(progress, "perfassert: {UNMEASURED}: {}", measured.unmeasured.join(", "));
    }
    let spreads = measured.run.spreads.iter();
    for spread in spreads.filter(|spread| is_exact(&spread.metric) && !spread.is_sum) {
        let Spread { test, endpoint, metric, range, .. } = spread;
        let place = endpoint.as_ref().map(|endpoint| format!("{endpoint} in ")).unwrap_or_default();
        let _ = writeln!(
            progress,
            "perfassert: not deterministic: {place}{}: {range} {metric}; make the test independent of time, \
             chance and order",
            render::test_name(test)
        );
    }
    for entry in unmet {
        let _ = writeln!(progress, "perfassert: met nothing: {entry}");
    }
    for set_up in shared(&measured.run.records) {
        let Site { file, line, function } = &set_up.site;
        let help = set_up.help().replace('\n', "\n      ");
        let _ = writeln!(
            progress,
            "perfassert: repeated in each of {} tests: {}\n      {file}:{line}  {function}\nhelp: {help}",
            set_up.tests.len(),
            set_up.sql
        );
    }
}

fn tell_snapshots(snapshots: &[SnapshotMismatch], progress: &mut dyn Write) {
    for SnapshotMismatch { test, file, state, .. } in snapshots {
        let (what, lines) = match state {
            State::New => ("snapshot is new", Vec::new()),
            State::Changed(lines) => ("snapshot differs", lines.clone()),
            State::Unreadable(why) => ("snapshot cannot be compared", vec![why.to_string()]),
        };
        let _ = writeln!(progress, "perfassert: {what}: {}\n      {file}", render::test_name(test));
        for line in lines {
            let _ = writeln!(progress, "      {line}");
        }
    }
    let has = |is: fn(&SnapshotMismatch) -> bool| snapshots.iter().any(is);
    if has(|mismatch| mismatch.is_pending) {
        let _ = writeln!(progress, "  help: cargo insta review");
    } else if has(|mismatch| !matches!(mismatch.state, State::Unreadable(_))) {
        let _ = writeln!(progress, "  help: INSTA_UPDATE=new cargo perfassert run, then cargo insta review");
    }
    if has(|mismatch| matches!(mismatch.state, State::Unreadable(_))) {
        let _ = writeln!(progress, "  help: settle it, or take the file away and run again");
    }
}

fn exit_code(measured: &Measured, snapshots: &[SnapshotMismatch]) -> u8 {
    let outcomes = || measured.run.records.iter().map(|record| &record.outcome);
    let inconclusive = outcomes().any(|outcome| matches!(outcome, Outcome::Inconclusive(_)));
    let over_budget = outcomes().any(|outcome| matches!(outcome, Outcome::OverBudget(_)));
    let unreadable = snapshots.iter().any(|mismatch| matches!(mismatch.state, State::Unreadable(_)));
    if inconclusive || !measured.is_whole() || unreadable {
        FAILURE
    } else if over_budget || !snapshots.is_empty() {
        REGRESSION
    } else {
        PASS
    }
}

/// Why tests without a gate have counts that are not all of them, and which.
fn unseen(run: &Run) -> Vec<(&Reason, Vec<String>)> {
    let mut unseen: BTreeMap<(&str, &str), (&Reason, Vec<String>)> = BTreeMap::new();
    for record in &run.records {
        let Outcome::Unseen(reasons) = &record.outcome else { continue };
        for reason in reasons {
            let (_, tests) =
                unseen.entry((&reason.cause, &reason.help)).or_insert_with(|| (reason, Vec::new()));
            tests.push(render::test_name(&record.test));
        }
    }
    unseen.into_values().collect()
}
