//! The files in which children tell what they do, one each.

use std::path::{Path, PathBuf};

use super::process::Process;
use crate::trace;

/// How their names end.
const EXTENSION: &str = "jsonl";

/// A new one, for this process.
pub(crate) fn new(dir: &Path) -> PathBuf {
    dir.join(format!("{}-{:x}.{EXTENSION}", Process::this(), trace::random()))
}

/// Those in `dir`, and their processes.
pub(crate) fn files(dir: &Path) -> Vec<(Process, PathBuf)> {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter_map(|file| Some((process(&file)?, file))).collect();
    files.sort();
    files
}

/// The process that tells in `file`, if it is such a file.
fn process(file: &Path) -> Option<Process> {
    let name = file.file_name()?.to_str()?.strip_suffix(EXTENSION)?;
    name.split_once('-')?.0.parse().ok()
}
