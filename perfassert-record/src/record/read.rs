//! Reading the records of a run back.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::format::{BegunLine, Header, RecordLine, UnknownWord, VERSION};
use super::write::{BEGUN, RECORDS};
use super::{Record, TestId};
use crate::json;

/// A line that could not be read; the others of its file were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.reason)
    }
}

/// Why a run's records could not be read at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The file or directory could not be read.
    Io(PathBuf, io::Error),
    /// The file was written in a newer format.
    Newer {
        /// The file.
        file: PathBuf,
        /// The format that it is written in.
        format: u32,
    },
    /// An explanation was written in a newer format.
    NewerExplanation {
        /// The file.
        file: PathBuf,
        /// The format that it is written in.
        format: u32,
        /// The newest that is read.
        known: u32,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(path, error) => write!(f, "reading {}: {error}", path.display()),
            ReadError::Newer { file, format } => write!(
                f,
                "{} is written in record format {format}, newer than {VERSION}, the newest that this version \
                 of perfassert reads: update cargo-perfassert",
                file.display()
            ),
            ReadError::NewerExplanation { file, format, known } => write!(
                f,
                "{} is written in explanation format {format}, newer than {known}, the newest that this version \
                 of perfassert reads: update cargo-perfassert",
                file.display()
            ),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Io(_, error) => Some(error),
            ReadError::Newer { .. } | ReadError::NewerExplanation { .. } => None,
        }
    }
}

/// Reads every record file (`*.jsonl`) of a run's directory, in the order of their names.
///
/// # Errors
///
/// When the directory or a file cannot be read, or was written in a newer format.
/// A line that is damaged, say cut short by a crash, is no error: it is returned beside the records.
pub fn read_dir(dir: &Path) -> Result<(Vec<Record>, Vec<Damage>), ReadError> {
    read_all(dir, RECORDS, read_line)
}

/// Reads which tests have begun in a run, as [`begin`](super::begin) has noted. See [`read_dir`] for what is an error.
///
/// # Errors
///
/// When the directory or a file cannot be read, or was written in a newer format.
pub fn begun(dir: &Path) -> Result<(Vec<TestId>, Vec<Damage>), ReadError> {
    read_all(dir, BEGUN, read_begun)
}

/// Reads one record file. See [`read_dir`] for what is an error.
///
/// # Errors
///
/// When the file cannot be read or was written in a newer format.
pub fn read_file(file: &Path) -> Result<(Vec<Record>, Vec<Damage>), ReadError> {
    read_lines(file, read_line)
}

fn read_all<T>(
    dir: &Path,
    extension: &str,
    read: fn(&[u8]) -> Result<T, LineError>,
) -> Result<(Vec<T>, Vec<Damage>), ReadError> {
    let at = |error| ReadError::Io(dir.to_owned(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(at)? {
        let path = entry.map_err(at)?.path();
        if path.extension().is_some_and(|it| it == extension) {
            files.push(path);
        }
    }
    files.sort();
    let (mut all, mut damage) = (Vec::new(), Vec::new());
    for file in files {
        let (more, broken) = read_lines(&file, read)?;
        all.extend(more);
        damage.extend(broken);
    }
    Ok((all, damage))
}

fn read_lines<T>(
    file: &Path,
    read: fn(&[u8]) -> Result<T, LineError>,
) -> Result<(Vec<T>, Vec<Damage>), ReadError> {
    let text = fs::read(file).map_err(|error| ReadError::Io(file.to_owned(), error))?;
    let (mut all, mut damage) = (Vec::new(), Vec::new());
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        match read(line) {
            Ok(read) => all.push(read),
            Err(LineError::Newer(format)) => return Err(ReadError::Newer { file: file.to_owned(), format }),
            Err(LineError::Damaged(reason)) => {
                damage.push(Damage { file: file.to_owned(), line: index + 1, reason });
            }
        }
    }
    Ok((all, damage))
}

enum LineError {
    Newer(u32),
    Damaged(String),
}

fn read_line(line: &[u8]) -> Result<Record, LineError> {
    let line: RecordLine = read_as(line)?;
    line.try_into().map_err(|UnknownWord(word)| LineError::Damaged(format!("unknown word `{word}`")))
}

fn read_begun(line: &[u8]) -> Result<TestId, LineError> {
    read_as::<BegunLine>(line).map(Into::into)
}

fn read_as<T: DeserializeOwned>(line: &[u8]) -> Result<T, LineError> {
    let damaged = |error: json::Error| LineError::Damaged(error.to_string());
    let Header { format } = json::from_slice(line).map_err(damaged)?;
    if format > VERSION {
        return Err(LineError::Newer(format));
    }
    json::from_slice(line).map_err(damaged)
}
