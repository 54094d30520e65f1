//! Runs on disk: the records of all tests in one sorted file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use perfassert_record::record::{self, Outcome, Record, TestId};

use crate::error::{Error, io};
use crate::spread::Spread;

/// How many runs are kept of a workspace.
const KEPT: usize = 20;

/// The records of a run: one for each test, sorted by test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// The records.
    pub records: Vec<Record>,
    /// The counts that differed between repeats; none where it was measured once.
    pub spreads: Vec<Spread>,
}

impl Run {
    /// Sorts records; of a test that ran several times, as with retries, the one that ended best is kept.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        let mut best = BTreeMap::<TestId, Record>::new();
        for record in records {
            match best.entry(record.test.clone()) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(record);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    if rank(&record.outcome) < rank(&entry.get().outcome) {
                        entry.insert(record);
                    }
                }
            }
        }
        Run { records: best.into_values().collect(), spreads: Vec::new() }
    }

    /// Takes over the tests of another run, in place of its own records of them.
    pub fn take_over(&mut self, other: Run) {
        let theirs: BTreeSet<TestId> = other.records.iter().map(|record| record.test.clone()).collect();
        self.records.retain(|record| !theirs.contains(&record.test));
        self.spreads.retain(|spread| !theirs.contains(&spread.test));
        self.records.extend(other.records);
        self.spreads.extend(other.spreads);
        self.records.sort_by(|a, b| a.test.cmp(&b.test));
    }

    /// Saves the run among the others of `dir`, names it in `dir/last`, and removes the oldest.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn save(&self, dir: &Path) -> Result<PathBuf, Error> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = format!("{:013}-{}.jsonl", since.as_millis(), std::process::id());
        let file = dir.join(&name);
        write(&file, &self.records)?;
        let last = dir.join("last");
        fs::write(&last, &name).map_err(io("writing", last))?;
        let mut runs = Vec::new();
        for entry in fs::read_dir(dir).map_err(io("reading", dir))?.flatten() {
            runs.extend(Some(entry.path()).filter(|path| path.extension().is_some_and(|it| it == "jsonl")));
        }
        runs.sort();
        for old in runs.iter().rev().skip(KEPT) {
            // Another run may have removed it.
            let _ = fs::remove_file(old);
        }
        Ok(file)
    }
}

/// Writes records to `file`, replacing it at once.
///
/// # Errors
///
/// When it cannot be written.
pub fn write(file: &Path, records: &[Record]) -> Result<(), Error> {
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir).map_err(io("creating", dir))?;
    }
    record::write_file(file, records).map_err(io("writing", file))
}

/// How bad an outcome is.
pub(crate) fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Passed => 0,
        Outcome::OverBudget(_) => 1,
        Outcome::Unseen(_) => 2,
        Outcome::Inconclusive(_) => 3,
        Outcome::Failed => 4,
    }
}
