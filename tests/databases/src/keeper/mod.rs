//! One server of each engine for a whole test run, though every test may be a process of its own.
//!
//! The first test that needs a server starts a *keeper*, a process that starts the server, says where it is in a file, and
//! looks after it. Each test process holds a shared lock on a file as long as it lives. When nobody has held it for some
//! seconds the keeper stops the server and removes its data. Should a keeper be killed, the next one cleans up after it.

mod files;
mod keep;

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};

use self::files::{Files, State};
pub use self::keep::keep;
use crate::Engine;
use crate::client::{Address, wait_for};

/// A server that stays as long as this process lives.
struct Lease {
    engine: Engine,
    admin: Address,
    _in_use: Option<File>,
}

/// The address of an engine's server as somebody who may do everything.
pub(crate) fn admin(engine: Engine) -> Result<Address> {
    static LEASES: Mutex<Vec<Lease>> = Mutex::new(Vec::new());
    let mut leases = LEASES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(lease) = leases.iter().find(|lease| lease.engine == engine) {
        return Ok(lease.admin.clone());
    }
    let lease = match std::env::var(variable(engine)) {
        Ok(url) => {
            Lease { engine, admin: Address::parse(&url, engine).context(variable(engine))?, _in_use: None }
        }
        Err(_) => lease(engine)?,
    };
    let admin = lease.admin.clone();
    leases.push(lease);
    Ok(admin)
}

/// The variable that names a server to be used instead of one of our own.
pub(crate) fn variable(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "PERFASSERT_TEST_POSTGRES_URL",
        _ => "PERFASSERT_TEST_MYSQL_URL",
    }
}

fn lease(engine: Engine) -> Result<Lease> {
    let files = Files::beside_this_program(engine)?;
    let in_use = files.open("in-use")?;
    in_use.lock_shared()?;
    // One at a time from here on.
    let starting = files.open("starting")?;
    starting.lock()?;
    let state = match files.state()? {
        Some(state) if files.keeper_lives()? => state,
        left => {
            if let Some(left) = left {
                left.clean_up();
            }
            files.forget()?;
            start(engine, &files)?
        }
    };
    Ok(Lease { engine, admin: Address::parse(&state.url, engine)?, _in_use: Some(in_use) })
}

/// Starts a keeper, and waits until it says where its server is.
fn start(engine: Engine, files: &Files) -> Result<State> {
    let program = files.keeper_program();
    ensure!(program.is_file(), "{} is not there: it is built with this package's tests", program.display());
    let log = files.truncated_log()?;
    let mut keeper = Command::new(&program)
        .arg(engine.as_str())
        .arg(files.dir())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Whatever ends a test, be it Ctrl-C or a test runner's time-out, does not end the server under all others.
        .process_group(0)
        .spawn()
        .with_context(|| format!("starting {}", program.display()))?;
    wait_for("the start of the server", || {
        if let Some(state) = files.state()? {
            return Ok(Some(state));
        }
        if keeper.try_wait()?.is_some() {
            bail!("{}", files.log()?.trim());
        }
        Ok(None)
    })
}
