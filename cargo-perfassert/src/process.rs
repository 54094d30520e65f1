//! Child processes that Ctrl-C ends, so that whoever waits for one can clean up.
//!
//! Each child leads a process group of its own.
//! An interrupt is passed to the group of the child that is running, and every later start is refused: the caller
//! sees [`Error::Interrupted`] and unwinds as after any other error.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::error::Error;

struct State {
    interrupts: u32,
    child: Option<u32>,
}

static STATE: Mutex<State> = Mutex::new(State { interrupts: 0, child: None });

fn state() -> std::sync::MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes Ctrl-C, and a request to terminate, to the running child instead of ending this process at once.
///
/// # Errors
///
/// When the system refuses the handler.
pub fn catch_interrupts() -> Result<(), Error> {
    let caught = ctrlc::set_handler(|| {
        let mut state = state();
        state.interrupts += 1;
        if let Some(child) = state.child {
            end_group(child, state.interrupts > 1);
        }
    });
    caught.map_err(|error| Error::Start {
        program: "the Ctrl-C handler".to_owned(),
        source: std::io::Error::other(error),
    })
}

/// Fails when Ctrl-C was pressed.
///
/// # Errors
///
/// [`Error::Interrupted`].
pub fn check_interrupt() -> Result<(), Error> {
    if state().interrupts > 0 { Err(Error::Interrupted) } else { Ok(()) }
}

/// Runs `command` to its end, with the standard output and error that it has been given.
///
/// # Errors
///
/// When it cannot be started, or on Ctrl-C.
pub fn run(command: &mut Command) -> Result<ExitStatus, Error> {
    let (mut child, running) = start(command, Stdio::null())?;
    let status = child.wait().map_err(|source| Error::Start { program: name(command), source })?;
    drop(running);
    check_interrupt()?;
    Ok(status)
}

/// Runs `command` and collects what it prints to standard output; standard error is this process's.
///
/// # Errors
///
/// When it cannot be started, or on Ctrl-C.
pub fn printed(command: &mut Command) -> Result<(ExitStatus, Vec<u8>), Error> {
    let output = collected(command.stdout(Stdio::piped()), Stdio::null())?;
    Ok((output.status, output.stdout))
}

/// Runs `command` and collects what it prints.
///
/// # Errors
///
/// When it cannot be started, or on Ctrl-C.
pub fn output(command: &mut Command) -> Result<Output, Error> {
    output_for(command, Stdio::null())
}

/// [`output`] of a command that reads `input`.
///
/// # Errors
///
/// When it cannot be started, or on Ctrl-C.
pub fn output_for(command: &mut Command, input: impl Into<Stdio>) -> Result<Output, Error> {
    collected(command.stdout(Stdio::piped()).stderr(Stdio::piped()), input)
}

/// What goes to the pipes that `command` has been given.
fn collected(command: &mut Command, input: impl Into<Stdio>) -> Result<Output, Error> {
    let (child, running) = start(command, input)?;
    let output =
        child.wait_with_output().map_err(|source| Error::Start { program: name(command), source })?;
    drop(running);
    check_interrupt()?;
    Ok(output)
}

/// Runs `command` and hands over each line that it prints, on standard output or error, without its end.
///
/// # Errors
///
/// When it cannot be started, or on Ctrl-C.
pub fn lines(mut command: Command, mut line: impl FnMut(&str)) -> Result<ExitStatus, Error> {
    let program = name(&command);
    let failed = |source| Error::Start { program: program.clone(), source };
    // One pipe for both, so that lines keep their order.
    let (reader, writer) = std::io::pipe().map_err(failed)?;
    command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
    let (mut child, running) = start(&mut command, Stdio::null())?;
    // It holds the pipe's other end, which would never be closed.
    drop(command);
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).map_err(failed)? > 0 {
        line(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
        bytes.clear();
    }
    let status = child.wait().map_err(failed)?;
    drop(running);
    check_interrupt()?;
    Ok(status)
}

/// Forgets the child when it has been waited for, also on an error in between.
struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        state().child = None;
    }
}

fn start(command: &mut Command, input: impl Into<Stdio>) -> Result<(Child, Running), Error> {
    command.stdin(input);
    lead_group(command);
    // Held while starting, so that an interrupt comes either before the start or finds the child.
    let mut state = state();
    if state.interrupts > 0 {
        return Err(Error::Interrupted);
    }
    let child = command.spawn().map_err(|source| Error::Start { program: name(command), source })?;
    state.child = Some(child.id());
    Ok((child, Running))
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

#[cfg(unix)]
fn lead_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn lead_group(_: &mut Command) {}

#[cfg(unix)]
fn end_group(leader: u32, at_once: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if at_once { Signal::KILL } else { Signal::INT };
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // It fails only when the group has just ended by itself.
        let _ = kill_process_group(group, signal);
    }
}

/// The console itself passes Ctrl-C to every process that is attached to it.
#[cfg(not(unix))]
fn end_group(_: u32, _: bool) {}
