//! The gates that were loosened, of two places that tell of them.

use perfassert_record::record::TestId;

use super::Context;
use crate::diff::{Changes, GateChange, State};
use crate::gates::is_of;

/// Of limits the records know best, where both sides have one: what is compiled is in them, and what the sources hide in constants
/// and macros. Of everything else the sources tell.
pub(super) fn changed(changes: &Changes, context: &Context) -> Vec<(TestId, GateChange)> {
    let compared = || changes.tests.iter().filter(|test| test.state == State::Compared);
    let is_compared = |test: &TestId| compared().any(|it| is_of(&it.test, test));
    let of_records = compared().flat_map(|it| it.gates.iter().map(|gate| (it.test.clone(), gate.clone())));
    let of_sources = context
        .gates
        .changes
        .iter()
        .filter(|(test, gate)| !matches!(gate, GateChange::Limit { .. }) || !is_compared(test));
    let mut all: Vec<_> = of_records.chain(of_sources.cloned()).collect();
    // As they were read, test by test.
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all
}
