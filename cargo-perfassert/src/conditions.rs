//! What the counts of a baseline depend on besides its commit: they are kept for these conditions, and for no others.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use perfassert_record::record;

use crate::copied::CopiedFiles;
use crate::error::Error;
use crate::git::{Base, Repository};
use crate::isolate::Configured;
use crate::measure::{Runner, Selection};
use crate::workspace::{Workspace, rustc};

/// Variables that say where and for whom a command runs, and nothing to the code: every shell and every job has others.
const OF_SESSIONS: [&str; 22] = [
    "ACTIONS_",
    "BUILDKITE_",
    "CIRCLE_",
    "CI_",
    "DBUS_",
    "GITHUB_",
    "GITLAB_",
    "GIT_",
    "GPG_",
    "HIST",
    "ITERM_",
    "JENKINS_",
    "KITTY_",
    "LESS",
    "RUNNER_",
    "SSH_",
    "SYSTEMD_",
    "TERM",
    "TMUX",
    "VSCODE_",
    "WEZTERM_",
    "XDG_",
];

/// The same, whole names.
const OF_SESSION: [&str; 31] = [
    "_",
    "ALACRITTY_WINDOW_ID",
    "BUILD_ID",
    "BUILD_NUMBER",
    "BUILD_URL",
    "CARGO",
    "CARGO_TARGET_DIR",
    "COLORTERM",
    "COLUMNS",
    "DISPLAY",
    "EDITOR",
    "HOSTNAME",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LINES",
    "LOGNAME",
    "LS_COLORS",
    "MAIL",
    "OLDPWD",
    "PAGER",
    "PATH",
    "PS1",
    "PWD",
    "SHELL",
    "SHLVL",
    "STY",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USER",
    "WT_SESSION",
];

/// What a baseline is made of.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The commit.
    pub base: &'a Base,
    /// The branch's workspace: its compiled dependencies are taken over.
    pub head: &'a Workspace,
    /// The branch's target directory.
    pub target_dir: &'a Path,
    /// Where perfassert keeps its files.
    pub home: &'a Path,
    /// What to build and run.
    pub selection: &'a Selection,
    /// What runs it.
    pub runner: Runner,
    /// How often it is run.
    pub repeat: u32,
    /// Whether to measure although the commit has been measured.
    pub rebuild: bool,
    /// Whether the runner's output may have colours.
    pub color: bool,
}

impl Request<'_> {
    /// A number for everything that a baseline's counts depend on besides its commit.
    ///
    /// # Errors
    ///
    /// When the compiler or git cannot be asked.
    pub(crate) fn conditions(&self) -> Result<u64, Error> {
        let Request { head, selection, runner, .. } = *self;
        let mut hasher = DefaultHasher::new();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        record::VERSION.hash(&mut hasher);
        perfassert_record::sql::VERSION.hash(&mut hasher);
        rustc(&head.dir, &["-vV"])?.hash(&mut hasher);
        runner.hash(&mut hasher);
        self.repeat.hash(&mut hasher);
        Configured::read(&head.dir, selection.target.as_deref(), &selection.config)?.hash(&mut hasher);
        match self.packages() {
            // Counts are kept package by package.
            Some(_) => {
                head.root().strip_prefix(&self.repository.root).ok().hash(&mut hasher);
                selection.of_packages(&BTreeSet::new()).build_arguments(runner).hash(&mut hasher);
            }
            None => {
                (self.relative_dir(), &selection.manifest_path).hash(&mut hasher);
                selection.build_arguments(runner).hash(&mut hasher);
            }
        }
        selection.run_arguments(runner)?.hash(&mut hasher);
        variables(std::env::vars_os()).hash(&mut hasher);
        lock_file(self)?.hash(&mut hasher);
        CopiedFiles::find(self.repository, head)?.hash(self.repository, &mut hasher);
        for dir in packages_elsewhere(self) {
            hash_sources(&dir, &mut hasher);
        }
        Ok(hasher.finish())
    }

    /// The packages that are asked for; `None` where only cargo knows.
    pub(crate) fn packages(&self) -> Option<Packages> {
        let asked = self.selection.packages_in(self.head)?;
        let members = Packages::of(self.head);
        Some(Packages { are_all: asked == members, asked, members })
    }

    /// The directory that cargo is started in, inside the repository: it decides which packages are the default.
    pub(crate) fn relative_dir(&self) -> &Path {
        let dir = self.head.dir.as_path();
        dir.strip_prefix(&self.repository.root).unwrap_or(Path::new(""))
    }
}

