//! The parent's side: what the children told, counted for their scopes.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use super::ChildLine;
use super::line::{self, FORMAT, Number, WHOLE, allocated};
use crate::alloc::{Counted, pause};
#[cfg(inherit_threads)]
use crate::children::unseen;
use crate::children::{self, Process, files};
use crate::inconclusive::Inconclusive;
use crate::json;
use crate::record::Site;
use crate::scope::{Allocated, ChildPlace, Role, Scope};
use crate::sql::{Class, Fingerprint};
use crate::trace;

/// Counts what the children of `test` have told, before it ends.
pub(crate) fn collect(test: &Arc<Scope>) {
    let _paused = pause();
    let children = children::of(test);
    let Some(dir) = children.dir() else { return };
    let told = files(dir);
    let (mut joined_by, mut inconclusive) = (Vec::new(), Vec::new());
    for (process, file) in &told {
        match read(*process, file, test) {
            Ok(traceparent) => joined_by.push(OsString::from(traceparent)),
            Err(why) => inconclusive.push(cannot_be_read(&why)),
        }
    }
    #[cfg(inherit_threads)]
    inconclusive.extend(unseen(dir, &told.iter().map(|(process, _)| *process).collect::<Vec<_>>()));
    // Where it is known who did not join, that is said.
    if inconclusive.is_empty() && children.asked().iter().any(|asked| !joined_by.contains(asked)) {
        inconclusive.push(nobody_joined());
    }
    inconclusive.into_iter().for_each(|inconclusive| test.set_inconclusive(inconclusive));
    children.remove();
}

/// One child: what it joined by.
fn read(process: Process, file: &Path, test: &Arc<Scope>) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let before = children::of(test).told_before(process);
    let before =
        before.map(|length| text.bytes().take(length as usize).filter(|byte| *byte == b'\n').count());
    let lines = text
        .lines()
        .map(|line| json::from_slice::<ChildLine>(line.as_bytes()))
        .collect::<Result<Vec<_>, _>>();
    let (sites, lines): (Vec<_>, Vec<_>) = (0..)
        .zip(lines.map_err(|error| error.to_string())?)
        .partition(|(_, line)| matches!(line, ChildLine::Site { .. }));
    let mut lines = lines.into_iter();
    let Some((_, ChildLine::Joined { format: FORMAT, traceparent })) = lines.next() else {
        return Err(OTHER_VERSION.to_owned());
    };
    let starter = trace::find(traceparent.as_bytes());
    let whole = starter.filter(|starter| test.encloses(starter)).unwrap_or_else(|| Arc::clone(test));
    let sites = by_statement(sites.into_iter().map(|(_, line)| line));
    let mut child = Child { parts: HashMap::new(), whole, sites, is_set_up: false, has_ended: false };
    for (number, line) in lines {
        child.is_set_up = before.is_some_and(|before| number < before);
        child.take(line)?;
    }
    if !child.has_ended {
        test.set_inconclusive(was_ended());
    } else if before.is_some() && !child.is_set_up {
        test.set_inconclusive(was_started_before());
    }
    Ok(traceparent)
}

const OTHER_VERSION: &str = "it was written by another version of perfassert";

/// A child, as far as it has been read.
struct Child {
    /// What all of it counts for.
    whole: Arc<Scope>,
    parts: HashMap<Number, Arc<Scope>>,
    sites: Sites,
    /// What is read now was done before the test's body began.
    is_set_up: bool,
    has_ended: bool,
}

impl Child {
    fn part(&self, number: Number) -> &Arc<Scope> {
        self.parts.get(&number).unwrap_or(&self.whole)
    }

