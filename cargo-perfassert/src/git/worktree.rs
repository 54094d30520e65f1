//! A second checkout of one commit, gone when it is dropped.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Repository, ask, git, trimmed};
use crate::error::{Error, io};
use crate::process;

/// A detached worktree of one commit, in a directory of its own outside the repository.
///
/// It lies outside because cargo merges every `.cargo/config.toml` of the directories above, and asks every manifest
/// above whether it is the workspace.
#[derive(Debug)]
pub struct Worktree<'a> {
    repository: &'a Repository,
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
        let dir = tempfile::Builder::new()
            .prefix("perfassert-")
            .tempdir()
            .map_err(io("creating a directory in", std::env::temp_dir()))?
            .keep();
        fs::write(note, dir.as_os_str().as_encoded_bytes()).map_err(io("writing", note))?;
        let worktree = Worktree { repository, dir, note: note.to_owned() };
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
        if worktree.dir.join(".gitmodules").exists() {
            ask(&worktree.dir, &["submodule", "update", "--init", "--recursive"])?;
        }
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
        remove(self.repository, &self.dir, &self.note);
    }
}

/// Removes what can be removed; what cannot is removed by the next run, which finds the note.
///
/// It starts git by itself: it must also work after Ctrl-C, when [`process`] refuses to start anything.
fn remove(repository: &Repository, dir: &Path, note: &Path) {
    let ours = dir.file_name().is_some_and(|name| name.to_string_lossy().starts_with("perfassert-"));
    if ours {
        // Twice forced: also one that git has locked because it was killed while making it.
        let _ = git(&repository.root).args(["worktree", "remove", "--force", "--force"]).arg(dir).output();
        if dir.exists() && fs::remove_dir_all(dir).is_err() {
            return;
        }
    }
    let pruned = git(&repository.root).args(["worktree", "prune"]).output();
    if pruned.is_ok_and(|output| output.status.success()) {
        let _ = fs::remove_file(note);
    }
}
