//! Child processes: what a program does that a test runs counts for the test.
//!
//! The program has perfassert linked, and joins at the beginning of `main`:
//!
//! ```
//! let _joined = perfassert::child::join();
//! // and then what the program is for
//! ```
//!
//! The test starts it as ever. On Linux with glibc, and with the feature `inherit-threads`, a process belongs to the test that starts
//! it, as a thread does: it finds in its environment what it needs to join. So does what it starts in turn, say by a script.
//! Elsewhere, and wherever the environment is not handed on, the test does that: see [`variables`].
//!
//! Without these variables [`join`] does nothing, so it may stay in the program, behind a feature of its own.
//!
//! Queries, endpoints and counters are told as they come, so those of a server that is killed at the end of the test count too.
//! Allocations, and the lines of code, are told when `main` returns: of a program that is killed, or that calls `exit`, they are
//! not known, and `#[max_allocs]` says so.
//!
//! All that the program does from then on counts for the scope that started it: for nobody, and never, if that was in
//! [`unmeasured`](crate::unmeasured).
//!
//! # What is not seen
//!
//! A program that cargo has built beside the test, and that has not joined, makes the gates of the test fail, with its name: join, or
//! start it in `unmeasured`. So does a process that was forked and went on without `execvp`. What other programs do, say `git`, is not
//! seen; nor what a program of cargo's does that one of those has started, and that does not join.

mod collect;
mod join;
mod line;

use std::ffi::OsString;

pub(crate) use collect::collect;
pub use join::{Joined, join};
use line::ChildLine;

use crate::alloc::pause;
use crate::children;
use crate::scope::current;

/// What a child process is to find in its environment so that it counts for the calling thread's or task's test; nothing outside of a
/// test.
///
/// A test needs it where a process does not find them by itself:
///
/// - on another platform than Linux with glibc, or without the feature `inherit-threads`;
/// - where something in between hands on no environment, as `env -i`, `sudo` and `docker run` do;
/// - where the thread that starts it is nobody's or another test's, or starts it neither by `posix_spawn` nor by `fork` and `execvp`.
///
/// The program counts for the scope that has asked. What was asked for is to be used: when nobody has joined by it, the gates of the
/// test fail. In [`unmeasured`](crate::unmeasured) the variables are empty.
///
/// ```no_run
/// use std::process::Command;
///
/// # fn check() -> std::io::Result<()> {
/// let mut shop = Command::new("target/debug/shop"); // env!("CARGO_BIN_EXE_shop")
/// let status = shop.envs(perfassert::child::variables()).status()?;
/// # Ok(()) }
/// ```
///
/// # Panics
///
/// When no directory can be made among the temporary ones.
#[must_use]
pub fn variables() -> Vec<(&'static str, OsString)> {
    let _paused = pause();
    let Some(scope) = current() else { return Vec::new() };
    match children::variables(&scope) {
        Some(Ok(variables)) => {
            children::of(scope.root()).ask(&variables);
            variables.into()
        }
        Some(Err(why)) => panic!("perfassert: {why}"),
        None => Vec::new(),
    }
}
