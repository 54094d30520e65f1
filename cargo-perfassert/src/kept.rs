//! Counts that are kept for the next diff: read as they were written, or not at all.
//!
//! Beside the records lies a file that says how many they are and what their bytes add up to, so that a file that was cut, even at the
//! end of a line, is not taken for one of fewer tests.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use perfassert::record::{self, Record};

use crate::error::{Error, io};
use crate::runs;

/// Writes records to `file`.
///
/// # Errors
///
/// When it cannot be written.
pub(crate) fn write(file: &Path, records: &[Record]) -> Result<(), Error> {
    // A seal of other records must not be beside these.
    let seal = seal_of(file);
    if let Err(source) = fs::remove_file(&seal)
        && source.kind() != std::io::ErrorKind::NotFound
    {
        return Err(io("removing", &seal)(source));
    }
    runs::write(file, records)?;
    let text = fs::read(file).map_err(io("reading", file))?;
    fs::write(&seal, sealed(records.len(), &text)).map_err(io("writing", seal))
}

/// The records that [`write()`] has left in `file`; `None` if they are not there, or not all of them.
pub(crate) fn read(file: &Path) -> Option<Vec<Record>> {
    let (seal, text) = (fs::read_to_string(seal_of(file)).ok()?, fs::read(file).ok()?);
    let (records, damage) = record::read_file(file).ok()?;
    (damage.is_empty() && seal == sealed(records.len(), &text)).then_some(records)
}

fn seal_of(file: &Path) -> PathBuf {
    file.with_extension("seal")
}

fn sealed(records: usize, text: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{records} records, {:016x}\n", hasher.finish())
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
        write(&file, &[test("other")]).unwrap();
        write(&file, records).unwrap();
        damage(&file, &seal_of(&file));
        assert_eq!(read(&file), expected.then(|| records.to_vec()));
    }

    #[test]
    fn d79_what_was_cut_is_not_kept() {
        let records = [test("a"), test("b"), test("c")];
        check(&records, |_, _| {}, true);
        check(&[], |_, _| {}, true);
        check(&records, |file, _| fs::remove_file(file).unwrap(), false);
        check(&records, |_, seal| fs::remove_file(seal).unwrap(), false);
        check(&records, |_, seal| fs::write(seal, "").unwrap(), false);
        // Of three lines of one length.
        let dir = tempfile::tempdir().unwrap();
        let whole = dir.path().join("kept.jsonl");
        write(&whole, &records).unwrap();
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
