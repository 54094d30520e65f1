//! The cargo workspace that a command works in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::error::Error;
use crate::process;

/// A workspace, as cargo sees it from a directory.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The directory that cargo is started in.
    pub dir: PathBuf,
    /// The manifest, where one was named.
    pub manifest: Option<PathBuf>,
    /// What `cargo metadata` says.
    pub metadata: Metadata,
}

impl Workspace {
    /// Asks cargo about the workspace of `dir`, or of `manifest`.
    ///
    /// # Errors
    ///
    /// When there is no workspace, or cargo cannot resolve it.
    pub fn read(dir: &Path, manifest: Option<&Path>, options: &[String]) -> Result<Self, Error> {
        let mut command = MetadataCommand::new();
        command.cargo_path(cargo()).current_dir(dir).other_options(options);
        if let Some(manifest) = manifest {
            command.manifest_path(manifest);
        }
        let metadata = command.exec().or_else(|error| {
            // Offline, the packages of other platforms may be missing, which no build here needs.
            let of_this = format!("--filter-platform={}", host(dir)?);
            command.other_options([options, &[of_this]].concat()).exec().map_err(|_| {
                Error::Metadata(match error {
                    cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().to_owned(),
                    other => other.to_string(),
                })
            })
        })?;
        Ok(Workspace { dir: dir.to_owned(), manifest: manifest.map(Path::to_owned), metadata })
    }

    /// The directory of the workspace's manifest.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Whether any package of the workspace depends on `perfassert`.
    #[must_use]
    pub fn has_perfassert(&self) -> bool {
        self.metadata.packages.iter().any(|package| package.name == "perfassert")
    }
}

/// The cargo that started us, so that both sides are built by the same one.
#[must_use]
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What the `rustc` of cargo prints in `dir`.
///
/// # Errors
///
/// When it cannot be started.
pub fn rustc(dir: &Path, arguments: &[&str]) -> Result<String, Error> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = process::output(Command::new(rustc).args(arguments).current_dir(dir))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The platform that cargo builds for where none is named, as `x86_64-unknown-linux-gnu`.
///
/// # Errors
///
/// When `rustc` cannot be started, or does not say.
pub fn host(dir: &Path) -> Result<String, Error> {
    let version = rustc(dir, &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Start {
        program: "rustc -vV".to_owned(),
        source: std::io::Error::other("it does not name its host"),
    })
}

/// A command that runs [`cargo`] in `dir`, without what a `cargo run` around us has set for one package.
#[must_use]
pub fn cargo_command(dir: &Path) -> Command {
    let mut command = Command::new(cargo());
    command.current_dir(dir);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_a_package = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
        if of_a_package.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}
