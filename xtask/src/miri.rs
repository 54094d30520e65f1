//! `cargo xtask miri`: the unsafe code of the counters, step by step.

use anyhow::{Context, Result};

use crate::run::{command, output, root, run, say};

/// Runs the unit tests of the allocator and of scopes under Miri, which nightly has and is asked for if it is not there.
///
/// The wrappers of C functions and the walk of the stack are beyond it, and left out by their features.
pub(crate) fn miri() -> Result<()> {
    let root = root();
    if output(&mut command(&root, "cargo +nightly miri --version")).is_err() {
        say("the tests under Miri need its component of nightly");
        run(&mut command(&root, "rustup component add --toolchain nightly miri rust-src"))
            .context("install nightly first: rustup toolchain install nightly")?;
    }
    let mut miri = command(&root, "cargo +nightly miri test --package perfassert --lib");
    miri.args([
        "--no-default-features",
        "--features",
        "allocator,inherit-threads",
        "--",
        "alloc::tests",
        "scope::",
    ]);
    // Counters live for ever: a thread may outlive every scope.
    run(miri.env("MIRIFLAGS", "-Zmiri-disable-isolation -Zmiri-ignore-leaks"))
}
