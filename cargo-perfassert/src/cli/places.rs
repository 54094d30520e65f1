//! Which functions allocate more: the tests that say so are run once more, on both sides, with every stack kept.

use std::collections::BTreeMap;

use perfassert_record::record::TestId;

use crate::explain::{Path, paths, risen};
use crate::git::MovedLines;
use crate::measure::Measured;
use crate::report::{Places, Report};

/// As many tests are asked. Each is run once more, and where so much has risen one cause has most of it.
const ASKED: usize = 10;

/// The tests whose functions are asked for.
pub(super) fn asked(report: &Report) -> Vec<TestId> {
    let mut tests: Vec<TestId> = Vec::new();
    for test in report.findings.iter().filter(|it| it.has_places()).filter_map(|it| it.tests.first()) {
        if tests.len() < ASKED && !tests.contains(test) {
            tests.push(test.clone());
        }
    }
    tests
}

/// What tests did, by path.
pub(super) type Explained = BTreeMap<TestId, Vec<Path>>;

/// What is told by the tests that were asked: nothing by one that has no stacks, or fails.
pub(super) fn explained(measured: Measured) -> Explained {
    let with_stacks = measured.explanations.into_iter().filter(|it| it.has_stacks);
    with_stacks.map(|it| (it.test.clone(), paths(&it))).collect()
}

/// The functions that allocate more now, of each test that is explained on both sides.
pub(super) fn risen_in(before: Explained, now: &Explained, moved: &MovedLines) -> Places {
    let of = |(test, was): (TestId, Vec<Path>)| {
        let now = now.get(&test)?;
        let was: Vec<Path> = was.into_iter().map(|path| path.by_lines_of_now(moved)).collect();
        Some((test, risen(&was, now)))
    };
    before.into_iter().filter_map(of).collect()
}
