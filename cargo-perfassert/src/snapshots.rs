//! The snapshots of tests without an attribute. Nothing in such a test can assert one, so a run does: it compares, and writes what waits for
//! `cargo insta review`, as insta would.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use perfassert_record::record::snapshot::{Body, Snapshot, SnapshotError};
use perfassert_record::record::{Outcome, Record, TestId};
use similar::{ChangeTag, TextDiff};

use crate::error::{Error, io};
use crate::settings::Settings;
use crate::sources::{Functions, functions, name_of_crate, name_of_perfassert};
use crate::workspace::Workspace;

/// A snapshot that is not what was committed.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotMismatch {
    /// Whose it is.
    pub test: TestId,
    /// The committed file, relative to the workspace.
    pub file: String,
    /// How it differs.
    pub state: State,
    /// Whether the new text waits beside it.
    pub is_pending: bool,
}

/// How a snapshot differs from what was committed.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Nothing was.
    New,
    /// The lines that do, with `-` and `+` in front, beneath the parts that they stand in.
    Changed(Vec<String>),
    /// What was cannot be read.
    Unreadable(SnapshotError),
}

/// Says of those `records` that are to have a snapshot where it lies: of tests without an attribute, where `settings` ask for all. One
/// whose counts were not seen has none.
pub(crate) fn place(workspace: &Workspace, settings: &BTreeMap<String, Settings>, records: &mut [Record]) {
    let mut sources = Sources::new(workspace);
    for record in records.iter_mut().filter(|record| !record.is_marked && is_seen(record)) {
        let is_asked = settings.get(&record.test.package).is_some_and(|settings| settings.has_snapshots);
        let file = is_asked.then(|| sources.file(&record.test)).flatten();
        record.snapshot = file.map(|file| {
            let beside = Path::new(&file).parent().unwrap_or(Path::new(""));
            written(&beside.join("snapshots").join(record.test.snapshot_file()))
        });
    }
}

/// A path as records and snapshots have it.
fn written(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn is_seen(record: &Record) -> bool {
    matches!(record.outcome, Outcome::Passed | Outcome::OverBudget(_))
}

/// The functions of the crates of a workspace, each read once.
struct Sources<'a> {
    workspace: &'a Workspace,
    functions: BTreeMap<PathBuf, Functions>,
}

impl<'a> Sources<'a> {
    fn new(workspace: &'a Workspace) -> Self {
        Sources { workspace, functions: BTreeMap::new() }
    }

    /// The file of a test, relative to the workspace. One that a macro has made stands where its crate begins.
    fn file(&mut self, test: &TestId) -> Option<String> {
        let packages = self.workspace.metadata.workspace_packages();
        let package = packages.into_iter().find(|package| package.name == test.package)?;
        let is_it =
            |target: &&cargo_metadata::Target| !target.is_bench() && name_of_crate(target) == test.target;
        let root = package.targets.iter().find(is_it)?.src_path.as_std_path();
        let read = || {
            let perfassert = name_of_perfassert(package).unwrap_or_else(|| "perfassert".to_owned());
            functions(root, &perfassert, |file| fs::read_to_string(file).ok())
        };
        let functions = self.functions.entry(root.to_owned()).or_insert_with(read);
        let function = functions.get(&test.name).and_then(|functions| functions.first());
        let file = function.map_or(root, |function| &function.file);
        Some(written(file.strip_prefix(self.workspace.root()).unwrap_or(file)))
    }
}

/// Compares the counts of these tests with the committed ones, and writes as insta's variables say. Returns those that are not equal, but
/// for what was accepted by that.
///
/// # Errors
///
/// When a file cannot be written, or a variable has no value of insta's.
pub fn assert(workspace: &Workspace, records: &[Record]) -> Result<Vec<SnapshotMismatch>, Error> {
    let update = Update::of(|name| std::env::var(name).ok())?;
    let mut sources = Sources::new(workspace);
    let mut mismatches = Vec::new();
    for record in records.iter().filter(|record| !record.is_marked) {
        let Some(file) = &record.snapshot else { continue };
        let committed = workspace.root().join(file);
        let pending = committed.with_extension("snap.new");
        let Some(state) = compare(&committed, record)? else {
            remove(&pending)?;
            continue;
        };
        let place = update.place(&state);
        if let Some(place) = place {
            let path = if place == Place::Committed { &committed } else { &pending };
            write(path, &Snapshot::of(record, sources.file(&record.test)))?;
        }
        if place == Some(Place::Committed) {
            remove(&pending)?;
        } else {
            let is_pending = place.is_some();
            mismatches.push(SnapshotMismatch {
                test: record.test.clone(),
                file: file.clone(),
                state,
                is_pending,
            });
        }
    }
    Ok(mismatches)
}