/// The packages that a baseline is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Packages {
    /// By name, as the branch has them.
    asked: BTreeSet<String>,
    /// Whether they are all that the branch has: then those are meant, too, that it has no more.
    are_all: bool,
    members: BTreeSet<String>,
}

impl Packages {
    /// Stands for the packages that the branch has no more; none can be called so.
    const GONE: &'static str = "*";

    fn of(workspace: &Workspace) -> BTreeSet<String> {
        workspace.metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect()
    }

    /// Their names.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let gone = self.are_all.then(|| Self::GONE.to_owned());
        self.asked.iter().cloned().chain(gone).collect()
    }

    /// Whether this package is one of them.
    pub(crate) fn have(&self, package: &str) -> bool {
        self.asked.contains(package) || self.are_all && !self.members.contains(package)
    }

    /// Which of these names are packages of the workspace `here`, which is that of the baseline.
    pub(crate) fn here(names: &BTreeSet<String>, here: &Workspace, head: &Workspace) -> BTreeSet<String> {
        let members = Packages::of(head);
        let is_named = |package: &String| {
            names.contains(package) || names.contains(Self::GONE) && !members.contains(package)
        };
        Packages::of(here).into_iter().filter(is_named).collect()
    }
}

/// Those that a test may be told something by: a database's address, say.
fn variables(all: impl Iterator<Item = (OsString, OsString)>) -> BTreeMap<OsString, OsString> {
    let is_of_session = |name: &OsString| {
        let name = name.to_string_lossy();
        OF_SESSION.contains(&&*name) || OF_SESSIONS.iter().any(|prefix| name.starts_with(prefix))
    };
    all.filter(|(name, _)| !is_of_session(name)).collect()
}

/// The branch's lock file, where the commit has none and is measured with this one.
fn lock_file(request: &Request<'_>) -> Result<Option<Vec<u8>>, Error> {
    let root = request.head.root();
    let Ok(inside) = root.strip_prefix(&request.repository.root) else { return Ok(None) };
    let inside = inside.join("Cargo.lock").to_string_lossy().replace('\\', "/");
    let is_committed = !request.repository.paths(&request.base.commit, &inside)?.is_empty();
    Ok(if is_committed { None } else { fs::read(root.join("Cargo.lock")).ok() })
}

/// The packages that are compiled from directories outside the repository: a commit says nothing of them.
fn packages_elsewhere(request: &Request<'_>) -> Vec<PathBuf> {
    let local = request.head.metadata.packages.iter().filter(|package| package.source.is_none());
    let dirs = local.filter_map(|package| package.manifest_path.parent());
    let elsewhere = dirs.filter(|dir| !dir.starts_with(&request.repository.root));
    elsewhere.map(|dir| dir.as_std_path().to_owned()).collect()
}

/// The files below a directory, but for what is hidden and what cargo has built.
fn hash_sources(dir: &Path, hasher: &mut DefaultHasher) {
    let mut entries: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (name, path) = (entry.file_name(), entry.path());
        let is_left_out = name.to_string_lossy().starts_with('.') || path.join("CACHEDIR.TAG").exists();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !is_left_out => hash_sources(&path, hasher),
            Ok(kind) if kind.is_file() && !is_left_out => {
                name.hash(hasher);
                fs::read(&path).ok().hash(hasher);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_may_be_told_something_by_what_is_no_session_s() {
        let check = |name: &str, expected: bool| {
            let all = [(OsString::from(name), OsString::from("1"))];
            assert_eq!(variables(all.into_iter()).len(), usize::from(expected), "{name}");
        };
        for name in
            ["DATABASE_URL", "PGHOST", "APP__PAGE_SIZE", "RUST_LOG", "CARGO_PROFILE_DEV_DEBUG", "TZ", "CI"]
        {
            check(name, true);
        }
        for name in ["GITHUB_RUN_ID", "SHLVL", "TERM_SESSION_ID", "PWD", "CARGO_TARGET_DIR", "_"] {
            check(name, false);
        }
    }

    #[test]
    fn sources_are_told_apart_by_name_and_text() {
        let hash = |files: &[(&str, &str)]| {
            let dir = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = dir.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            let mut hasher = DefaultHasher::new();
            hash_sources(dir.path(), &mut hasher);
            hasher.finish()
        };
        let plain = hash(&[("src/lib.rs", "a")]);
        assert_eq!(
            plain,
            hash(&[("src/lib.rs", "a"), (".git/HEAD", "1"), ("target/CACHEDIR.TAG", ""), ("target/a", "")])
        );
        assert_ne!(plain, hash(&[("src/lib.rs", "b")]));
        assert_ne!(plain, hash(&[("src/main.rs", "a")]));
    }
}
