//! The other side of a diff: the tests of another commit, measured in a worktree and cached by that commit.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use perfassert_record::record::{Record, TestId};

use crate::conditions::Packages;
use crate::copied::{self, CopiedFiles};
use crate::error::{Error, io};
use crate::git::{self, Worktree};
use crate::kept::KeptCounts;
use crate::measure::{Failures, Measured, Measurement, Selection};
use crate::process;
use crate::repeat::is_unusable;
use crate::runs::Run;
use crate::seed::seed;
use crate::workspace::{Workspace, cargo_command};

pub use crate::conditions::Request;

/// The other side.
#[derive(Debug)]
pub enum Baseline<'a> {
    /// Its tests were measured, and can be measured again.
    Measured(Measured, Box<Bench<'a>>),
    /// They were measured by an earlier diff.
    Cached(Measured),
    /// It measures nothing yet, because of this: it has no perfassert, or not one of the packages asked for.
    Nothing(String),
}

/// The commit, checked out and built, for as long as nobody else builds a baseline of this workspace.
#[derive(Debug)]
pub struct Bench<'a> {
    request: Request<'a>,
    workspace: Workspace,
    /// What there is here of the request's.
    selection: Selection,
    target_dir: PathBuf,
    /// Where its counts are kept, if they are those of all its tests.
    kept_dir: Option<KeptDir>,
    worktree: Worktree<'a>,
    _lock: File,
}

impl Bench<'_> {
    /// Measures some of its tests once more, and adds what that finds to `measured`.
    ///
    /// # Errors
    ///
    /// When the tests cannot be run.
    pub fn look_again(
        &self,
        measured: &mut Measured,
        tests: &[TestId],
        progress: &mut dyn Write,
    ) -> Result<(), Error> {
        let mut look = self.measure(&self.selection.only(tests, self.request.runner), false, progress)?;
        // What fails now has counted something before.
        look.repeats.retain(|record| !is_unusable(record));
        look.failures = Failures::default();
        look.unrecorded.clear();
        measured.look_again(look);
        self.keep(measured)
    }

    /// Runs some of its tests once, and has them leave explanations.
    ///
    /// # Errors
    ///
    /// When the tests cannot be run.
    pub fn explain(&self, tests: &[TestId], progress: &mut dyn Write) -> Result<Measured, Error> {
        self.measure(&self.selection.only(tests, self.request.runner), true, progress)
    }

    fn measure(
        &self,
        selection: &Selection,
        explain: bool,
        progress: &mut dyn Write,
    ) -> Result<Measured, Error> {
        let measurement = Measurement {
            workspace: &self.workspace,
            selection,
            runner: self.request.runner,
            target_dir: &self.target_dir,
            own_build_dir: true,
            repeat: if explain { 1 } else { self.request.repeat },
            color: self.request.color,
            explain,
        };
        measurement.run(progress).map_err(|error| self.for_want_of_files(error))
    }

    /// A build that failed, with the files that it speaks of and the checkout does not have.
    fn for_want_of_files(&self, error: Error) -> Error {
        let Error::Build { output } = error else { return error };
        let Request { repository, head, .. } = self.request;
        match copied::missing(repository, head, self.worktree.path(), &output) {
            Ok(files) if !files.is_empty() => Error::BuildWithout { files },
            _ => Error::Build { output },
        }
    }

    /// Keeps the counts, unless there was a failure: that may be gone the next time.
    fn keep(&self, measured: &Measured) -> Result<(), Error> {
        match &self.kept_dir {
            Some(kept_dir) if measured.is_whole() => kept_dir.keep(&measured.repeats),
            _ => Ok(()),
        }
    }
}

/// Where counts are kept under the same conditions, and what lies there of other packages than those asked for.
#[derive(Debug)]
struct KeptDir {
    file: PathBuf,
    asked: Option<Packages>,
    others: KeptCounts,
}

impl KeptDir {
    /// With what is kept of the packages asked for, and of which of them nothing is.
    fn of(request: &Request<'_>) -> Result<(Self, Option<KeptCounts>, BTreeSet<String>), Error> {
        let name = format!("{}-{:016x}.jsonl", request.base.commit, request.conditions()?);
        let file = home(request).join("records").join(name);
        // What cannot be read as a whole is measured again.
        let kept = KeptCounts::read(&file);
        let Some(asked) = request.packages() else {
            let kept_dir = KeptDir { file, asked: None, others: KeptCounts::default() };
            return Ok((kept_dir, kept, BTreeSet::new()));
        };
        let mut others = kept.unwrap_or_default();
        let kept = others.take(|package| asked.have(package));
        let lacking = asked.names().difference(&kept.packages).cloned().collect();
        let kept = (!kept.packages.is_empty()).then_some(kept);
        Ok((KeptDir { file, asked: Some(asked), others }, kept, lacking))
    }

