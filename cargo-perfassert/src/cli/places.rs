//! Which functions allocate more: the tests that say so are run once more, on both sides, with every stack kept.

use std::collections::BTreeMap;
use std::io::Write;

use perfassert::record::TestId;
use perfassert::record::explain::Explanation;

use super::Head;
use crate::baseline::Bench;
use crate::error::Error;
use crate::explain::{Path, paths, risen};
use crate::git::Moved;
use crate::measure::Selection;
use crate::report::{Places, Report};

/// As many tests are asked. Each is run once more, and where so much has risen one cause has most of it.
const ASKED: usize = 10;

/// What the tests of `report` that allocate more say of their functions; nothing of one that tells no stacks, or fails.
///
/// # Errors
///
/// When the tests cannot be run.
pub(super) fn places(
    report: &Report,
    (head, selection): (&Head, &Selection),
    bench: &Bench<'_>,
    moved: &Moved,
    progress: &mut dyn Write,
) -> Result<Places, Error> {
    let mut tests: Vec<TestId> = Vec::new();
    for test in report.findings.iter().filter(|it| it.has_places()).filter_map(|it| it.tests.first()) {
        if tests.len() < ASKED && !tests.contains(test) {
            tests.push(test.clone());
        }
    }
    if tests.is_empty() {
        return Ok(Places::default());
    }
    let _ = writeln!(progress, "perfassert: allocations rose; running these tests again to see where");
    let now = explained(head.explain(&selection.only(&tests, head.runner), progress)?.explanations);
    let before = explained(bench.explain(&tests, progress)?.explanations);
    let of = |test: TestId| {
        let was = before.get(&test)?.iter().map(|path| path.clone().by_lines_of_now(moved));
        let risen = risen(&was.collect::<Vec<_>>(), now.get(&test)?);
        Some((test, risen))
    };
    Ok(tests.into_iter().filter_map(of).collect())
}

fn explained(explanations: Vec<Explanation>) -> BTreeMap<TestId, Vec<Path>> {
    let with_stacks = explanations.into_iter().filter(|it| it.has_stacks);
    with_stacks.map(|it| (it.test.clone(), paths(&it))).collect()
}
