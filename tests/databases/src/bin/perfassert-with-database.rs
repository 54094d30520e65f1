//! Runs a program with a database of its own: `perfassert-with-database <engine> <program> [arguments]`. Its address is in
//! `DATABASE_URL`.

use std::io::Write;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use perfassert_database_tests::{Database, Engine};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(engine), Some(program)) = (arguments.next(), arguments.next()) else {
        bail!("usage: perfassert-with-database <engine> <program> [arguments]");
    };
    let engine = Engine::ALL.iter().find(|known| known.as_str() == engine);
    let database = Database::new(*engine.context("an engine is one of postgres, mysql, sqlite")?);
    let mut program = Command::new(program);
    database.tell(program.args(arguments));
    let status = program.status().with_context(|| format!("running {}", program.get_program().display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
