//! The commit to compare with, a worktree of it, and the lines that a branch changed; by the user's own git.

mod base;
mod files;
mod moved;
mod submodules;
mod surroundings;
mod touched;
mod worktree;

pub use base::{Base, BaseOrigin};
pub use moved::MovedLines;
pub use touched::Touched;
pub use worktree::Worktree;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::clean::{clean, clean_lines};
use crate::error::{Error, io};
use crate::process;

/// A repository, seen from a directory inside it.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The top of the working tree.
    pub root: PathBuf,
}

impl Repository {
    /// Finds the repository of `dir`.
    ///
    /// # Errors
    ///
    /// When there is none, or git is not installed.
    pub fn find(dir: &Path) -> Result<Self, Error> {
        let output = process::output(git(dir).args(["rev-parse", "--show-toplevel"]))?;
        if !output.status.success() {
            return Err(Error::NoRepository);
        }
        let root = PathBuf::from(trimmed(&output.stdout));
        Ok(Repository { root: root.canonicalize().map_err(io("reading", root))? })
    }

    /// Whether a tracked file differs from HEAD or an untracked one is not ignored.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn is_dirty(&self) -> Result<bool, Error> {
        Ok(!self.ask(&["status", "--porcelain"])?.is_empty())
    }

    /// The full name of the commit that `name` stands for, if there is one.
    fn commit(&self, name: &str) -> Result<Option<String>, Error> {
        let wanted = format!("{name}^{{commit}}");
        self.try_ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])
    }

    /// What git prints on standard output.
    fn ask(&self, arguments: &[&str]) -> Result<String, Error> {
        ask(&self.root, arguments)
    }

    /// What git prints on standard output, or nothing where it fails.
    fn try_ask(&self, arguments: &[&str]) -> Result<Option<String>, Error> {
        let output = process::output(git(&self.root).args(arguments))?;
        Ok(output.status.success().then(|| trimmed(&output.stdout)))
    }
}

/// The first characters of a commit's name, enough for a person.
#[must_use]
pub fn short(commit: &str) -> &str {
    commit.get(..9).unwrap_or(commit)
}

/// Git in `dir`: no lock that is not needed, so that the user's index stays as it is, and no variable that a hook
/// around us has set for another directory.
fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("--no-optional-locks").current_dir(dir).env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// What git, started in `dir`, prints on standard output.
fn ask(dir: &Path, arguments: &[&str]) -> Result<String, Error> {
    let output = process::output(git(dir).args(arguments))?;
    if output.status.success() {
        Ok(trimmed(&output.stdout))
    } else {
        let message = clean_lines(&trimmed(&output.stderr));
        Err(Error::Git { command: clean(&arguments.join(" ")).into_owned(), message })
    }
}

fn trimmed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
