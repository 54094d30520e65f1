//! The other side without a build: the snapshots that a commit has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use perfassert_record::record::snapshot::{Snapshot, SnapshotError};
use perfassert_record::record::{Record, TestId};

use crate::clean::clean_record;
use crate::error::Error;
use crate::git::{Base, Repository};
use crate::measure::Selection;
use crate::runs::Run;
use crate::sources::Declared;
use crate::workspace::Workspace;

/// Whether the snapshots of the baseline can stand for its tests.
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// They can: each test that was measured is compared with a snapshot, if it is not new.
    Run(Run),
    /// They cannot, because of this.
    Not(String),
}

/// The snapshots that `base` has of what was measured on the branch.
///
/// # Errors
///
/// When git fails, or a snapshot cannot be read: that is never taken for a test without one.
pub fn committed(
    repository: &Repository,
    base: &Base,
    workspace: &Workspace,
    selection: &Selection,
    measured: &Run,
) -> Result<Committed, Error> {
    // A test without an attribute that is to have none is not compared where snapshots are what is compared with.
    let is_expected = |record: &&Record| record.is_marked || record.snapshot.is_some();
    let expected: Vec<&Record> = measured.records.iter().filter(is_expected).collect();
    let without = expected.iter().filter(|record| record.snapshot.is_none()).count();
    if without > 0 {
        let (all, are) = (expected.len(), if without == 1 { "has" } else { "have" });
        return Ok(Committed::Not(format!("{without} of {all} tests {are} no snapshot")));
    }
    let root = workspace.root();
    let dir = root.strip_prefix(&repository.root).unwrap_or(Path::new(""));
    let dir = dir.to_string_lossy().replace('\\', "/");
    let paths = repository.paths(&base.commit, &dir)?;
    let own = measured.records.iter().filter_map(|record| record.snapshot.as_deref()).collect();
    let FoundSnapshots { mut snapshots, ambiguous } = found(repository, base, &dir, &paths, &own)?;
    if let Some(test) = ambiguous.first() {
        return Ok(Committed::Not(format!("it has several of {test}")));
    }
    if snapshots.is_empty() {
        return Ok(Committed::Not("it has no snapshots yet".to_owned()));
    }
    let missing = expected.iter().map(|record| &record.test);
    let missing: Vec<_> = missing.filter(|test| !snapshots.contains_key(test)).collect();
    let without = Sources { repository, base, workspace, paths: &paths }.those_with(&missing)?;
    if without > 0 {
        // It is not new: what it did there is to be measured.
        let tests = if without == 1 { "1 test that is" } else { &format!("{without} tests that are") };
        return Ok(Committed::Not(format!("{tests} there already without one")));
    }
    let ours: BTreeSet<&TestId> = measured.records.iter().map(|record| &record.test).collect();
    let was_run = MeasuredTests::of(workspace, selection);
    snapshots.retain(|test, _| ours.contains(test) || was_run.would_include(test));
    let snapshots: Vec<_> = snapshots.into_values().collect();
    let declared = declared(repository, base, &dir, &paths, &snapshots)?;
    let records = snapshots.into_iter().map(|snapshot| {
        let limits = snapshot.source.as_ref().and_then(|source| declared.get(source));
        let budgets = limits.map(|declared| declared.of(&snapshot.test.name).to_vec()).unwrap_or_default();
        let mut record = snapshot.into_record();
        record.budgets = budgets;
        clean_record(record)
    });
    Ok(Committed::Run(Run::new(records.collect())))
}

/// The snapshots of a commit.
#[derive(Default)]
struct FoundSnapshots {
    snapshots: BTreeMap<TestId, Snapshot>,
    /// The tests that have several, of which none lies where the test has its own.
    ambiguous: BTreeSet<TestId>,
}

/// The snapshots among `paths`; `own` are where the tests of the branch have theirs.
fn found(
    repository: &Repository,
    base: &Base,
    dir: &str,
    paths: &[String],
    own: &BTreeSet<&str>,
) -> Result<FoundSnapshots, Error> {
    let mut found = FoundSnapshots::default();
    let mut settled = BTreeSet::new();
    for (path, text) in repository.texts(&base.commit, paths.iter().filter(|path| path.ends_with(".snap")))? {
        let is_own = in_workspace(path, dir).is_some_and(|path| own.contains(path));
        // Where a test has its snapshot, nothing else can stand.
        let snapshot = Snapshot::parse(&text).and_then(|snapshot| match snapshot {
            None if is_own => Err(SnapshotError::Damaged),
            snapshot => Ok(snapshot),
        });
        let snapshot = snapshot.map_err(|source| Error::Snapshot {
            path: path.to_owned(),
            commit: crate::git::short(&base.commit).to_owned(),
            source,
        })?;
        let Some(snapshot) = snapshot else { continue };
        let test = snapshot.test.clone();
        // Where a test has moved, one may have been left behind.
        let is_known = found.snapshots.contains_key(&test);
        if is_known {
            found.ambiguous.insert(test.clone());
        }
        if is_own {
            settled.insert(test.clone());
        }
        if is_own || !is_known {
            found.snapshots.insert(test, snapshot);
        }
    }
    found.ambiguous.retain(|test| !settled.contains(test));
    Ok(found)
}

