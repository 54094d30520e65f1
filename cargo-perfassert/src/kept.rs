//! Counts that are kept for the next diff: read as they were written, or not at all.
//!
//! Beside the records lies a file that says how many they are and what their bytes add up to, so that a file that was cut, even at the
//! end of a line, is not taken for one of fewer tests.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use perfassert_record::record::{self, Record};

use crate::clean::clean_record;
use crate::error::{Error, io};
use crate::runs;

/// What is kept under the same conditions, and read as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KeptCounts {
    /// The packages whose tests were measured.
    pub(crate) packages: BTreeSet<String>,
    /// What was recorded of them, repeat by repeat.
    pub(crate) records: Vec<Record>,
}

impl KeptCounts {
    /// Writes to `file`.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Error> {
        // A seal of other records must not be beside these.
        let seal = seal_of(file);
        if let Err(source) = fs::remove_file(&seal)
            && source.kind() != std::io::ErrorKind::NotFound
        {
            return Err(io("removing", &seal)(source));
        }
        runs::write(file, &self.records)?;
        let text = fs::read(file).map_err(io("reading", file))?;
        fs::write(&seal, self.sealed(&text)).map_err(io("writing", seal))
    }

    /// What [`write()`](Self::write) has left in `file`; `None` if it is not there, or not all of it.
    pub(crate) fn read(file: &Path) -> Option<Self> {
        let (seal, text) = (fs::read_to_string(seal_of(file)).ok()?, fs::read(file).ok()?);
        let (records, damage) = record::read_file(file).ok()?;
        let packages = seal.lines().skip(1).map(str::to_owned).collect();
        let kept = KeptCounts { packages, records };
        let is_whole = damage.is_empty() && seal == kept.sealed(&text);
        let records = kept.records.into_iter().map(clean_record).collect();
        is_whole.then_some(KeptCounts { packages: kept.packages, records })
    }

    /// Takes some of the packages out; the others stay.
    pub(crate) fn take(&mut self, is_taken: impl Fn(&str) -> bool) -> Self {
        let (packages, others) =
            std::mem::take(&mut self.packages).into_iter().partition(|package| is_taken(package));
        self.packages = others;
        let records = self.records.extract_if(.., |record| is_taken(&record.test.package)).collect();
        KeptCounts { packages, records }
    }

    /// How many records there are and what their bytes add up to; the packages, one a line.
    fn sealed(&self, text: &[u8]) -> String {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let (records, packages) = (self.records.len(), self.packages.len());
        let mut seal = format!("{records} records of {packages} packages, {:016x}\n", hasher.finish());
        for package in &self.packages {
            seal.push_str(package);
            seal.push('\n');
        }
        seal
    }
}

fn seal_of(file: &Path) -> PathBuf {
    file.with_extension("seal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_records::test;

    /// Whether records are read back when `damage` was done to their file and its seal.
    #[track_caller]
    fn check(records: &[Record], damage: impl Fn(&Path, &Path), expected: bool) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("records").join("kept.jsonl");
        let kept = |records: &[Record]| KeptCounts {
            packages: ["shop", "till"].map(str::to_owned).into(),
            records: records.to_vec(),
        };
        kept(&[test("other")]).write(&file).unwrap();
        kept(records).write(&file).unwrap();
        damage(&file, &seal_of(&file));
        assert_eq!(KeptCounts::read(&file), expected.then(|| kept(records)));
    }

    #[test]
    fn d79_what_was_cut_is_not_kept() {
        let records = [test("a"), test("b"), test("c")];
        check(&records, |_, _| {}, true);
        check(&[], |_, _| {}, true);
        check(&records, |file, _| fs::remove_file(file).unwrap(), false);
        check(&records, |_, seal| fs::remove_file(seal).unwrap(), false);
        check(&records, |_, seal| fs::write(seal, "").unwrap(), false);
        let cut_seal = |_: &Path, seal: &Path| {
            let text = fs::read_to_string(seal).unwrap();
            fs::write(seal, &text[..text.len() - 3]).unwrap();
        };
        check(&records, cut_seal, false);
        // Of three lines of one length.
        let dir = tempfile::tempdir().unwrap();
        let whole = dir.path().join("kept.jsonl");
        KeptCounts { packages: BTreeSet::new(), records: records.to_vec() }.write(&whole).unwrap();
        let all = fs::read(&whole).unwrap().len();
        for length in (0..all).step_by(7).chain([all / 3, all / 3 * 2]) {
            let cut = |file: &Path, _: &Path| {
                let text = fs::read(file).unwrap();
                fs::write(file, &text[..length]).unwrap();
            };
            check(&records, cut, false);
        }
    }
}
