//! Keeps the server of one engine for a test run: `perfassert-test-servers <engine> <directory>`. Tests start it.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use perfassert_database_tests::{Engine, keep};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [engine, dir] => match Engine::ALL.iter().find(|known| known.as_str() == engine) {
            Some(engine) => keep(*engine, Path::new(dir)),
            None => Err(anyhow::anyhow!("unknown engine `{engine}`")),
        },
        _ => Err(anyhow::anyhow!("usage: perfassert-test-servers <engine> <directory>")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}