    fn keep(&self, repeats: &[Record]) -> Result<(), Error> {
        let asked = self.asked.as_ref().map(Packages::names).unwrap_or_default();
        let packages = asked.union(&self.others.packages).cloned().collect();
        let records = repeats.iter().chain(&self.others.records).cloned().collect();
        KeptCounts { packages, records }.write(&self.file)
    }
}

/// Measures the tests of a commit, or finds what was measured before.
///
/// # Errors
///
/// When the commit cannot be checked out, or its tests cannot be built or run.
pub fn baseline<'a>(request: &Request<'a>, progress: &mut dyn Write) -> Result<Baseline<'a>, Error> {
    let lock = lock(request, progress)?;
    let (kept_dir, kept, lacking) = KeptDir::of(request)?;
    let kept = kept.filter(|_| !request.rebuild);
    if let Some(kept) = &kept
        && lacking.is_empty()
    {
        return Ok(Baseline::Cached(measured_before(kept.records.clone())));
    }
    let commit = git::short(&request.base.commit);
    let measured = check_out(request, Some(kept_dir), lock, progress).and_then(|bench| match (bench, kept) {
        (Ok(bench), None) => {
            let measured = bench.measure(&bench.selection, false, progress)?;
            bench.keep(&measured)?;
            Ok(Baseline::Measured(measured, Box::new(bench)))
        }
        (Ok(bench), Some(kept)) => {
            let mut measured = measured_before(kept.records);
            let here = Packages::here(&lacking, &bench.workspace, request.head);
            if !here.is_empty() {
                let names = here.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let _ = writeln!(progress, "perfassert: measured before, but for {names}");
                measured.look_again(bench.measure(&bench.selection.of_packages(&here), false, progress)?);
            }
            bench.keep(&measured)?;
            Ok(Baseline::Measured(measured, Box::new(bench)))
        }
        (Err(reason), _) => Ok(Baseline::Nothing(reason)),
    });
    measured.map_err(|source| of_baseline(source, commit))
}

fn measured_before(repeats: Vec<Record>) -> Measured {
    Measured { run: Run::repeated(repeats.clone()), repeats, ..Measured::default() }
}

/// Has the tests of a commit leave explanations; or says why it measures nothing yet.
///
/// # Errors
///
/// When the commit cannot be checked out, or its tests cannot be built or run.
pub fn explained(request: &Request<'_>, progress: &mut dyn Write) -> Result<Result<Measured, String>, Error> {
    let measured = bench(request, false, progress).and_then(|bench| match bench {
        Ok(bench) => bench.measure(&bench.selection, true, progress).map(Ok),
        Err(reason) => Ok(Err(reason)),
    });
    measured.map_err(|source| of_baseline(source, git::short(&request.base.commit)))
}

fn of_baseline(source: Error, commit: &str) -> Error {
    match source {
        Error::Interrupted => Error::Interrupted,
        source => Error::Baseline { commit: commit.to_owned(), source: Box::new(source) },
    }
}

/// Checks the commit out, to measure again some of the tests whose counts are known: from an earlier diff, or else from snapshots.
/// Why it measures nothing, if so.
///
/// # Errors
///
/// When the commit cannot be checked out.
pub fn bench<'a>(
    request: &Request<'a>,
    is_measured: bool,
    progress: &mut dyn Write,
) -> Result<Result<Bench<'a>, String>, Error> {
    let lock = lock(request, progress)?;
    let kept_dir = is_measured.then(|| KeptDir::of(request).map(|(kept_dir, ..)| kept_dir)).transpose()?;
    check_out(request, kept_dir, lock, progress)
}

/// Where everything is that is made of baselines.
fn home(request: &Request<'_>) -> PathBuf {
    request.home.join("baseline")
}

/// Waits for another diff of this workspace: it builds what this one needs too.
fn lock(request: &Request<'_>, progress: &mut dyn Write) -> Result<File, Error> {
    let home = home(request);
    fs::create_dir_all(&home).map_err(io("creating", &home))?;
    let path = home.join("lock");
    let file = File::create(&path).map_err(io("creating", &path))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                let _ = writeln!(progress, "perfassert: waiting for another diff of this workspace");
            }
            Err(TryLockError::Error(source)) => return Err(io("locking", &path)(source)),
        }
        // Asked again and again, because a wait for the lock itself would not see Ctrl-C.
        for _ in 0..100 {
            std::thread::sleep(std::time::Duration::from_millis(50));
            process::check_interrupt()?;
            if file.try_lock().is_ok() {
                return Ok(file);
            }
        }
    }
}

