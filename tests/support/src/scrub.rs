//! The environment of a child process: what is not said to it on purpose must not reach it.

use std::process::Command;

/// Takes out of the environment what would change how a test runs.
pub fn scrub(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let prefixes =
            ["PERFASSERT_", "NEXTEST", "RUST_BACKTRACE", "RUST_LIB_BACKTRACE", "RUST_LOG", "RUST_TEST"];
        if prefixes.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
}
