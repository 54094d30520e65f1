//! The child's side: it counts as a test does, and tells what it counts.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use super::line::{FORMAT, number};
use super::process::Process;
use super::start::MEMORY;
use super::{DIR_VARIABLE, Line, TRACE_VARIABLE};
use crate::alloc::{is_installed, pause};
use crate::callers;
use crate::enter::{Entered, Started, enter};
use crate::json;
use crate::lock::lock;
use crate::scope::{Blind, Detail, Heirs, Role, Scope, settle};
use crate::source;
use crate::trace;

/// Where this process tells what it does, once it has joined.
static TOLD: OnceLock<Mutex<File>> = OnceLock::new();

/// Counts what this process does for the test that has started it, until the guard is dropped: for a local variable of `main`.
///
/// Threads that were started before, say those of `#[tokio::main]`, are included where threads belong to the test that starts them
/// (Linux with glibc, and the feature `inherit-threads`).
///
/// Without the variables of [`variables`](super::variables) it does nothing, nor when the test is over that they name.
///
/// # Panics
///
/// When it cannot write where the test has asked it to. The second call in a process panics, too.
#[must_use = "what comes after the guard is dropped does not count"]
#[inline] // It is compiled as the program is.
pub fn join() -> Joined {
    callers::notice(&|| ());
    join_now()
}

fn join_now() -> Joined {
    let paused = pause();
    let Some((given @ Given { traceparent, .. }, file)) =
        given().and_then(|given| Some((given, given.open()?)))
    else {
        return Joined { counted: None, _not_send: PhantomData };
    };
    assert!(TOLD.set(Mutex::new(file)).is_ok(), "perfassert: this process has joined already");
    tell(|| Line::Joined { format: FORMAT, traceparent: traceparent.clone() });
    let scope = Scope::test_with(given.detail(), "child");
    trace::adopt(&scope, traceparent.as_bytes());
    drop(paused);
    let entered = enter(&scope, Heirs::Threads);
    // Makes sure besides that threads inherit, where they can.
    let started = Started::so_far();
    look(&scope);
    scope.begin();
    Joined { counted: Some(Counted { _entered: entered, scope, started }), _not_send: PhantomData }
}

/// See [`join`].
#[derive(Debug)]
#[must_use = "what comes after the guard is dropped does not count"]
pub struct Joined {
    counted: Option<Counted>,
    _not_send: PhantomData<*const ()>,
}

struct Counted {
    _entered: Entered,
    scope: Arc<Scope>,
    started: Started,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counted").finish_non_exhaustive()
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let Some(Counted { scope, started, _entered }) = self.counted.take() else { return };
        let _paused = pause();
        scope.freeze();
        settle(&scope);
        look(&scope);
        started.blind().into_iter().for_each(tell_blind);
        scope.end();
        for part in scope.open_parts().iter().chain([&scope]) {
            tell_sites(part);
            if is_installed() {
                tell(|| Line::allocated(part));
            }
        }
    }
}

/// What the test that has started this process has handed it.
pub(super) struct Given {
    pub(super) dir: PathBuf,
    pub(super) traceparent: String,
}

pub(super) fn given() -> Option<&'static Given> {
    static GIVEN: OnceLock<Option<Given>> = OnceLock::new();
    let value = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let given = GIVEN.get_or_init(|| {
        Some(Given { dir: value(DIR_VARIABLE)?.into(), traceparent: value(TRACE_VARIABLE)? })
    });
    given.as_ref()
}

impl Given {
    /// How closely the test wants this process to look at its allocations.
    fn detail(&self) -> Detail {
        callers::tell_own(None);
        let memory = self.dir.extension().is_some_and(|ending| ending == MEMORY);
        Detail { owners: true, places: false, memory }
    }

    /// The file for what this process tells. `None` when there is no directory any more: the test is over.
    fn open(&self) -> Option<File> {
        let path = self.dir.join(format!("{}-{:x}.{EXTENSION}", Process::this(), trace::random()));
        match File::options().create_new(true).append(true).open(&path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => panic!("perfassert: joining at {}: {error}", path.display()),
        }
    }
}

/// The process that tells in `file`, if it is such a file.
pub(super) fn joined_as(file: &Path) -> Option<Process> {
    let name = file.file_name()?.to_str()?.strip_suffix(EXTENSION)?;
    name.split_once('-')?.0.parse().ok()
}

/// How the names of these files end.
const EXTENSION: &str = "jsonl";

/// Whether a test has started this program, which is a test program: its tests are no tests of the run then.
pub(crate) fn is_run_by_a_test() -> bool {
    std::env::var_os(DIR_VARIABLE).is_some() && !has_joined()
}

pub(crate) fn has_joined() -> bool {
    TOLD.get().is_some()
}

/// Whether this process is to join: then it is one test's, with every thread that it has.
#[cfg(inherit_threads)]
pub(crate) fn is_child() -> bool {
    given().is_some()
}

/// Tells a line, if this process has joined. The caller has paused the counting.
pub(crate) fn tell(line: impl FnOnce() -> Line) {
    let Some(file) = TOLD.get() else { return };
    let mut text = json::to_vec(&line());
    text.push(b'\n');
    // One write for each line, so that a reader sees all of it or nothing. Where it fails the disk is full, and the reader finds
    // the line before cut short or the end missing.
    if let Err(error) = lock(file).write_all(&text) {
        let _ = writeln!(std::io::stderr(), "perfassert: telling the test what this process does: {error}");
    }
}

fn look(scope: &Arc<Scope>) {
    let _paused = pause();
    for blind in source::blind(scope).into_iter().chain(callers::blind()) {
        tell_blind(blind);
    }
}

fn tell_blind(blind: Blind) {
    tell(|| Line::Blind { cause: blind.cause, help: blind.help, of: blind.of.into() });
}

/// The lines of code that were captured in a scope itself.
fn tell_sites(scope: &Scope) {
    for entry in scope.ledger().entries() {
        for site in entry.lines.stacks().iter().filter_map(crate::site::Capture::site) {
            tell(|| Line::Site {
                part: number(scope),
                class: entry.statement.class.to_string(),
                fingerprint: entry.statement.fingerprint.to_string(),
                site: site.into(),
            });
        }
    }
}

/// A part of what this process does has begun.
pub(crate) fn tell_part(scope: &Arc<Scope>) {
    let within = scope.lineage().nth(1);
    tell(|| Line::Part {
        part: number(scope),
        within: within.map_or(0, |within| number(within)),
        name: scope.name().to_owned(),
        is_endpoint: scope.role() == Role::Endpoint,
    });
}

/// Whether a request has failed, or its name, is known now.
pub(crate) fn tell_answer(scope: &Scope) {
    tell(|| Line::Answered { part: number(scope), name: scope.name().to_owned(), failed: scope.failed() });
}

pub(crate) fn tell_count(scope: &Arc<Scope>, counter: &str, n: i64) {
    if let Some(scope) = scope.counting().next() {
        tell(|| Line::Count { part: number(scope), counter: counter.to_owned(), n });
    }
}
