//! The directory that tests leave their records in, for one run: gone with it, or with the next one where it was killed.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use perfassert_record::record::Damage;

use crate::clean::clean;
use crate::error::{Error, io};

const PREFIX: &str = "perfassert-records-";
/// How it is called until it is locked: nobody looks for it by this.
const UNLOCKED: &str = ".perfassert-records-";
/// Locked as long as the run goes on.
const LOCK: &str = "lock";

/// See the module above.
#[derive(Debug)]
pub(super) struct Records {
    dir: PathBuf,
    _lock: File,
    /// Where damaged files are kept.
    damaged: PathBuf,
}

impl Records {
    /// A new one in `target_dir`. Those of runs that were killed are removed.
    pub(super) fn make(target_dir: &Path) -> Result<Self, Error> {
        remove_left(target_dir);
        let made = || {
            let unlocked = tempfile::Builder::new().prefix(UNLOCKED).tempdir_in(target_dir)?;
            let lock = File::create(unlocked.path().join(LOCK))?;
            lock.lock()?;
            let unlocked = unlocked.keep();
            let name = unlocked.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let dir = target_dir.join(name.trim_start_matches('.'));
            fs::rename(unlocked, &dir)?;
            Ok((dir, lock))
        };
        let (dir, lock) = made().map_err(io("creating a directory in", target_dir))?;
        Ok(Records { dir, _lock: lock, damaged: target_dir.join("perfassert").join("damaged") })
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    /// Keeps the files that could not be read, so that `damage` leads to something.
    pub(super) fn keep(&self, damage: &mut [Damage], progress: &mut dyn Write) {
        damage.iter_mut().for_each(|damage| damage.reason = clean(&damage.reason).into_owned());
        for damage in damage.iter_mut().filter(|damage| damage.file.starts_with(&self.dir)) {
            let run = self.dir.file_name().unwrap_or_default().to_string_lossy();
            let name = damage.file.file_name().unwrap_or_default().to_string_lossy();
            let kept = self.damaged.join(format!("{}-{name}", run.trim_start_matches(PREFIX)));
            let copied =
                fs::create_dir_all(&self.damaged).and_then(|()| fs::copy(&damage.file, &kept).map(|_| ()));
            match copied {
                Ok(()) => damage.file = kept,
                Err(error) => {
                    let _ =
                        writeln!(progress, "perfassert: {} cannot be kept: {error}", damage.file.display());
                }
            }
        }
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        // What is left is removed by the next run.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Removes the directories that no run has locked.
fn remove_left(target_dir: &Path) {
    for entry in fs::read_dir(target_dir).into_iter().flatten().flatten() {
        let is_one = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        let is_left = |lock: PathBuf| File::open(lock).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_one && is_left(entry.path().join(LOCK)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes_and_a_running_one_stays() {
        let target = tempfile::tempdir().unwrap();
        let left = target.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let others = target.path().join(format!("{PREFIX}of-somebody"));
        fs::create_dir(&others).unwrap();
        let first = Records::make(target.path()).unwrap();
        let second = Records::make(target.path()).unwrap();
        assert!(!left.exists() && others.exists());
        assert!(first.path().exists() && second.path().exists());
        let paths = [first.path().to_owned(), second.path().to_owned()];
        drop((first, second));
        assert!(paths.iter().all(|path| !path.exists()));
    }

    #[test]
    fn a_damaged_file_outlives_the_run() {
        let target = tempfile::tempdir().unwrap();
        let records = Records::make(target.path()).unwrap();
        let file = records.path().join("12.jsonl");
        fs::write(&file, "{\"format\"").unwrap();
        let mut damage = [Damage { file, line: 1, reason: "cut".to_owned() }];
        records.keep(&mut damage, &mut std::io::sink());
        drop(records);
        assert_eq!(fs::read_to_string(&damage[0].file).unwrap(), "{\"format\"");
    }
}