/// The commit, ready to be built; or why it measures nothing yet.
fn check_out<'a>(
    request: &Request<'a>,
    kept_dir: Option<KeptDir>,
    lock: File,
    progress: &mut dyn Write,
) -> Result<Result<Bench<'a>, String>, Error> {
    let home = home(request);
    let commit = git::short(&request.base.commit);
    let _ = writeln!(progress, "perfassert: building the tests of {commit} in a worktree");
    let worktree = Worktree::add(request.repository, &request.base.commit, &home.join("worktree"))?;
    let dir = Some(worktree.path().join(request.relative_dir())).filter(|dir| dir.is_dir());
    let dir = dir.unwrap_or_else(|| worktree.path().to_owned());
    let manifest = request.head.manifest.as_deref();
    let manifest = manifest.map(|manifest| in_worktree(manifest, request, &worktree)).transpose()?;
    take_over_lock_file(request, &worktree)?;
    CopiedFiles::find(request.repository, request.head)?.copy(
        request.repository,
        worktree.path(),
        progress,
    )?;

    let asked = process::output(cargo_command(&dir).args(["locate-project", "--message-format", "plain"]))?;
    let found = Path::new(String::from_utf8_lossy(&asked.stdout).trim()).canonicalize();
    let top = worktree.path().canonicalize().map_err(io("reading", worktree.path()))?;
    let has_manifest = found.is_ok_and(|manifest| manifest.starts_with(top));
    if !has_manifest && manifest.is_none() {
        return Ok(Err("has no Cargo.toml here yet".to_owned()));
    }
    let workspace = Workspace::read(&dir, manifest.as_deref(), &request.selection.metadata_options())?;
    if !workspace.has_perfassert() {
        return Ok(Err("does not use perfassert yet".to_owned()));
    }
    let mut selection = request.selection.clone();
    if let Some(asked) = request.packages() {
        // Its directories and default members may be other ones.
        let here = Packages::here(&asked.names(), &workspace, request.head);
        if request.selection.packages_in(&workspace).as_ref() != Some(&here) {
            let named = if here.is_empty() { asked.names() } else { here };
            selection = selection.of_packages(&named);
        }
    }
    let Some(selection) = selection.existing_in(&workspace.metadata) else {
        return Ok(Err("has none of these packages or tests yet".to_owned()));
    };

    let target_dir = home.join("target");
    forget_own_packages(&target_dir, &workspace);
    let from = request.head.metadata.build_directory.as_ref();
    let from = from
        .filter(|_| request.selection.target_dir.is_none())
        .map_or(request.target_dir, |dir| dir.as_std_path());
    seed(from, &target_dir, &workspace.metadata)?;
    process::check_interrupt()?;
    Ok(Ok(Bench { request: *request, workspace, selection, target_dir, kept_dir, worktree, _lock: lock }))
}

fn in_worktree(manifest: &Path, request: &Request<'_>, worktree: &Worktree<'_>) -> Result<PathBuf, Error> {
    match manifest.strip_prefix(&request.repository.root) {
        Ok(inside) => Ok(worktree.path().join(inside)),
        // The branch's own manifest would be measured as the baseline.
        Err(_) => Err(Error::Metadata(format!("{} is outside the repository", manifest.display()))),
    }
}

/// A lock file that is not under version control says which dependencies the branch was measured with: the baseline
/// gets the same ones.
fn take_over_lock_file(request: &Request<'_>, worktree: &Worktree<'_>) -> Result<(), Error> {
    let root = request.head.root();
    let Ok(inside) = root.strip_prefix(&request.repository.root) else { return Ok(()) };
    let (from, to) = (root.join("Cargo.lock"), worktree.path().join(inside).join("Cargo.lock"));
    if from.exists() && !to.exists() && to.parent().is_some_and(Path::is_dir) {
        fs::copy(&from, to).map_err(io("copying", from))?;
    }
    Ok(())
}

/// Removes what an earlier baseline left of the workspace's own packages, so that nothing of another commit can be
/// taken for this one's.
fn forget_own_packages(target_dir: &Path, workspace: &Workspace) {
    let own: Vec<String> = workspace
        .metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none())
        .map(|package| format!("{}-", package.name))
        .collect();
    let profiles = crate::seed::profiles(target_dir);
    for fingerprints in profiles.iter().map(|profile| profile.join(".fingerprint")) {
        for entry in fs::read_dir(fingerprints).into_iter().flatten().flatten() {
            if own.iter().any(|prefix| entry.file_name().to_string_lossy().starts_with(prefix)) {
                // One that is left costs nothing but certainty that cargo has by time stamps too.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}
