//! What a process that a test starts is to find in its environment, and what is noted of it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, OnceLock};

use super::files::files;
use super::left_behind;
#[cfg(inherit_threads)]
use super::note;
use super::process::Process;
use crate::invitation::{DIR_VARIABLE, MEMORY, PLACES, TRACE_VARIABLE, has_joined, invitation};
use crate::lock::lock;
use crate::scope::{Detail, Phase, Role, Scope};
use crate::trace;

pub(crate) type Variables = [(&'static str, OsString); 2];

/// What `test` keeps of its child processes.
pub(crate) fn of(test: &Scope) -> &Children {
    test.children.get()
}

/// See [`of`].
#[derive(Default)]
pub(crate) struct Children {
    /// Where they tell what they do, made for the first. It goes with the test.
    dir: OnceLock<Result<PathBuf, String>>,
    /// Those that were there when the test's body began, and how much they had told.
    before: Mutex<HashMap<Process, u64>>,
    /// For whom the test has asked for variables: a `traceparent` each.
    asked: Mutex<Vec<OsString>>,
}

impl Children {
    /// The test has asked for `variables`, to hand them over by itself.
    pub(crate) fn ask(&self, [(_, dir), (_, traceparent)]: &Variables) {
        let (mut asked, counts) = (lock(&self.asked), !dir.is_empty());
        if counts && !asked.contains(traceparent) {
            asked.push(traceparent.clone());
        }
    }

    pub(crate) fn asked(&self) -> Vec<OsString> {
        lock(&self.asked).clone()
    }

    /// The directory, if it was needed.
    pub(crate) fn dir(&self) -> Option<&Path> {
        self.dir.get()?.as_deref().ok()
    }

    /// The test's body begins: what its children have done so far was set-up.
    pub(crate) fn begin(&self) {
        let Some(dir) = self.dir() else { return };
        let mut before = lock(&self.before);
        // Of those that were started some may not have joined yet.
        #[cfg(inherit_threads)]
        before.extend(note::read_all(dir).iter().flatten().map(|started| (started.process, 0)));
        let length = |file: PathBuf| file.metadata().map_or(0, |metadata| metadata.len());
        before.extend(files(dir).into_iter().map(|(process, file)| (process, length(file))));
    }

    /// How much a child had told when the body began, if it was there.
    pub(crate) fn told_before(&self, process: Process) -> Option<u64> {
        lock(&self.before).get(&process).copied()
    }

    fn make_dir(&self, test: &Scope) -> Result<&Path, &str> {
        let made = self.dir.get_or_init(|| {
            let ending = match test.detail() {
                Detail { memory: true, .. } => MEMORY,
                Detail { places: true, .. } => PLACES,
                _ => "children",
            };
            let id = test.ids.trace_id().unwrap_or_default();
            static CLEARED: Once = Once::new();
            CLEARED.call_once(|| left_behind::remove_from(temp_dir()));
            let dir = temp_dir().join(left_behind::name(&id, ending));
            let made = std::fs::create_dir_all(&dir).map_err(|error| {
                format!("making {} for the children of {}: {error}", dir.display(), test.name())
            });
            made.map(|()| dir)
        });
        made.as_deref().map_err(String::as_str)
    }

    /// What cannot be removed is the temporary directory's to clear.
    pub(crate) fn remove(&self) {
        if let Some(dir) = self.dir() {
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The variables by which a process that is started in `scope` joins its test; empty ones where what it does is nobody's. `None`
/// outside of a test. The caller has paused the counting.
pub(crate) fn variables(scope: &Arc<Scope>) -> Option<Result<Variables, &str>> {
    let test = scope.root();
    if test.role() != Role::Test || test.phase() == Phase::Ended {
        return None;
    }
    let with =
        |dir: OsString, traceparent: OsString| Some(Ok([(DIR_VARIABLE, dir), (TRACE_VARIABLE, traceparent)]));
    if scope.is_left_out() {
        return with(OsString::new(), OsString::new());
    }
    if let Some(invitation) = invitation().filter(|_| has_joined()) {
        return with(invitation.dir.clone().into(), invitation.traceparent.clone().into());
    }
    let traceparent = trace::traceparent_of(scope).into();
    match of(test).make_dir(test) {
        Ok(dir) => with(dir.into(), traceparent),
        Err(why) => Some(Err(why)),
    }
}

/// Asks for what depends on this process's own environment, before it starts another: meanwhile `std` holds a lock on it.
pub(crate) fn look_around() {
    invitation();
    temp_dir();
    Process::this();
}

fn temp_dir() -> &'static Path {
    static TEMP_DIR: OnceLock<PathBuf> = OnceLock::new();
    TEMP_DIR.get_or_init(std::env::temp_dir)
}
