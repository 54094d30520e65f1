//! The child's side: it counts as a test does, and tells what it counts.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock};

use super::ChildLine;
use super::line::{FORMAT, number};
use crate::alloc::{Counted, Place, is_installed, pause};
use crate::callers;
use crate::children;
use crate::enter::{Entered, Started, enter};
use crate::explain;
use crate::inconclusive::Inconclusive;
use crate::invitation::{Invitation, MEMORY, PLACES, invitation, set_joined};
use crate::json;
use crate::lock::lock;
use crate::scope::{ChildPlace, Detail, Inheritance, Listener, Query, Role, Scope, listen, settle};
use crate::site::Capture;
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
    let Some((invitation, file)) = invitation().and_then(|invitation| Some((invitation, open(invitation)?)))
    else {
        return Joined { counting: None, _not_send: PhantomData };
    };
    assert!(TOLD.set(Mutex::new(file)).is_ok(), "perfassert: this process has joined already");
    set_joined();
    listen(Listener { began, answered, counted, executed });
    tell(|| ChildLine::Joined { format: FORMAT, traceparent: invitation.traceparent.clone() });
    let scope = Scope::test_with(detail(invitation), "child");
    trace::adopt(&scope, invitation.traceparent.as_bytes());
    drop(paused);
    let entered = enter(&scope, Inheritance::Threads);
    // Makes sure besides that threads inherit, where they can.
    let started = Started::so_far();
    look(&scope);
    scope.begin();
    Joined { counting: Some(Counting { _entered: entered, scope, started }), _not_send: PhantomData }
}

/// See [`join`].
#[derive(Debug)]
#[must_use = "what comes after the guard is dropped does not count"]
pub struct Joined {
    counting: Option<Counting>,
    _not_send: PhantomData<*const ()>,
}

struct Counting {
    _entered: Entered,
    scope: Arc<Scope>,
    started: Started,
}

impl std::fmt::Debug for Counting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counting").finish_non_exhaustive()
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let Some(Counting { scope, started, _entered }) = self.counting.take() else { return };
        let _paused = pause();
        scope.freeze();
        settle(&scope);
        look(&scope);
        started.inconclusive().into_iter().for_each(tell_inconclusive);
        scope.end();
        for part in scope.open_parts().iter().chain([&scope]) {
            tell_sites(part);
            if is_installed() {
                tell_places(part);
                tell(|| ChildLine::allocated(part));
            }
        }
    }
}

/// How closely the test wants this process to look at its allocations.
fn detail(invitation: &Invitation) -> Detail {
    callers::tell_own(None);
    let ending = invitation.dir.extension().and_then(OsStr::to_str).unwrap_or_default();
    Detail { owners: true, places: [PLACES, MEMORY].contains(&ending), memory: ending == MEMORY }
}

/// The file for what this process tells. `None` when there is no directory any more: the test is over.
fn open(invitation: &Invitation) -> Option<File> {
    let path = children::new_file(&invitation.dir);
    match File::options().create_new(true).append(true).open(&path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("perfassert: joining at {}: {error}", path.display()),
    }
}

/// Tells a line, if this process has joined. The caller has paused the counting.
fn tell(line: impl FnOnce() -> ChildLine) {
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
    for inconclusive in source::inconclusive(scope).into_iter().chain(callers::inconclusive()) {
        tell_inconclusive(inconclusive);
    }
}

fn tell_inconclusive(inconclusive: Inconclusive) {
    tell(|| ChildLine::Inconclusive {
        cause: inconclusive.cause,
        help: inconclusive.help,
        of: inconclusive.of.into(),
    });
}

/// The lines of code that were captured in a scope itself.
fn tell_sites(scope: &Scope) {
    for entry in scope.statement_counts().entries() {
        for site in entry.lines.stacks().iter().filter_map(Capture::site) {
            tell(|| ChildLine::Site {
                part: number(scope),
                class: entry.statement.class.to_string(),
                fingerprint: entry.statement.fingerprint.to_string(),
                site: site.into(),
            });
        }
    }
}

/// Where the application allocated in a scope and inside it, if that was asked for.
fn tell_places(scope: &Scope) {
    let mut of = BTreeMap::<ChildPlace, Counted>::new();
    for Place { stack, counted } in scope.places() {
        if let Some(place) = place(stack) {
            *of.entry(place).or_default() += counted;
        }
    }
    of.iter().for_each(|(place, counted)| tell(|| ChildLine::place(scope, place, *counted)));
}

/// The line where somebody reads all of them, and otherwise the function: lines take a second to be read.
fn place(stack: &[usize]) -> Option<ChildPlace> {
    let function = (!explain::is_wanted()).then(|| callers::function_of_application(stack)).flatten();
    let line = || Capture::of_stack(stack)?.site();
    function.map(ChildPlace::Function).or_else(|| line().map(ChildPlace::Line))
}

fn began(scope: &Arc<Scope>) {
    let within = scope.lineage().nth(1);
    tell(|| ChildLine::Part {
        part: number(scope),
        within: within.map_or(0, |within| number(within)),
        name: scope.name().to_owned(),
        is_endpoint: scope.role() == Role::Endpoint,
    });
}

fn answered(scope: &Scope) {
    tell(|| ChildLine::Answered {
        part: number(scope),
        name: scope.name().to_owned(),
        failed: scope.failed(),
    });
}

fn executed(scope: &Scope, query: &Query) {
    tell(|| ChildLine::query(scope, query));
}

fn counted(scope: &Arc<Scope>, counter: &str, n: i64) {
    if let Some(scope) = scope.counting().next() {
        tell(|| ChildLine::Count { part: number(scope), counter: counter.to_owned(), n });
    }
}
