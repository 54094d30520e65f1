//! Chores of this repository: `cargo xtask --help` lists them.

mod bench;
mod book;
mod databases;
mod demo;
mod deny;
mod fuzz;
mod lowest;
mod miri;
mod release;
mod run;
mod test;
mod tools;
mod workflows;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Chores of this repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Chore {
    /// Show the main job: a branch that turns a JOIN into a query per row is compared with main.
    Demo,
    /// Run all tests.
    Test {
        /// Repeat what may depend on chance many times: an hour instead of minutes.
        #[arg(long)]
        thorough: bool,
    },
    /// Build the book in `docs/book`, and fail on what mdBook warns of.
    Book,
    /// Run the tests of the counters under Miri.
    Miri,
    /// Print what counting costs, beside its peers, as ratios.
    Bench,
    /// Run tests of the library with the lowest Rust that it promises.
    Lowest,
    /// Hold the dependencies against `deny.toml`.
    Deny {
        /// Fail where the database of known vulnerabilities cannot be fetched.
        #[arg(long)]
        advisories: bool,
    },
    /// Fuzz what reads SQL.
    Fuzz {
        /// How long each target runs, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Check the workflows that GitHub runs.
    Workflows,
    /// Take a step of a release.
    #[command(subcommand)]
    Release(release::Step),
}

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Demo => demo::demo(),
        Chore::Test { thorough } => test::test(thorough),
        Chore::Book => book::book(),
        Chore::Miri => miri::miri(),
        Chore::Bench => bench::bench(),
        Chore::Lowest => lowest::lowest(),
        Chore::Deny { advisories } => deny::deny(advisories),
        Chore::Fuzz { seconds } => fuzz::fuzz(seconds),
        Chore::Workflows => workflows::workflows(),
        Chore::Release(step) => release::release(step),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
