//! What is noted of the processes that a test starts: a file each, so that a process can say it of itself between `fork` and
//! `execvp`, and a child of what it starts in turn.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::process::Process;
use crate::trace;

/// How the names of these files end.
const EXTENSION: &str = "started";

/// The file of one process.
pub(crate) struct Note {
    file: File,
    path: PathBuf,
}

impl Note {
    pub(crate) fn make(dir: &Path) -> io::Result<Self> {
        let path = dir.join(format!("{:x}.{EXTENSION}", trace::random()));
        Ok(Note { file: File::create_new(&path)?, path })
    }

    /// `process` is `program` now, or is about to be; where that has no slash, it is found in the directories `path`.
    ///
    /// Takes no lock and no memory: a process says it between `fork` and `execvp`.
    pub(crate) fn add(&self, process: Process, program: &[u8], path: &[u8]) {
        let mut file = &self.file;
        let (namespace, number) = process.parts();
        for part in [&namespace[..], &number, program, &[0], path, &[0]] {
            // What cannot be written is missing, as if the process had become nothing: that is said.
            let _ = file.write_all(part);
        }
    }

    /// There is no such process.
    pub(crate) fn discard(self) {
        let _ = std::fs::remove_file(self.path);
    }
}

/// A process that has become a program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Started {
    pub(crate) process: Process,
    /// Its path, or as it was named to whoever has started it.
    pub(crate) program: OsString,
    /// Where it is looked for when its name has no slash.
    pub(crate) path: OsString,
}

/// What is noted in `dir`: of each process, the programs that it and its forks have become. Of one that has forked and of which no
/// more is known, that is none.
pub(crate) fn read_all(dir: &Path) -> Vec<Vec<Started>> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let notes = entries.filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
    notes.map(|path| parse(&std::fs::read(path).unwrap_or_default())).collect()
}

fn parse(mut bytes: &[u8]) -> Vec<Started> {
    std::iter::from_fn(|| {
        let (process, rest) = Process::read(bytes)?;
        let mut parts = rest.splitn(3, |byte| *byte == 0);
        let mut part = || Some(parts.next()?.to_owned());
        let (program, path, rest) = (part()?, part()?, parts.next()?);
        bytes = rest;
        let (program, path) = (OsString::from_vec(program), OsString::from_vec(path));
        Some(Started { process, program, path })
    })
    .collect()
}

/// The file that `program` is. A name without a slash is looked up as `posix_spawnp` and `execvp` do it.
pub(crate) fn find(program: &OsStr, path: &OsStr) -> Option<PathBuf> {
    let file = if program.as_bytes().contains(&b'/') {
        program.into()
    } else {
        std::env::split_paths(path).map(|dir| dir.join(program)).find(|path| path.is_file())?
    };
    file.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_down_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let started = |number, program: &str, path: &str| Started {
            process: Process::of(3, number),
            program: program.into(),
            path: path.into(),
        };
        Note::make(dir.path()).unwrap().add(Process::of(3, 7), b"/bin/shop", b"/bin");
        Note::make(dir.path()).unwrap().discard();
        assert_eq!(read_all(dir.path()), [[started(7, "/bin/shop", "/bin")]]);

        let forked = Note::make(dir.path()).unwrap();
        assert!(read_all(dir.path()).contains(&Vec::new()));
        forked.add(Process::of(3, 8), b"a", b"/bin:.");
        forked.add(Process::of(3, 9), b"", b"");
        assert!(read_all(dir.path()).contains(&vec![started(8, "a", "/bin:."), started(9, "", "")]));
    }

    #[test]
    fn what_was_cut_short_is_left_out() {
        assert_eq!(parse(&[7; 11]), []);
        assert_eq!(parse(b"\x03\0\0\0\0\0\0\0\x07\0\0\0/bin/sh"), []);
        assert_eq!(parse(b"\x03\0\0\0\0\0\0\0\x07\0\0\0/bin/sh\0/bi"), []);
    }
}
