//! Child processes: what a program does that a test runs counts for the test.
//!
//! The program has perfassert linked, and joins at the beginning of `main`:
//!
//! ```
//! let _joined = perfassert::child::join();
//! // and then what the program is for
//! ```
//!
//! The test hands it what it needs:
//!
//! ```no_run
//! use std::process::Command;
//!
//! # fn check() -> std::io::Result<()> {
//! let mut shop = Command::new("target/debug/shop"); // env!("CARGO_BIN_EXE_shop")
//! let status = shop.envs(perfassert::child::variables()).status()?;
//! # Ok(()) }
//! ```
//!
//! Without these variables [`join`] does nothing, so it may stay in the program, behind a feature of its own.
//!
//! Queries, endpoints and counters are told as they come, so those of a server that is killed at the end of the test count too.
//! Allocations, and the lines of code, are told when `main` returns: of a program that is killed, or that calls `exit`, they are
//! not known, and `#[max_allocs]` says so.
//!
//! The program counts for the scope that asked for the variables: for nobody if that was in
//! [`unmeasured`](crate::unmeasured). A program that was given them and has not joined makes the gates of the test fail. One that was
//! not given them is not seen.

mod collect;
mod join;
mod line;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Mutex;

pub(crate) use collect::collect;
#[cfg(inherit_threads)]
pub(crate) use join::is_child;
pub use join::{Joined, join};
pub(crate) use join::{tell, tell_answer, tell_count, tell_part};
pub(crate) use line::Line;

use crate::alloc::pause;
use crate::lock::lock;
use crate::scope::{Role, Scope, current};
use crate::trace;

/// Where a child tells what it did.
const DIR_VARIABLE: &str = "PERFASSERT_CHILD_DIR";
/// For whom: a `traceparent`.
const TRACE_VARIABLE: &str = "PERFASSERT_CHILD_TRACEPARENT";

/// What a child process is to find in its environment so that it counts for the calling thread's or task's test; nothing outside of a
/// test.
///
/// # Panics
///
/// When no directory can be made among the temporary ones.
#[must_use]
pub fn variables() -> Vec<(&'static str, OsString)> {
    let _paused = pause();
    let Some(scope) = current().filter(|scope| scope.root().role() == Role::Test) else { return Vec::new() };
    let header = trace::header().map(|header| String::from_utf8_lossy(&header).into_owned());
    let dir = scope.root().children.get_or_init(|| Dir::make(scope.root()));
    let Some(header) = header else { return Vec::new() };
    if scope.lineage().any(|scope| scope.role() == Role::Unmeasured) {
        lock(&dir.for_nobody).push(header.clone());
    }
    vec![(DIR_VARIABLE, dir.path.clone().into_os_string()), (TRACE_VARIABLE, header.into())]
}

/// Where the children of a test tell what they did. It goes with the test.
pub(crate) struct Dir {
    path: PathBuf,
    /// What was handed out in a set-up.
    for_nobody: Mutex<Vec<String>>,
}

impl Dir {
    fn make(test: &Scope) -> Self {
        let name = format!("perfassert-{}", test.ids.trace_id().unwrap_or_default());
        let dir = std::env::temp_dir().join(name);
        if let Err(error) = std::fs::create_dir_all(&dir) {
            panic!("perfassert: making {} for the children of {}: {error}", dir.display(), test.name());
        }
        Dir { path: dir, for_nobody: Mutex::default() }
    }
}

impl Dir {
    /// What cannot be removed is the temporary directory's to clear.
    fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        self.remove();
    }
}
