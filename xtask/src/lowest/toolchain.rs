//! An old toolchain: rustup's, or that of Debian's packages.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::debian;
use crate::run::{output, say, status};

/// Where cargo and rustc of one version are.
pub(crate) enum Toolchain {
    /// rustup has it, by this name.
    Rustup(String),
    /// Debian's packages are unpacked in this directory.
    Unpacked(PathBuf),
}

impl Toolchain {
    /// The toolchain of this version: what is there, or else installed by rustup, or else unpacked below `target`.
    pub(crate) fn obtain(version: &str, target: &Path) -> Result<Self> {
        let by_rustup = Toolchain::Rustup(version.to_owned());
        let unpacked = Toolchain::Unpacked(target.join(format!("rust-{version}")));
        if let Some(there) = [&by_rustup, &unpacked].iter().position(|one| one.is(version)) {
            return Ok(if there == 0 { by_rustup } else { unpacked });
        }
        let mut install = Command::new("rustup");
        install.args(["toolchain", "install", version, "--profile", "minimal", "--no-self-update"]);
        if status(&mut install).is_ok_and(|status| status.success()) && by_rustup.is(version) {
            return Ok(by_rustup);
        }
        say(&format!("rustup cannot install Rust {version}: Debian's packages may have it"));
        if let Err(error) = debian::unpack(version, &target.join(format!("rust-{version}"))) {
            bail!(
                "Rust {version} cannot be had here: {error:#}\n\
                 install it with rustup, where its servers can be reached: rustup toolchain install {version}\n\
                 or run this where apt-get has packages of {version}: rustc-web and cargo-web of Debian 12"
            );
        }
        for name in ["rustc", "cargo"] {
            output(unpacked.program(name).arg("--version")).context("running what was unpacked")?;
        }
        ensure!(unpacked.is(version), "what was unpacked is not Rust {version}");
        Ok(unpacked)
    }

    /// cargo of this toolchain, which runs in `dir`.
    pub(crate) fn cargo(&self, dir: &Path) -> Command {
        let mut cargo = self.program("cargo");
        cargo.current_dir(dir).env_remove("RUSTC");
        if let Toolchain::Unpacked(root) = self {
            cargo.env("RUSTC", root.join("usr/bin/rustc"));
        }
        cargo
    }

    fn program(&self, name: &str) -> Command {
        match self {
            Toolchain::Rustup(version) => {
                let mut command = Command::new("rustup");
                command.args(["run", version, name]);
                command
            }
            Toolchain::Unpacked(root) => {
                let mut command = Command::new(root.join("usr/bin").join(name));
                command.env("LD_LIBRARY_PATH", debian::library_path(root));
                command
            }
        }
    }

    /// Whether it is there, in this version.
    fn is(&self, version: &str) -> bool {
        let is = |name| {
            output(self.program(name).arg("--version"))
                .is_ok_and(|told| told.split(' ').nth(1) == Some(version))
        };
        is("rustc") && is("cargo")
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Toolchain::Rustup(version) => write!(f, "rustup's toolchain {version}"),
            Toolchain::Unpacked(root) => write!(f, "Debian's packages, unpacked in {}", root.display()),
        }
    }
}
