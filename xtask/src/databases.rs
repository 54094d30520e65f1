//! The database servers and client libraries that the tests need.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{command, output, run, say};

/// Something that has to be there, and the Debian package that brings it.
struct Needed {
    package: &'static str,
    what: What,
}

enum What {
    /// A server's program, unless this variable names a server that there is.
    Server(&'static str, &'static str),
    /// A program with which others are built.
    Program(&'static str),
    /// A library to be linked.
    Library(&'static str),
}

const NEEDED: [Needed; 5] = [
    Needed { package: "postgresql", what: What::Server("postgres", "PERFASSERT_TEST_POSTGRES_URL") },
    Needed { package: "mariadb-server", what: What::Server("mariadbd", "PERFASSERT_TEST_MYSQL_URL") },
    // How diesel's library for MySQL finds that of MariaDB.
    Needed { package: "pkg-config", what: What::Program("pkg-config") },
    Needed { package: "libpq-dev", what: What::Library("libpq") },
    Needed { package: "libmariadb-dev", what: What::Library("libmariadb") },
];

/// Installs what is missing where that can be done: on Debian, as root. Elsewhere it says what to do.
pub(crate) fn install(root: &Path) -> Result<()> {
    let missing = || NEEDED.iter().filter(|needed| !needed.is_there(root)).map(|needed| needed.package);
    let packages = missing().collect::<Vec<_>>().join(" ");
    if packages.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get install {packages}");
    let is_root = output(&mut command(root, "id -u")).is_ok_and(|id| id == "0");
    if !is_root || find("apt-get").is_none() {
        bail!(
            "the tests need databases: {line}\n\
             or, on a system without apt-get, install what these packages bring: PostgreSQL from version 15, MariaDB, \
             and the client libraries of both\n\
             servers that there are can be used instead: set PERFASSERT_TEST_POSTGRES_URL and PERFASSERT_TEST_MYSQL_URL"
        );
    }
    say(&format!("the tests need databases: {packages}"));
    run(&mut quiet(root, "apt-get update"))?;
    run(&mut quiet(root, &format!("apt-get install --yes --no-install-recommends {packages}")))?;
    match missing().next() {
        Some(package) => bail!("{package} was installed, and what it is to bring is not there"),
        None => Ok(()),
    }
}

impl Needed {
    fn is_there(&self, root: &Path) -> bool {
        match self.what {
            What::Server(program, variable) => {
                std::env::var_os(variable).is_some() || find(program).is_some()
            }
            What::Program(program) => find(program).is_some(),
            What::Library(library) => {
                let by_pkg_config = command(root, &format!("pkg-config --exists {library}")).status();
                by_pkg_config.is_ok_and(|status| status.success()) || has_library(library)
            }
        }
    }
}

fn quiet(root: &Path, words: &str) -> Command {
    let mut command = command(root, words);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// A program in the path, or where packages put servers.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    dirs.extend(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    dirs.extend(inside("/usr/lib/postgresql").map(|version| version.join("bin")));
    dirs.into_iter().map(|dir| dir.join(program)).find(|file| file.is_file())
}

fn has_library(library: &str) -> bool {
    let mut dirs = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from).to_vec();
    dirs.extend(inside("/usr/lib").filter(|dir| dir.to_string_lossy().ends_with("-linux-gnu")));
    dirs.iter().any(|dir| dir.join(format!("{library}.so")).exists())
}

fn inside(dir: &str) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}
