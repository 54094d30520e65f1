//! `cargo perfassert run`.

use std::io::Write;

use perfassert::record::Outcome;

use super::{Head, RunArguments, written};
use crate::error::{Error, FAILURE, PASS, REGRESSION};
use crate::render;

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
    let outcomes = || measured.run.records.iter().map(|record| &record.outcome);
    let blind = outcomes().any(|outcome| matches!(outcome, Outcome::Inconclusive(_)));
    let over_budget = outcomes().any(|outcome| matches!(outcome, Outcome::OverBudget(_)));
    Ok(if blind || !measured.failures.is_empty() || !measured.damage.is_empty() {
        FAILURE
    } else if over_budget {
        REGRESSION
    } else {
        PASS
    })
}
