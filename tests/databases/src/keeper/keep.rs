//! The keeper's side.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::files::{Files, State};
use crate::Engine;
use crate::server::Server;

/// How long a server stays when nobody uses it: from one test binary to the next.
const IDLE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(200);

/// Starts the server of an engine, and keeps it as long as tests use it.
///
/// # Errors
///
/// When the server cannot be started, or ends by itself.
pub fn keep(engine: Engine, dir: &Path) -> Result<()> {
    let files = Files::new(engine, dir)?;
    let this = files.open("keeper")?;
    this.lock()?;
    let mut server = Server::start(engine)?;
    files.publish(&State { url: server.url(), pid: server.pid(), data: server.data().to_owned() })?;
    let in_use = files.open("in-use")?;
    let mut last_used = Instant::now();
    while last_used.elapsed() < IDLE {
        std::thread::sleep(LOOK);
        if server.has_ended()? {
            bail!("the server has ended by itself");
        }
        if !is_free(&in_use)? {
            last_used = Instant::now();
        }
    }
    // Whoever comes now waits for this lock, and finds no state.
    in_use.lock()?;
    files.forget()?;
    server.stop();
    Ok(())
}

fn is_free(in_use: &File) -> Result<bool> {
    match in_use.try_lock() {
        Ok(()) => {
            in_use.unlock()?;
            Ok(true)
        }
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
