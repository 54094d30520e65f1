//! A second checkout of one commit, gone when it is dropped.

use std::fs;
use std::path::{Path, PathBuf};

use super::surroundings::Surroundings;
use super::{Repository, git, submodules, trimmed};
use crate::error::{Error, io};
use crate::process;

/// A detached worktree of one commit, in a directory of its own outside the repository, from where relative paths lead to what
/// they lead to in the repository itself, also out of it.
#[derive(Debug)]
pub struct Worktree<'a> {
    repository: &'a Repository,
    surroundings: Surroundings,
    dir: PathBuf,
    note: PathBuf,
}

impl<'a> Worktree<'a> {
    /// Checks `commit` out.
    ///
    /// `note` is a file that says where the worktree is as long as it is there: one that was left behind by a
    /// process that was killed is removed first.
    /// The caller holds a lock on what `note` stands for.
    ///
    /// # Errors
    ///
    /// When git fails or a file cannot be written.
    pub fn add(repository: &'a Repository, commit: &str, note: &Path) -> Result<Self, Error> {
        if let Ok(left) = fs::read_to_string(note) {
            remove(repository, Path::new(&left), note);
        }
        let surroundings = Surroundings::make()?;
        fs::write(note, surroundings.top.as_os_str().as_encoded_bytes()).map_err(io("writing", note))?;
        let dir = surroundings.place_of(&repository.root);
        let worktree = Worktree { repository, surroundings, dir, note: note.to_owned() };
        worktree.surroundings.surround(&repository.root)?;
        let added = process::output(
            git(&repository.root)
                // The user's hooks are for the user's own checkouts.
                .args(["-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--force", "--detach"])
                .arg(&worktree.dir)
                .arg(commit),
        )?;
        if !added.status.success() {
            let command = format!("worktree add --detach {} {commit}", worktree.dir.display());
            return Err(Error::Git { command, message: trimmed(&added.stderr) });
        }
        submodules::check_out(&repository.root, &worktree.dir)?;
        Ok(worktree)
    }

    /// The top of the checkout.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Worktree<'_> {
    fn drop(&mut self) {
        remove(self.repository, &self.surroundings.top, &self.note);
    }
}

/// Removes what can be removed; what cannot is removed by the next run, which finds the note.
///
/// It starts git by itself: it must also work after Ctrl-C, when [`process`] refuses to start anything.
fn remove(repository: &Repository, top: &Path, note: &Path) {
    if let Some(surroundings) = Surroundings::at(top) {
        let dir = surroundings.place_of(&repository.root);
        // Twice forced: also one that git has locked because it was killed while making it.
        let _ = git(&repository.root).args(["worktree", "remove", "--force", "--force"]).arg(dir).output();
        // Links are removed, and never followed.
        if top.exists() && fs::remove_dir_all(top).is_err() {
            return;
        }
    }
    let pruned = git(&repository.root).args(["worktree", "prune"]).output();
    if pruned.is_ok_and(|output| output.status.success()) {
        let _ = fs::remove_file(note);
    }
}
