//! A whole log, by path.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

use crate::Entry;

/// How much of a log is read at once.
const CHUNK: usize = 64 * 1024;

/// What a log tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// By path, without queries.
    pub paths: HashMap<String, PathSummary>,
    /// How many lines could not be read.
    pub malformed: u64,
}

/// What a log tells of one path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathSummary {
    /// How often it was asked for.
    pub requests: u64,
    /// How often the answer was an error, 400 and above.
    pub errors: u64,
    /// Size of all answers.
    pub bytes: u64,
}

/// Sums up a log. It need not fit into memory: one line at a time does, and the paths.
///
/// # Errors
///
/// When the log cannot be read. A line that cannot be understood, or is no text, is counted in [`Summary::malformed`].
pub fn summarize(log: impl Read) -> io::Result<Summary> {
    let mut log = BufReader::with_capacity(CHUNK, log);
    let mut summary = Summary::default();
    let mut line = Vec::with_capacity(1024);
    while log.read_until(b'\n', &mut line)? > 0 {
        summary.add(&line);
        line.clear();
    }
    Ok(summary)
}

impl Summary {
    fn add(&mut self, line: &[u8]) {
        let text = std::str::from_utf8(line.trim_ascii_end()).ok();
        let Some(entry) = text.and_then(|text| Entry::parse(text).ok()) else {
            self.malformed += 1;
            return;
        };
        let path = self.of(entry.path());
        path.requests += 1;
        path.errors += u64::from(entry.status >= 400);
        path.bytes += entry.bytes;
    }

    /// The place of a path. Only one that is new is copied: `entry` of the map would take a copy for each line.
    fn of(&mut self, path: &str) -> &mut PathSummary {
        if !self.paths.contains_key(path) {
            self.paths.insert(path.to_owned(), PathSummary::default());
        }
        self.paths.get_mut(path).expect("it was put there if it was not")
    }
}
