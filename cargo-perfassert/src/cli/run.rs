//! `cargo perfassert run`.

use std::io::Write;

use perfassert::Site;
use perfassert::record::Outcome;

use super::{Head, RunArguments, written};
use crate::error::{Error, FAILURE, PASS, REGRESSION};
use crate::render;
use crate::repeat::{Spread, is_exact};
use crate::set_up::shared;
use crate::unmet::unmet;

pub(super) fn run(
    arguments: &RunArguments,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> Result<u8, Error> {
    let head = Head::new(&arguments.how, &arguments.selection)?;
    let measured = head.measure(&arguments.selection, progress)?;
    written(render::table(&measured.run, out))?;
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
    for entry in unmet(&head.workspace, &arguments.selection, &measured) {
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
    let outcomes = || measured.run.records.iter().map(|record| &record.outcome);
    let blind = outcomes().any(|outcome| matches!(outcome, Outcome::Inconclusive(_)));
    let over_budget = outcomes().any(|outcome| matches!(outcome, Outcome::OverBudget(_)));
    Ok(if blind || !measured.is_whole() {
        FAILURE
    } else if over_budget {
        REGRESSION
    } else {
        PASS
    })
}
