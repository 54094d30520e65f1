//! `cargo xtask demo`: the main job, for real, on a throw-away clone.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::MetadataCommand;

use crate::run::{command, output, root, run, say, status};

const PATCH: &str = "examples/storefront/regressions/n_plus_one.patch";

/// What `cargo perfassert diff` exits with when it found a regression.
const REGRESSION: i32 = 100;

/// Clones this repository, commits the patch on a branch, and compares it with main as a CI job would.
pub(crate) fn demo() -> Result<()> {
    let root = root();
    let dir = tempfile::Builder::new().prefix("perfassert-demo-").tempdir().context("making a directory")?;
    let clone = dir.path().join("shop");
    clone_with_branch(&root, &clone)?;
    seed(&root, &clone)?;

    say("\nwhat a CI job on the branch `load-customers` runs, and sees:\n");
    let status = status(&mut cargo(&clone, "cargo perfassert diff main -p storefront"))?;
    let code = status.code().context("the comparison was ended by a signal")?;
    say(&format!("\nexit code {code}"));
    ensure!(code == REGRESSION, "the N+1 is to be found, with exit code {REGRESSION}");
    Ok(())
}

/// `main` is the current commit, and `load-customers` the patch on top of it.
fn clone_with_branch(root: &Path, clone: &Path) -> Result<()> {
    if !output(&mut command(root, "git status --porcelain"))?.is_empty() {
        say("note: the demo is about the last commit, without what is not committed yet");
    }
    say("cloning into a temporary directory, and committing a regression on a branch");
    let mut git_clone = command(root, "git clone --quiet --no-hardlinks --no-tags");
    output(git_clone.arg(root).arg(clone))?;
    output(&mut git(clone, "checkout --quiet -B main"))?;
    output(&mut git(clone, "checkout --quiet -b load-customers"))?;
    output(&mut git(clone, &format!("apply --index {PATCH}")))?;
    output(git(clone, "commit --quiet -m").arg("Load the customers of a page through customers::find"))?;
    run(&mut git(clone, "--no-pager diff --stat main"))
}

/// The clone gets the example's dependencies as they are compiled here, as from the cache of a CI job, so that only the
/// repository's own crates are new.
fn seed(root: &Path, clone: &Path) -> Result<()> {
    run(&mut command(root, "cargo test --quiet --no-run --package storefront --tests"))?;
    run(&mut command(root, "cargo build --quiet --package cargo-perfassert"))?;
    let here = MetadataCommand::new().current_dir(root).exec()?;
    let from = here.target_directory.as_std_path();
    cargo_perfassert::seed::seed(from, &clone.join("target"), &here)?;
    Ok(())
}

fn git(clone: &Path, words: &str) -> Command {
    let mut git = command(clone, "git -c user.name=perfassert -c user.email=demo@perfassert.invalid");
    git.args(words.split_whitespace());
    git
}

/// cargo as the user of a fresh clone has it: not what the cargo around us was told.
fn cargo(clone: &Path, words: &str) -> Command {
    let mut cargo = command(clone, words);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_ours = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_");
        if is_ours || matches!(&*text, "CARGO" | "CARGO_TARGET_DIR" | "RUST_BACKTRACE") {
            cargo.env_remove(name);
        }
    }
    cargo
}