/// The path from the workspace's root, which is `dir`.
fn in_workspace<'a>(path: &'a str, dir: &str) -> Option<&'a str> {
    path.strip_prefix(dir).map(|path| path.trim_start_matches('/'))
}

/// The limits of these tests, by the file that they stand in, which is one of `paths`.
fn declared(
    repository: &Repository,
    base: &Base,
    dir: &str,
    paths: &[String],
    snapshots: &[Snapshot],
) -> Result<BTreeMap<String, Declared>, Error> {
    let sources: BTreeSet<_> = snapshots.iter().filter_map(|snapshot| snapshot.source.clone()).collect();
    let are_sources =
        paths.iter().filter(|path| in_workspace(path, dir).is_some_and(|path| sources.contains(path)));
    let texts = repository.texts(&base.commit, are_sources)?;
    let declared = texts
        .iter()
        .filter_map(|(path, text)| Some((in_workspace(path, dir)?.to_owned(), Declared::parse(text))));
    Ok(declared.collect())
}

/// What stands in the sources of the baseline.
struct Sources<'a> {
    repository: &'a Repository,
    base: &'a Base,
    workspace: &'a Workspace,
    /// Its files, from the top of the repository.
    paths: &'a [String],
}

impl Sources<'_> {
    /// How many of `tests` it has.
    fn those_with(&self, tests: &[&TestId]) -> Result<usize, Error> {
        let mut of_packages = BTreeMap::<&str, Vec<&TestId>>::new();
        for test in tests {
            of_packages.entry(&test.package).or_default().push(test);
        }
        let mut found = 0;
        for (package, tests) in of_packages {
            let declared = self.of_package(package)?;
            found += tests.iter().filter(|test| declared.iter().any(|it| it.may_have(&test.name))).count();
        }
        Ok(found)
    }

    /// What stands in the sources of a package; in all of them, if there is nothing where the branch has it.
    fn of_package(&self, package: &str) -> Result<Vec<Declared>, Error> {
        let packages = self.workspace.metadata.workspace_packages();
        let package = packages.iter().find(|it| it.name == package).and_then(|it| it.manifest_path.parent());
        let dir = package.and_then(|dir| dir.as_std_path().strip_prefix(&self.repository.root).ok());
        let dir = dir.unwrap_or(Path::new(""));
        let sources = || self.paths.iter().filter(|path| path.ends_with(".rs"));
        let mut wanted: Vec<_> = sources().filter(|path| Path::new(path).starts_with(dir)).collect();
        if wanted.is_empty() {
            wanted = sources().collect();
        }
        let texts = self.repository.texts(&self.base.commit, wanted.into_iter())?;
        Ok(texts.iter().map(|(_, text)| Declared::parse(text)).collect())
    }
}

/// What was run on the branch, as far as it can be told from the outside.
struct MeasuredTests<'a> {
    /// Packages of the workspace that were left out.
    left_out: BTreeSet<&'a str>,
    /// Whether only some of the tests of a package were run.
    is_filtered: bool,
}

impl<'a> MeasuredTests<'a> {
    fn of(workspace: &'a Workspace, selection: &Selection) -> Self {
        let all = workspace.metadata.workspace_packages();
        let tested = selection.packages_in(workspace);
        let is_left_out = |name: &&str| tested.as_ref().is_some_and(|tested| !tested.contains(*name));
        let left_out = all.iter().map(|package| package.name.as_str()).filter(is_left_out).collect();
        MeasuredTests { left_out, is_filtered: selection.names_some() }
    }

    /// Whether a test of the baseline would have been run if it were still there. In doubt it would not: it is not told to be gone.
    fn would_include(&self, test: &TestId) -> bool {
        !self.is_filtered && !self.left_out.contains(test.package.as_str())
    }
}
