//! Fills a second target directory with what need not be compiled again: the packages of registries and git.
//!
//! Members of the workspace and path dependencies are left out, so cargo compiles them anew; so are incremental
//! caches and final artifacts.
//!
//! ```no_run
//! # use std::path::Path;
//! let metadata = cargo_metadata::MetadataCommand::new().exec()?;
//! cargo_perfassert::seed::seed(Path::new("target"), Path::new("clone/target"), &metadata)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Implementation
//!
//! Whatever cargo or rustc write in place is copied: fingerprints, the outputs of build scripts, dep-info.
//! What they replace as a whole is hard-linked: libraries and proc macros.
//! Time stamps are kept, because cargo compares them.
//! An absolute path in a build script's output needs no change: cargo translates it, by `root-output`.

use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::Path;

use cargo_metadata::{Metadata, Package};

use crate::error;
use crate::error::Error;

/// What [`seed`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeedReport {
    /// Files that were linked.
    pub linked: usize,
    /// Files that were copied.
    pub copied: usize,
}

/// Fills the target directory `to` from the target directory `from`.
///
/// A file that `to` has already is left as it is.
/// Nothing in `from` is changed, now or by later builds in `to`.
///
/// # Errors
///
/// When a directory or a file cannot be read or written.
pub fn seed(from: &Path, to: &Path, metadata: &Metadata) -> Result<SeedReport, Error> {
    let names = Names::of(metadata);
    let mut seeded = SeedReport::default();
    for profile in profiles(from) {
        let Ok(inside) = profile.strip_prefix(from) else { continue };
        // Fingerprints first: one that is there when it is copied tells of files that are complete.
        let (from, to) = (profile.as_path(), to.join(inside));
        for folder in [".fingerprint", "build"] {
            for entry in entries(&from.join(folder)) {
                if names.package(&entry) {
                    seeded.tree(&from.join(folder).join(&entry), &to.join(folder).join(&entry))?;
                }
            }
        }
        for entry in entries(&from.join("deps")) {
            if names.artifact(&entry) {
                seeded.file(&from.join("deps").join(&entry), &to.join("deps").join(&entry))?;
            }
        }
    }
    Ok(seeded)
}

/// The directories of a target directory that hold a profile's files: `debug`, `x86_64-unknown-linux-gnu/release`.
pub(crate) fn profiles(target: &Path) -> Vec<std::path::PathBuf> {
    let below = |dir: &Path| entries(dir).into_iter().map(|entry| dir.join(entry)).collect::<Vec<_>>();
    let is_profile =
        |dir: &std::path::PathBuf| dir.join(".fingerprint").is_dir() && dir.join("deps").is_dir();
    let first = below(target);
    let second: Vec<_> =
        first.iter().filter(|dir| !dir.ends_with("perfassert")).flat_map(|dir| below(dir)).collect();
    first.into_iter().chain(second).filter(is_profile).collect()
}

/// The names in a directory; none where there is no such directory.
fn entries(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// The names that belong to packages of registries and git, and to no other package.
struct Names {
    packages: BTreeSet<String>,
    crates: BTreeSet<String>,
}

impl Names {
    fn of(metadata: &Metadata) -> Self {
        let crates = |package: &Package| {
            let names = package.targets.iter().map(|target| target.name.replace('-', "_"));
            names.collect::<Vec<_>>()
        };
        let (foreign, own): (Vec<_>, Vec<_>) =
            metadata.packages.iter().partition(|package| package.source.is_some());
        let mut names = Names {
            packages: foreign.iter().map(|package| package.name.to_string()).collect(),
            crates: foreign.iter().flat_map(|package| crates(package)).collect(),
        };
        for package in own {
            names.packages.remove(package.name.as_str());
            for name in crates(package) {
                names.crates.remove(&name);
            }
        }
        names
    }

    /// Whether a directory `<package>-<hash>` is one of theirs.
    fn package(&self, entry: &str) -> bool {
        entry.rsplit_once('-').is_some_and(|(package, _)| self.packages.contains(package))
    }

    /// Whether a file `[lib]<crate>-<hash>.<extension>` is one of theirs.
    fn artifact(&self, entry: &str) -> bool {
        let Some((name, _)) = entry.rsplit_once('-') else { return false };
        self.crates.contains(name) || name.strip_prefix("lib").is_some_and(|name| self.crates.contains(name))
    }
}

impl SeedReport {
    fn tree(&mut self, from: &Path, to: &Path) -> Result<(), Error> {
        for entry in fs::read_dir(from).map_err(error::io("reading", from))? {
            let entry = entry.map_err(error::io("reading", from))?;
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if from.is_dir() {
                self.tree(&from, &to)?;
            } else {
                self.file(&from, &to)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, from: &Path, to: &Path) -> Result<(), Error> {
        if to.exists() {
            return Ok(());
        }
        if let Some(dir) = to.parent() {
            fs::create_dir_all(dir).map_err(error::io("creating", dir))?;
        }
        if is_replaced_as_a_whole(from) && fs::hard_link(from, to).is_ok() {
            self.linked += 1;
            return Ok(());
        }
        match copy(from, to) {
            Ok(()) => self.copied += 1,
            // A cargo that runs meanwhile may have removed it.
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
            Err(failed) => return Err(error::io("copying", from)(failed)),
        }
        Ok(())
    }
}

fn is_replaced_as_a_whole(file: &Path) -> bool {
    let Some(name) = file.file_name().map(|name| name.to_string_lossy()) else { return false };
    let library =
        [".rlib", ".rmeta", ".so", ".dylib", ".dll"].iter().any(|extension| name.ends_with(extension));
    let in_deps = file.parent().is_some_and(|dir| dir.ends_with("deps"));
    library && in_deps
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let kept = fs::metadata(from)?;
    fs::copy(from, to)?;
    let times = FileTimes::new().set_modified(kept.modified()?).set_accessed(kept.accessed()?);
    // A file that was copied read-only cannot be opened for writing, and on Unix need not be.
    File::options().append(true).open(to).or_else(|_| File::open(to))?.set_times(times)
}
