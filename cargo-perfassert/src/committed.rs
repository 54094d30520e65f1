//! The other side without a build: the snapshots that a commit has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use perfassert::record::snapshot::Snapshot;
use perfassert::record::{Record, TestId};

use crate::declared::Declared;
use crate::error::Error;
use crate::git::{Base, Repository};
use crate::measure::Selection;
use crate::runs::Run;
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
    let without = measured.records.iter().filter(|record| record.snapshot.is_none()).count();
    if without > 0 {
        let (all, are) = (measured.records.len(), if without == 1 { "has" } else { "have" });
        return Ok(Committed::Not(format!("{without} of {all} tests {are} no snapshot")));
    }
    let root = workspace.root();
    let dir = root.strip_prefix(&repository.root).unwrap_or(Path::new(""));
    let dir = dir.to_string_lossy().replace('\\', "/");
    let mut snapshots = BTreeMap::<TestId, Snapshot>::new();
    let paths = repository.paths(&base.commit, &dir)?;
    for (path, text) in repository.texts(&base.commit, paths.iter().filter(|path| path.ends_with(".snap")))? {
        let snapshot = Snapshot::parse(&text).map_err(|source| Error::Snapshot {
            path: path.to_owned(),
            commit: crate::git::short(&base.commit).to_owned(),
            source,
        })?;
        snapshots.extend(snapshot.map(|snapshot| (snapshot.test.clone(), snapshot)));
    }
    if snapshots.is_empty() {
        return Ok(Committed::Not("it has no snapshots yet".to_owned()));
    }
    let ours: BTreeSet<&TestId> = measured.records.iter().map(|record| &record.test).collect();
    let was_run = Ran::of(workspace, selection);
    snapshots.retain(|test, _| ours.contains(test) || was_run.would_include(test));
    let snapshots: Vec<_> = snapshots.into_values().collect();
    let declared = declared(repository, base, &dir, &paths, &snapshots)?;
    let records = snapshots.into_iter().map(|snapshot| {
        let limits = snapshot.source.as_ref().and_then(|source| declared.get(source));
        let budgets = limits.map(|declared| declared.of(&snapshot.test.name).to_vec()).unwrap_or_default();
        Record { budgets, ..snapshot.into_record() }
    });
    Ok(Committed::Run(Run::new(records.collect())))
}

/// The limits of these tests, by the file that they stand in, which is one of `paths`.
fn declared(
    repository: &Repository,
    base: &Base,
    dir: &str,
    paths: &[String],
    snapshots: &[Snapshot],
) -> Result<BTreeMap<String, Declared>, Error> {
    let in_workspace =
        |path: &str| path.strip_prefix(dir).map(|path| path.trim_start_matches('/').to_owned());
    let sources: BTreeSet<_> = snapshots.iter().filter_map(|snapshot| snapshot.source.clone()).collect();
    let are_sources =
        paths.iter().filter(|path| in_workspace(path).is_some_and(|path| sources.contains(&path)));
    let texts = repository.texts(&base.commit, are_sources)?;
    let declared = texts.iter().filter_map(|(path, text)| Some((in_workspace(path)?, Declared::parse(text))));
    Ok(declared.collect())
}

/// What was run on the branch, as far as it can be told from the outside.
struct Ran<'a> {
    /// Packages of the workspace that were left out.
    left_out: BTreeSet<&'a str>,
    /// Whether only some of the tests of a package were run.
    is_filtered: bool,
}

impl<'a> Ran<'a> {
    fn of(workspace: &'a Workspace, selection: &Selection) -> Self {
        let all = workspace.metadata.workspace_packages();
        let default: BTreeSet<_> = if selection.workspace {
            all.iter().map(|package| &package.id).collect()
        } else {
            workspace.metadata.workspace_default_packages().iter().map(|package| &package.id).collect()
        };
        let left_out = all.iter().filter(|package| !default.contains(&package.id));
        Ran {
            left_out: left_out.map(|package| package.name.as_str()).collect(),
            is_filtered: selection.names_some(),
        }
    }

    /// Whether a test of the baseline would have been run if it were still there. In doubt it would not: it is not told to be gone.
    fn would_include(&self, test: &TestId) -> bool {
        !self.is_filtered && !self.left_out.contains(test.package.as_str())
    }
}
