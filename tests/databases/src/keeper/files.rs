//! The files by which test processes and keepers find each other.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::server::end_process;

/// The files of one engine, in a directory beside the test binaries.
pub(super) struct Files {
    engine: Engine,
    dir: PathBuf,
}

/// What a keeper says of its server.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub(super) url: String,
    /// The server's process.
    pub(super) pid: u32,
    /// Its data, which its command line names.
    pub(super) data: PathBuf,
}

impl Files {
    pub(super) fn new(engine: Engine, dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        Ok(Files { engine, dir: dir.to_owned() })
    }

    /// A program lies in `target/<profile>`, a test binary in `deps` there; the keeper beside that.
    pub(super) fn beside_this_program(engine: Engine) -> Result<Self> {
        let this = std::env::current_exe().context("a test knows its binary")?;
        let profile = this.ancestors().skip(1).find(|dir| !dir.ends_with("deps"));
        let profile = profile.context("a test binary lies in a directory of cargo's")?;
        Self::new(engine, &profile.join("perfassert-test-servers.state"))
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn keeper_program(&self) -> PathBuf {
        self.dir.with_extension("").with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// A file to be locked.
    pub(super) fn open(&self, what: &str) -> Result<File> {
        let path = self.path(what);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        file.with_context(|| format!("opening {}", path.display()))
    }

    /// Whether the keeper that left its state still runs: it holds a lock.
    pub(super) fn keeper_lives(&self) -> Result<bool> {
        match self.open("keeper")?.try_lock() {
            Ok(()) => Ok(false),
            Err(fs::TryLockError::WouldBlock) => Ok(true),
            Err(fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    pub(super) fn state(&self) -> Result<Option<State>> {
        match fs::read(self.path("json")) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// At once: whoever reads it, reads all of it.
    pub(super) fn publish(&self, state: &State) -> Result<()> {
        let new = self.path("new");
        fs::write(&new, serde_json::to_vec(state)?)?;
        Ok(fs::rename(new, self.path("json"))?)
    }

    pub(super) fn forget(&self) -> Result<()> {
        match fs::remove_file(self.path("json")) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn truncated_log(&self) -> Result<File> {
        Ok(File::create(self.path("log"))?)
    }

    pub(super) fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.path("log"))?)
    }

    fn path(&self, what: &str) -> PathBuf {
        self.dir.join(format!("{}.{what}", self.engine))
    }
}

impl State {
    /// Ends the server of a keeper that was killed, and removes its data.
    pub(super) fn clean_up(&self) {
        // The number may be another process's by now: that one does not name the directory.
        let command_line = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        if String::from_utf8_lossy(&command_line).contains(&*self.data.to_string_lossy()) {
            end_process(self.pid);
        }
        let _ = fs::remove_dir_all(&self.data);
    }
}
