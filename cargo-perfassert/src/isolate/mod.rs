//! Test by test: each test of a test executable in a process of its own.
//!
//! `cargo test` runs the tests of an executable in one process, where the first connection, a lazy static or a compiled
//! regex is charged to whichever test comes first.
//! So `cargo perfassert` names itself to cargo as the *runner* of test executables, and cargo starts this module in
//! place of each: in the package's directory, with cargo's environment, and with the executable and its arguments.
//!
//! ```text
//! cargo-perfassert perfassert-isolated /target/debug/deps/api-0123456789abcdef orders --skip slow
//! ```
//!
//! What it prints is what libtest prints, and so is its exit code.
//!
//! # Implementation
//!
//! The executable is asked for its tests, and is started once for each: `--exact NAME`.
//! It keeps capturing what its test prints: to print costs other allocations when nothing captures, and a test is to
//! count what it counts under a plain `cargo test`.
//! Benchmarks of criterion and divan are listed and started likewise, with arguments that make them iterate a few times only.
//! nextest does all this by itself, but for those arguments.
//! An executable that has no such harness, or arguments that ask for something else than a run, are run as they are.

mod bench;
mod child;
mod configured;
mod list;
mod options;
mod suite;

pub use configured::Configured;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::error::{FAILURE, PASS};
use bench::Harness;
use options::Options;

/// The first argument of this program when cargo starts it in place of a test executable.
pub const WORD: &str = "perfassert-isolated";

/// One test executable, as cargo would have started it.
#[derive(Clone, Debug)]
pub struct Call {
    executable: PathBuf,
    arguments: Vec<OsString>,
}

impl Call {
    /// The call that `arguments`, the program's name first, are; `None` if a person called.
    #[must_use]
    pub fn of(arguments: &[OsString]) -> Option<Self> {
        let [_, word, executable, arguments @ ..] = arguments else { return None };
        let call = Call { executable: executable.into(), arguments: arguments.to_vec() };
        (word == WORD).then_some(call)
    }

    /// Runs the tests and tells of them on `out`.
    ///
    /// # Errors
    ///
    /// When the executable cannot be started, or `out` fails.
    pub fn run(&self, out: &mut (dyn Write + Send)) -> io::Result<ExitCode> {
        if std::env::var_os("NEXTEST").is_some_and(|value| value == "1") {
            return self.run_for_nextest();
        }
        let options = match Options::parse(&self.arguments) {
            Ok(options) => options,
            Err(argument) => {
                if argument.says_how_to_run() {
                    writeln!(
                        out,
                        "perfassert: all tests of {} run in one process: {argument} is not known test by test; \
                         leave it out, or install nextest",
                        self.executable.display()
                    )?;
                }
                return self.run_as_it_is();
            }
        };
        let passed = if let Some(harness) = Harness::of(&self.executable)? {
            let Some(all) = Harness::benchmarks(&self.executable)? else { return self.run_as_it_is() };
            let benchmarks: Vec<_> =
                all.iter().filter(|it| bench::is_selected(it, &options)).cloned().collect();
            suite::run(options.threads(), &benchmarks, out, |benchmark, _| {
                harness.run(&self.executable, benchmark, all.len())
            })?
        } else {
            let Some(tests) = list::tests(&self.executable, &options)? else { return self.run_as_it_is() };
            if tests.is_empty() {
                return self.run_as_it_is();
            }
            suite::run(options.threads(), &tests, out, |test, show| {
                child::run(&self.executable, &options, test, show)
            })?
        };
        Ok(ExitCode::from(if passed { PASS } else { FAILURE }))
    }

    /// The same where nextest starts it, which itself runs each test in a process of its own.
    fn run_for_nextest(&self) -> io::Result<ExitCode> {
        let benchmark = bench::asked_by_nextest(&self.arguments);
        match (benchmark, Harness::of(&self.executable)?) {
            (Some(benchmark), Some(harness)) => become_it(&mut harness.command(&self.executable, benchmark)),
            _ => self.run_as_it_is(),
        }
    }

    fn run_as_it_is(&self) -> io::Result<ExitCode> {
        let mut command = Command::new(&self.executable);
        become_it(command.args(&self.arguments))
    }
}

/// Runs the tests of a call, and says on standard error what stopped it.
#[must_use]
pub fn main(call: &Call) -> ExitCode {
    call.run(&mut io::stdout()).unwrap_or_else(|error| {
        let Call { executable, .. } = call;
        // What cannot be written to standard error cannot be told at all; the exit code says the rest.
        let _ = writeln!(
            io::stderr(),
            "perfassert: running the tests of {}: {error}; build it again: cargo test --no-run",
            executable.display()
        );
        ExitCode::from(FAILURE)
    })
}

/// The words that cargo takes as the runner of `triple`: an argument of `--config`.
///
/// # Errors
///
/// When this program does not know its own path.
pub fn runner(triple: &str) -> io::Result<String> {
    let this = std::env::current_exe()?;
    // As TOML strings: JSON's quoting is the same.
    let words = serde_json::json!([path(&this)?, WORD]);
    Ok(format!("target.{}.runner={words}", serde_json::Value::from(triple)))
}

fn path(path: &Path) -> io::Result<&str> {
    path.to_str().ok_or_else(|| io::Error::other(format!("{} is not valid Unicode", path.display())))
}

/// In place of this process, so that a signal that ends it is seen by cargo.
#[cfg(unix)]
fn become_it(command: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(FAILURE)))
}
