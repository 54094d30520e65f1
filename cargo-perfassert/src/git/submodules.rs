//! The submodules of a second checkout: taken over from the user's own, which may be private, and cloned where that does not have them.

use std::path::{Path, PathBuf};

use super::{ask, git};
use crate::error::Error;
use crate::process;

/// Checks out the submodules of the checkout `here`; `own` is the user's of the same repository.
///
/// # Errors
///
/// When one is to be cloned, and git fails.
pub(super) fn check_out(own: &Path, here: &Path) -> Result<(), Error> {
    for Submodule { name, path } in submodules(here)? {
        let place = format!(":(literal){path}");
        match source(own, here, &name, &path)? {
            Some(source) => {
                let url = format!("submodule.{name}.url={}", source.display());
                // The address is ours, and no one's that came with the commit.
                let taken =
                    ["-c", &url, "-c", "protocol.file.allow=always", "submodule", "update", "--init", "--"];
                ask(here, &[&taken[..], &[&place]].concat())?;
                check_out(&own.join(&path), &here.join(&path))?;
            }
            None => {
                ask(here, &["submodule", "update", "--init", "--recursive", "--", &place])?;
            }
        }
    }
    Ok(())
}

struct Submodule {
    name: String,
    path: String,
}

/// Those that the commit has.
fn submodules(here: &Path) -> Result<Vec<Submodule>, Error> {
    if !here.join(".gitmodules").exists() {
        return Ok(Vec::new());
    }
    let asked = ["config", "-z", "--file", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$"];
    // Git fails where the file names no submodule.
    let listed = process::output(git(here).args(asked))?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let submodule = |entry: &str| {
        let (key, path) = entry.split_once('\n')?;
        let name = key.strip_prefix("submodule.")?.strip_suffix(".path")?;
        Some(Submodule { name: name.to_owned(), path: path.to_owned() })
    };
    Ok(listed.split_terminator('\0').filter_map(submodule).collect())
}

/// Where the user has the submodule, with the commit that `here` asks for.
fn source(own: &Path, here: &Path, name: &str, path: &str) -> Result<Option<PathBuf>, Error> {
    // `-c` ends a name at the first of these.
    if name.contains('=') {
        return Ok(None);
    }
    let asked = ask(here, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("HEAD:{path}")]);
    let Ok(commit) = asked else { return Ok(None) };
    let checked_out = own.join(path);
    let places = [
        checked_out.join(".git").exists().then(|| ask(&checked_out, &["rev-parse", "--absolute-git-dir"])),
        own.join(".git").exists().then(|| {
            let common = ask(own, &["rev-parse", "--git-common-dir"])?;
            Ok(own.join(common).join("modules").join(name).display().to_string())
        }),
    ];
    for place in places.into_iter().flatten() {
        let Ok(place) = place else { continue };
        let has_it = ["--git-dir", &place, "cat-file", "-e", &format!("{commit}^{{commit}}")];
        if Path::new(&place).is_dir() && process::output(git(here).args(has_it))?.status.success() {
            return Ok(Some(PathBuf::from(place)));
        }
    }
    Ok(None)
}
