//! An old Rust from Debian's packages, which are unpacked and not installed: the system's Rust stays what it is.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{command, output, run, say};

/// Unpacks rustc and cargo of this version, and each library of theirs that is not installed, in `dir`.
pub(crate) fn unpack(version: &str, dir: &Path) -> Result<()> {
    let parent = dir.parent().context("the directory lies in the target directory")?;
    fs::create_dir_all(parent)?;
    let packages = match packages(parent, version) {
        Ok(packages) => packages,
        // The lists of a new system are empty.
        Err(_) if is_root(parent) => {
            run(&mut command(parent, "apt-get update --quiet"))?;
            packages(parent, version)?
        }
        Err(error) => return Err(error),
    };
    say(&format!("Debian has Rust {version}: {}", packages.join(" ")));
    // Under its name when it is complete.
    let unpacked = tempfile::Builder::new().prefix("rust-").tempdir_in(parent)?;
    let files = tempfile::tempdir_in(parent)?;
    run(command(files.path(), "apt-get download --quiet").args(&packages))?;
    for file in fs::read_dir(files.path())? {
        run(Command::new("dpkg").arg("-x").arg(file?.path()).arg(unpacked.path()))?;
    }
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    fs::rename(unpacked.keep(), dir).with_context(|| format!("naming {}", dir.display()))
}

/// Where the loader finds the libraries of what was unpacked.
pub(crate) fn library_path(dir: &Path) -> OsString {
    let mut dirs: Vec<PathBuf> = Vec::new();
    for lib in ["usr/lib", "lib"].map(|lib| dir.join(lib)) {
        let entries = fs::read_dir(&lib).into_iter().flatten();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        dirs.extend(paths.filter(|path| path.to_string_lossy().ends_with("-linux-gnu")));
        dirs.push(lib);
    }
    std::env::join_paths(dirs).unwrap_or_default()
}

/// Each package with its version, as apt-get takes it: what an installation would bring.
fn packages(dir: &Path, version: &str) -> Result<Vec<String>> {
    // `rustc-web` is of another version than the `rustc` of the same Debian.
    for suffix in ["-web", ""] {
        let listed = output(&mut command(dir, &format!("apt-cache madison rustc{suffix}")))?;
        let versions = listed.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
        let Some(of_debian) = versions.into_iter().find(|of_debian| is_of(of_debian, version)) else {
            continue;
        };
        let mut install =
            command(dir, "apt-get install --simulate --no-install-recommends --allow-downgrades");
        let wanted = ["rustc", "cargo", "libstd-rust"].map(|name| {
            let dev = if name == "libstd-rust" { "-dev" } else { "" };
            format!("{name}{suffix}{dev}={of_debian}")
        });
        let packages = would_install(&output(install.args(wanted))?);
        ensure!(!packages.is_empty(), "rustc{suffix} {of_debian} is installed, and is not in use");
        return Ok(packages);
    }
    bail!("apt-get has no rustc-web or rustc of version {version}")
}

/// `1.85.0+dfsg3-1~deb12u3` is of `1.85.0`.
fn is_of(of_debian: &str, version: &str) -> bool {
    of_debian.strip_prefix(version).is_some_and(|rest| rest.starts_with(['+', '-', '~']))
}

/// The packages that a simulated installation names: `Inst libllvm19 (1:19.1.7-3 Debian:12 [amd64])`.
fn would_install(simulated: &str) -> Vec<String> {
    let lines = simulated.lines().filter_map(|line| line.strip_prefix("Inst "));
    let package = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        let version = rest.split_once('(')?.1.split(' ').next()?;
        Some(format!("{name}={version}"))
    };
    lines.filter_map(package).collect()
}

fn is_root(dir: &Path) -> bool {
    output(&mut command(dir, "id -u")).is_ok_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::{is_of, would_install};

    #[test]
    fn versions_are_told_apart() {
        assert!(is_of("1.85.0+dfsg3-1~deb12u3", "1.85.0"));
        assert!(!is_of("1.85.01-1", "1.85.0"));
        assert!(!is_of("1.96.0+dfsg1-1~deb12u2", "1.85.0"));
    }

    #[test]
    fn a_simulated_installation_is_read() {
        let simulated = "Reading package lists...\n\
            Inst libllvm19 (1:19.1.7-3~deb12u1 Debian:12.15/oldstable [amd64])\n\
            Inst rustc-web [1.96.0+dfsg1-1] (1.85.0+dfsg3-1 Debian:12.15/oldstable [amd64])\n\
            Conf libllvm19 (1:19.1.7-3~deb12u1 Debian:12.15/oldstable [amd64])";
        assert_eq!(would_install(simulated), ["libllvm19=1:19.1.7-3~deb12u1", "rustc-web=1.85.0+dfsg3-1"]);
    }
}
