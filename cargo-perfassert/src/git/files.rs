//! Files as a commit has them.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use super::{Repository, ask, git};
use crate::error::{Error, io};
use crate::process;

impl Repository {
    /// The files below `dir` that `commit` has: paths from the top of the repository. `dir` is relative to it too.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn paths(&self, commit: &str, dir: &str) -> Result<Vec<String>, Error> {
        let below = if dir.is_empty() { "." } else { dir };
        let listed = self.ask(&["ls-tree", "-r", "-z", "--name-only", commit, "--", below])?;
        // git is asked for a file by a line of its own.
        Ok(listed.split_terminator('\0').filter(|path| !path.contains('\n')).map(str::to_owned).collect())
    }

    /// The files that git does not have and `pattern` matches, which is relative to `dir`: paths from there.
    ///
    /// # Errors
    ///
    /// When git fails, as for a pattern that leaves the repository.
    pub fn untracked(&self, dir: &Path, pattern: &str) -> Result<Vec<String>, Error> {
        let pattern = format!(":(glob){pattern}");
        let listed = ask(dir, &["ls-files", "--others", "-z", "--", &pattern])?;
        // What ends like this is another repository.
        Ok(listed.split_terminator('\0').filter(|path| !path.ends_with('/')).map(str::to_owned).collect())
    }

    /// A file below `dir` that is under version control, if there is one.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn tracked(&self, dir: &Path) -> Result<Option<String>, Error> {
        // A link may lead anywhere.
        let Ok(dir) = dir.canonicalize() else { return Ok(None) };
        let Ok(inside) = dir.strip_prefix(&self.root) else { return Ok(None) };
        let pattern = format!(":(literal){}", inside.to_string_lossy().replace('\\', "/"));
        let listed = self.ask(&["ls-files", "-z", "--", &pattern])?;
        Ok(listed.split_terminator('\0').next().map(str::to_owned))
    }

    /// What git ignores below `dir`: paths from there, of a directory with a slash at the end.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn ignored(&self, dir: &Path) -> Result<Vec<String>, Error> {
        let listed =
            ask(dir, &["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"])?;
        Ok(listed.split_terminator('\0').map(str::to_owned).collect())
    }

    /// Of these [`paths`](Self::paths) the texts that `commit` has.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn texts<'a>(
        &self,
        commit: &str,
        paths: impl Iterator<Item = &'a String>,
    ) -> Result<Vec<(&'a str, String)>, Error> {
        let wanted: Vec<&str> = paths.map(String::as_str).collect();
        let mut asked = tempfile::tempfile().map_err(io("creating", std::env::temp_dir()))?;
        let questions: String = wanted.iter().map(|path| format!("{commit}:{path}\n")).collect();
        let written = asked.write_all(questions.as_bytes());
        written
            .and_then(|()| std::io::Seek::rewind(&mut asked))
            .map_err(io("writing", std::env::temp_dir()))?;
        let output = process::output_for(git(&self.root).args(["cat-file", "--batch"]), asked)?;
        let texts = objects(&output.stdout).filter(|texts| texts.len() == wanted.len());
        let texts = texts.ok_or_else(|| Error::Git {
            command: "cat-file --batch".to_owned(),
            message: super::trimmed(&output.stderr),
        })?;
        Ok(wanted.into_iter().zip(texts).collect())
    }
}

/// What `cat-file --batch` prints: for each object a line with its name, kind and size, the object, and a line break.
fn objects(mut printed: &[u8]) -> Option<Vec<String>> {
    let mut objects = Vec::new();
    while !printed.is_empty() {
        let mut head = String::new();
        printed.read_line(&mut head).ok()?;
        let size = head.trim_end().rsplit(' ').next()?.parse::<usize>().ok()?;
        let mut object = vec![0; size];
        printed.read_exact(&mut object).ok()?;
        printed = printed.strip_prefix(b"\n")?;
        objects.push(String::from_utf8_lossy(&object).into_owned());
    }
    Some(objects)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_by_their_size() {
        assert_eq!(
            objects(b"1f2e blob 4\na\nb\n\n0abc blob 0\n\n"),
            Some(vec!["a\nb\n".to_owned(), String::new()])
        );
        assert_eq!(objects(b"main:a.snap missing\n"), None);
        assert_eq!(objects(b"1f2e blob 9\ncut"), None);
    }
}
