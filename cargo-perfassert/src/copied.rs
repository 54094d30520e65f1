//! Files that git ignores and a build needs: generated sources, a `.env`. A checkout of another commit does not have them, so `copy` in
//! `perfassert.toml` names those that the baseline is to have of the working tree.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, io};
use crate::git::Repository;
use crate::settings::Settings;
use crate::workspace::Workspace;

/// The files that `copy` names.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CopiedFiles {
    /// The workspace's root in the repository.
    root: PathBuf,
    /// Paths from there, sorted.
    files: BTreeSet<String>,
    /// The entries that match nothing.
    unmet: Vec<String>,
}

impl CopiedFiles {
    /// Finds them.
    ///
    /// # Errors
    ///
    /// When an entry leaves the repository.
    pub(crate) fn find(repository: &Repository, workspace: &Workspace) -> Result<Self, Error> {
        let entries: BTreeSet<_> =
            Settings::of_each(workspace).into_values().flat_map(|of| of.copy).collect();
        let root = workspace.root();
        let Ok(inside) = root.strip_prefix(&repository.root) else { return Ok(Self::default()) };
        let mut copied = CopiedFiles { root: inside.to_owned(), ..Self::default() };
        for entry in entries {
            if !stays_in(inside, &entry) {
                return Err(Error::Usage(format!(
                    "`copy` in perfassert.toml: {entry:?} leads out of the repository; name files from the workspace's root on"
                )));
            }
            let found = repository.untracked(root, &entry)?;
            if found.is_empty() {
                copied.unmet.push(entry);
            }
            copied.files.extend(found);
        }
        Ok(copied)
    }

    /// Copies them to the checkout `worktree`, and says which entry matches nothing.
    ///
    /// # Errors
    ///
    /// When a file cannot be copied.
    pub(crate) fn copy(
        &self,
        repository: &Repository,
        worktree: &Path,
        progress: &mut dyn Write,
    ) -> Result<(), Error> {
        for entry in &self.unmet {
            let _ = writeln!(
                progress,
                "perfassert: copy = [{entry:?}] matches no file that git leaves out\n  help: name files from the workspace's \
                 root on, as `src/generated/**`; what git has is in the baseline by itself"
            );
        }
        let top = worktree.canonicalize().map_err(io("reading", worktree))?;
        for file in &self.files {
            let (from, to) = (repository.root.join(&self.root).join(file), top.join(&self.root).join(file));
            let dir = to.parent().unwrap_or(&top);
            fs::create_dir_all(dir).map_err(io("creating", dir))?;
            // The commit may have a link here, to anywhere.
            if dir.canonicalize().is_ok_and(|dir| dir.starts_with(&top)) && !to.exists() {
                copy(&from, &to).map_err(io("copying", from))?;
            }
        }
        Ok(())
    }

    /// What the counts of a baseline depend on.
    pub(crate) fn hash(&self, repository: &Repository, hasher: &mut impl Hasher) {
        for file in &self.files {
            file.hash(hasher);
            fs::read(repository.root.join(&self.root).join(file)).ok().hash(hasher);
        }
    }
}

/// Whether an entry stays in the repository, of which the workspace's root is the directory `root`.
fn stays_in(root: &Path, entry: &str) -> bool {
    let mut depth = root.components().count();
    Path::new(entry).components().all(|component| match component {
        Component::Normal(_) => {
            depth += 1;
            true
        }
        Component::CurDir => true,
        Component::ParentDir => {
            let is_inside = depth > 0;
            depth = depth.saturating_sub(1);
            is_inside
        }
        Component::RootDir | Component::Prefix(_) => false,
    })
}

/// A link leads from the checkout where it led.
#[cfg(unix)]
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::read_link(from) {
        Ok(target) => std::os::unix::fs::symlink(target, to),
        Err(_) => fs::copy(from, to).map(|_| ()),
    }
}

#[cfg(not(unix))]
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to).map(|_| ())
}

/// What git ignores in the working tree and `output`, of a build that failed in the checkout `worktree`, speaks of: patterns for `copy`.
///
/// # Errors
///
/// When git fails.
pub(crate) fn missing(
    repository: &Repository,
    workspace: &Workspace,
    worktree: &Path,
    output: &str,
) -> Result<Vec<String>, Error> {
    let root = workspace.root();
    let inside = root.strip_prefix(&repository.root).unwrap_or(Path::new(""));
    let mut missing = Vec::new();
    for path in repository.ignored(root)? {
        let of_checkout = worktree.join(inside).join(&path);
        if root.join(&path).join("CACHEDIR.TAG").exists() || of_checkout.exists() {
            continue;
        }
        let is_dir = path.ends_with('/');
        let variables = || variables(&fs::read_to_string(root.join(&path)).unwrap_or_default());
        let is_environment = !is_dir
            && Path::new(&path).file_name().is_some_and(|name| name.to_string_lossy().starts_with(".env"));
        if mentions(output, &path)
            || mentions(output, &of_checkout.to_string_lossy())
            || is_environment && variables().iter().any(|name| mentions(output, name))
        {
            missing.push(if is_dir { format!("{path}**") } else { path });
        }
    }
    Ok(missing)
}

/// The names that a `.env` sets.
fn variables(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.trim_start();
        let (name, _) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        Some(name.trim()).filter(|name| is_name(name)).map(str::to_owned)
    };
    text.lines().filter_map(name).collect()
}

/// Whether a text has a path or a name as a whole: `.env` is not in `std.environment`, nor the directory `build/` in `target/build/`.
fn mentions(text: &str, word: &str) -> bool {
    let is_of_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let is_dir = word.ends_with('/');
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], text[at + word.len()..].chars().next());
        let is_in_another = is_dir && before.ends_with('/') && !before.ends_with("./");
        !before.ends_with(is_of_word) && !is_in_another && (is_dir || !after.is_some_and(is_of_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d52_entries_stay_in_the_repository() {
        let check = |root: &str, entry: &str, expected: bool| {
            assert_eq!(stays_in(Path::new(root), entry), expected, "{entry} from {root}");
        };
        check("", ".env", true);
        check("", "src/generated/**", true);
        check("", "../.env", false);
        check("shop", "../.env", true);
        check("shop", "../../.env", false);
        check("shop", "src/../../../.env", false);
        check("shop", "/etc/passwd", false);
    }

    #[test]
    fn d52_what_a_build_speaks_of() {
        let check = |text: &str, word: &str, expected: bool| {
            assert_eq!(mentions(text, word), expected, "{word} in {text}");
        };
        check("couldn't read `src/generated/schema.rs`: No such file", "src/generated/", true);
        check("couldn't read `/tmp/a/src/schema.rs`: No such file", "src/schema.rs", true);
        check("set `DATABASE_URL` to use query macros online", "DATABASE_URL", true);
        check("couldn't read `src/../generated/a.rs`: No such file", "generated/", true);
        check("in /home/me/shop/target/debug/build/shop-12", "build/", false);
        check("no field TEST_DATABASE_URL", "DATABASE_URL", false);
        check("reading .env: No such file", ".env", true);
        check("std.environment", ".env", false);
        check("src/schema.rs.bak", "schema.r", false);
        assert_eq!(
            variables("# a=1\nDATABASE_URL=postgres://x\nexport PORT = 1\nnot a line\n b c=3"),
            ["DATABASE_URL", "PORT"]
        );
    }
}
