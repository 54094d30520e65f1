//! What a process finds in its environment by itself, where the library sees that a thread of a test starts it.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::note::{Note, find};
use super::process::Process;
use super::start::{Variables, variables};
use crate::inconclusive::Inconclusive;
use crate::invitation::{DIR_VARIABLE, TRACE_VARIABLE, invitation};
use crate::scope::{Scope, current};

/// For a process that is about to be started on the calling thread.
pub(crate) struct HandOver {
    test: Arc<Scope>,
    variables: Variables,
}

/// `None` where it is nobody's. The caller has paused the counting.
pub(crate) fn hand_over() -> Option<HandOver> {
    let scope = current()?;
    let test = Arc::clone(scope.root());
    let variables = variables(&scope)?.unwrap_or_else(|why| {
        test.set_inconclusive(cannot_be_taken_down(why));
        [DIR_VARIABLE, TRACE_VARIABLE].map(|name| (name, OsString::new()))
    });
    Some(HandOver { test, variables })
}

impl HandOver {
    /// The variables as an environment has them.
    pub(crate) fn entries(&self) -> [CString; 2] {
        self.variables.each_ref().map(|(name, value)| {
            let entry = [name.as_bytes(), b"=", value.as_bytes()].concat();
            CString::new(entry).unwrap_or_default() // No path has a null byte.
        })
    }

    /// Takes down that `program` was started as the process `pid`; without a slash in its name, from one of the directories `path`.
    pub(crate) fn started(&self, pid: u32, program: &CStr, path: &[u8]) {
        let Some(note) = self.note() else { return };
        let named = program.to_bytes();
        // It may have been found from another directory than this process is in. By now it may also have become another program, or be
        // over: so this is asked only where the name does not tell.
        let is_relative = named.contains(&b'/') && !named.starts_with(b"/");
        let running = is_relative.then(|| std::fs::read_link(format!("/proc/{pid}/exe")).ok()).flatten();
        // At the end of the test there may be no such file any more.
        let found = running.or_else(|| find(OsStr::from_bytes(named), OsStr::from_bytes(path)));
        note.add(
            Process::started(pid),
            found.as_ref().map_or(named, |found| found.as_os_str().as_bytes()),
            path,
        );
    }

    /// Where it is noted what the process becomes; nowhere if what it does is nobody's.
    pub(crate) fn note(&self) -> Option<Note> {
        let [(_, dir), _] = &self.variables;
        if dir.is_empty() {
            return None;
        }
        let note = Note::make(Path::new(dir));
        // In a child this is told nobody: when the directory is gone, the test is over.
        note.inspect_err(|error| self.test.set_inconclusive(cannot_be_taken_down(&error.to_string()))).ok()
    }
}

fn cannot_be_taken_down(why: &str) -> Inconclusive {
    Inconclusive::to_everything(
        format!("cannot record which processes this test starts: {why}"),
        "have `TMPDIR` name a directory that the test can write to",
    )
}

/// Whether `entry` of an environment is one of the variables.
pub(crate) fn is_variable(entry: &CStr) -> bool {
    [DIR_VARIABLE, TRACE_VARIABLE].iter().any(|name| value(entry, name).is_some())
}

/// Whether `entry` of an environment was put there by somebody who asked for [`variables`](crate::child::variables): it is not what this
/// process was given itself.
pub(crate) fn is_asked_for(entry: &CStr) -> bool {
    let given = invitation().map(|invitation| invitation.traceparent.as_bytes());
    value(entry, TRACE_VARIABLE).is_some_and(|value| Some(value) != given)
}

fn value<'a>(entry: &'a CStr, name: &str) -> Option<&'a [u8]> {
    entry.to_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}
