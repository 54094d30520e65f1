//! `cargo xtask test`: every test there is.

use anyhow::Result;

use crate::run::{command, output, root, run, say};
use crate::{databases, tools};

/// Read by `perfassert_test_support::runs`.
const THOROUGH: &str = "PERFASSERT_THOROUGH";

/// Runs the tests of all crates, with the databases and programs that they need, then the examples in the documentation.
pub(crate) fn test(thorough: bool) -> Result<()> {
    let root = root();
    databases::install(&root)?;
    tools::install(&root, "cargo-insta")?;
    let has_nextest = output(&mut command(&root, "cargo nextest --version")).is_ok();
    let runner = if has_nextest { "cargo nextest run" } else { "cargo test --lib --bins --tests" };
    let mut tests = command(&root, &format!("{runner} --workspace --no-fail-fast"));
    if thorough {
        say("what may depend on chance is repeated many times");
        tests.env(THOROUGH, "1");
    } else {
        say("what may depend on chance is repeated a few times; many: cargo xtask test --thorough");
    }
    run(&mut tests)?;
    run(&mut command(&root, "cargo test --workspace --doc --quiet"))
}