/// How the counts differ from the snapshot at `path`, if they do.
fn compare(path: &Path, record: &Record) -> Result<Option<State>, Error> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(State::New)),
        Err(error) => return Err(io("reading", path)(error)),
    };
    let committed = match Snapshot::parse(&String::from_utf8_lossy(&text)) {
        Ok(Some(committed)) => committed,
        // What stands there is this test's snapshot, or was.
        Ok(None) => return Ok(Some(State::Unreadable(SnapshotError::Damaged))),
        Err(why) => return Ok(Some(State::Unreadable(why))),
    };
    let body = Body::of(record);
    let are_alike = committed.environment.allocates_like(&record.environment);
    let same_rules = committed.environment.fingerprints == record.environment.fingerprints;
    if committed.is_marked == record.is_marked && body.matches(&committed.body, are_alike, same_rules) {
        return Ok(None);
    }
    let mut lines = changes(&committed.body.to_string(), &body.to_string());
    if committed.is_marked != record.is_marked {
        lines.insert(0, format!("+has_attribute: {}", record.is_marked));
    }
    Ok(Some(State::Changed(lines)))
}

/// The lines that differ, beneath the name of the part that they stand in.
fn changes(before: &str, now: &str) -> Vec<String> {
    let (mut lines, mut part) = (Vec::new(), None);
    for change in TextDiff::from_lines(before, now).iter_all_changes() {
        let line = change.value().trim_end();
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal if line.starts_with('[') => {
                part = Some(format!(" {line}"));
                continue;
            }
            ChangeTag::Equal => continue,
        };
        lines.extend(part.take());
        lines.push(format!("{sign}{line}"));
    }
    lines
}

fn write(path: &Path, snapshot: &Snapshot) -> Result<(), Error> {
    let dir = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(dir).map_err(io("creating", dir))?;
    fs::write(path, snapshot.to_string()).map_err(io("writing", path))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io("removing", path)(error)),
        _ => Ok(()),
    }
}

/// Where a text is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Committed,
    /// Beside it, for review.
    Pending,
}

/// What is written, as insta's `INSTA_UPDATE` has it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Update {
    Always,
    /// What is new; what has changed waits.
    Unseen,
    /// Everything waits.
    New,
    No,
}

impl Update {
    fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let in_ci = || ["CI", "TF_BUILD"].iter().any(|name| variable(name).is_some());
        match variable("INSTA_UPDATE").as_deref().unwrap_or_default() {
            "" | "auto" if in_ci() => Ok(Update::No),
            "" | "auto" | "new" => Ok(Update::New),
            "always" | "force" => Ok(Update::Always),
            "unseen" => Ok(Update::Unseen),
            "no" => Ok(Update::No),
            other => Err(Error::Usage(format!(
                "INSTA_UPDATE is auto, always, new, unseen, no or force, and not `{other}`"
            ))),
        }
    }

    /// What cannot be read is never overwritten.
    fn place(self, state: &State) -> Option<Place> {
        match (self, state) {
            (_, State::Unreadable(_)) | (Update::No, _) => None,
            (Update::Always, _) | (Update::Unseen, State::New) => Some(Place::Committed),
            (Update::Unseen | Update::New, _) => Some(Place::Pending),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_stands_beneath_its_part() {
        let check = |before: &str, now: &str, expected: &[&str]| {
            assert_eq!(changes(before, now), expected, "{before} / {now}");
        };
        check(
            "[test]\nqueries = 4\n\n[\"GET /\"]\nrequests = 1\nqueries = 2\n",
            "[test]\nqueries = 4\n\n[\"GET /\"]\nrequests = 1\nqueries = 3\n",
            &[" [\"GET /\"]", "-queries = 2", "+queries = 3"],
        );
        check("[test]\nallocs = 2\n", "[test]\nallocs = 3\n", &[" [test]", "-allocs = 2", "+allocs = 3"]);
        check(
            "[test]\n",
            "[test]\n\n[\"GET /\"]\nrequests = 1\n",
            &[" [test]", "+", "+[\"GET /\"]", "+requests = 1"],
        );
    }

    #[test]
    fn an_attribute_that_is_gone_is_a_difference() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut record = crate::test_records::test("lists");
        write(file.path(), &Snapshot::of(&record, None)).unwrap();
        assert_eq!(compare(file.path(), &record).unwrap(), None);
        record.is_marked = false;
        let lines = vec!["+has_attribute: false".to_owned()];
        assert_eq!(compare(file.path(), &record).unwrap(), Some(State::Changed(lines)));
    }

    #[test]
    fn insta_s_variables_decide_what_is_written() {
        let changed = State::Changed(Vec::new());
        let unreadable = State::Unreadable(SnapshotError::Damaged);
        let check = |variables: &[(&str, &str)], of_new: Option<Place>, of_changed: Option<Place>| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let update = Update::of(variable).unwrap();
            let places = [&State::New, &changed, &unreadable].map(|state| update.place(state));
            assert_eq!(places, [of_new, of_changed, None], "{variables:?}");
        };
        check(&[], Some(Place::Pending), Some(Place::Pending));
        check(&[("CI", "true")], None, None);
        check(&[("CI", "true"), ("INSTA_UPDATE", "new")], Some(Place::Pending), Some(Place::Pending));
        check(&[("INSTA_UPDATE", "always")], Some(Place::Committed), Some(Place::Committed));
        check(&[("INSTA_UPDATE", "unseen")], Some(Place::Committed), Some(Place::Pending));
        check(&[("INSTA_UPDATE", "no")], None, None);
        assert!(Update::of(|_| Some("sometimes".to_owned())).is_err());
    }
}