    fn take(&mut self, line: ChildLine) -> Result<(), String> {
        match line {
            ChildLine::Part { .. } if self.is_set_up => {}
            ChildLine::Part { part, within, name, is_endpoint } => {
                let role = if is_endpoint { Role::Endpoint } else { Role::Section };
                let scope = Scope::open(name, role, Some(Arc::clone(self.part(within))));
                self.parts.insert(part, scope);
            }
            ChildLine::Answered { part, name, failed } => {
                // A request of the set-up is no part of the test.
                if let Some(scope) = self.parts.get(&part) {
                    scope.set_failed(failed);
                    if scope.name() != name {
                        scope.rename(name);
                    }
                }
            }
            ChildLine::Query(part, query) => {
                let sites = &mut self.sites;
                let site = |class, fingerprint| sites.get_mut(&(part, class, fingerprint))?.next();
                let query = query.read(site).ok_or(OTHER_VERSION)?;
                if !self.is_set_up {
                    self.part(part).record(&query);
                }
            }
            ChildLine::Count { .. } if self.is_set_up => {}
            ChildLine::Count { part, counter, n } => self.part(part).count(&counter, n),
            ChildLine::Inconclusive { cause, help, of } => {
                let cause = format!("in a child process: {cause}");
                self.whole.root().set_inconclusive(Inconclusive { cause, help, of: of.into() });
            }
            ChildLine::Place { .. } if self.is_set_up => {}
            ChildLine::Place { part, place, counted } => {
                self.place(part, &place.into(), line::counted(counted))
            }
            ChildLine::Allocated { part, counted, memory } => {
                self.allocated(part, allocated(counted, memory));
            }
            ChildLine::Joined { .. } | ChildLine::Site { .. } => return Err(OTHER_VERSION.to_owned()),
        }
        Ok(())
    }

    /// The places of a part are among those of the whole.
    fn place(&self, part: Number, place: &ChildPlace, counted: Counted) {
        match self.parts.get(&part) {
            Some(scope) => scope.add_place_of_child(place, counted),
            None if part != WHOLE => {}
            None => self.whole.counting().for_each(|scope| scope.add_place_of_child(place, counted)),
        }
    }

    /// What a part allocated, the whole has in its own number, which comes last.
    fn allocated(&mut self, part: Number, allocated: Allocated) {
        match self.parts.get(&part) {
            Some(scope) => scope.add_from_child(allocated),
            None if part != WHOLE => {}
            None => {
                self.has_ended = true;
                if self.is_set_up {
                    return;
                }
                self.whole.counting().for_each(|scope| scope.add_from_child(allocated));
            }
        }
    }
}

type Sites = HashMap<(Number, Class, Fingerprint), std::vec::IntoIter<Site>>;

/// The lines of code by scope and statement, in the order in which the statements were executed.
fn by_statement(lines: impl Iterator<Item = ChildLine>) -> Sites {
    let mut sites = HashMap::<_, Vec<Site>>::new();
    for line in lines {
        let ChildLine::Site { part, class, fingerprint, site } = line else { continue };
        if let (Ok(class), Ok(fingerprint)) = (class.parse(), fingerprint.parse()) {
            sites.entry((part, class, fingerprint)).or_default().push(site.into());
        }
    }
    sites.into_iter().map(|(key, sites)| (key, sites.into_iter())).collect()
}

fn nobody_joined() -> Inconclusive {
    Inconclusive::to_everything(
        "a child process was to join this test, and none did: what it did is not known",
        "call `let _joined = perfassert::child::join();` first of all in its `main`; and ask for `child::variables()` only where \
               a program is started",
    )
}

fn cannot_be_read(why: &str) -> Inconclusive {
    Inconclusive::to_everything(
        format!("cannot read what a child process has recorded: {why}"),
        "build the program and the test with the same perfassert",
    )
}

fn was_ended() -> Inconclusive {
    Inconclusive::to_allocations(
        "a child process did not reach the end of its `main`: what it allocated is not known",
        "have it end by itself, without `exit`, and wait for it in the test",
    )
}

fn was_started_before() -> Inconclusive {
    Inconclusive::to_allocations(
        "a child process was started before the test's body, and has ended in it: what it allocated in the body alone is not known",
        "start it in the body",
    )
}
