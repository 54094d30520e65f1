//! `cargo xtask fuzz`: what reads SQL, with any input, for some time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::MetadataCommand;

use crate::run::{command, output, root, run, say, status};
use crate::tools;

/// An input that takes longer than this many seconds is one that hangs.
const HANG: u32 = 20;

/// Runs each target in `fuzz/fuzz_targets` for this many seconds. The input of a crash is kept, and named.
pub(crate) fn fuzz(seconds: u32) -> Result<()> {
    let root = root();
    output(&mut command(&root, "rustup run nightly cargo --version"))
        .context("fuzzing takes nightly: rustup toolchain install nightly --profile minimal")?;
    let fuzz_dir = root.join("fuzz");
    let options = ["--locked".to_owned()];
    let manifest = fuzz_dir.join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).other_options(options).exec();
    metadata
        .context("reading fuzz: if its lock file is out of date, run `cargo update --workspace` there")?;
    let program = tools::install(&root, "cargo-fuzz")?;
    let built = program.ancestors().nth(3).context("tools lie in the target directory")?.join("fuzz");

    let targets = targets(&fuzz_dir)?;
    let fuzzer = Fuzzer { dir: &fuzz_dir, program: &program, built: &built };
    // All of them are built before one runs, so that what does not compile is told at once.
    run(&mut fuzzer.command("build"))?;
    targets.iter().try_for_each(|target| fuzzer.run(target, seconds))?;
    say(&format!("{} targets ran for {seconds} s each: {}", targets.len(), targets.join(", ")));
    Ok(())
}

/// The names of the programs in `fuzz/fuzz_targets`.
fn targets(fuzz_dir: &Path) -> Result<Vec<String>> {
    let dir = fuzz_dir.join("fuzz_targets");
    let mut targets = Vec::new();
    for path in files(&dir) {
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    targets.sort();
    ensure!(!targets.is_empty(), "{} has no target", dir.display());
    Ok(targets)
}

fn files(dir: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

struct Fuzzer<'a> {
    dir: &'a Path,
    program: &'a Path,
    built: &'a Path,
}

impl Fuzzer<'_> {
    fn command(&self, subcommand: &str) -> Command {
        let mut fuzz = command(self.dir, "rustup run nightly");
        fuzz.arg(self.program).args([subcommand, "--target-dir"]).arg(self.built);
        // Of the cargo around us, which is not nightly's.
        fuzz.env_remove("CARGO");
        fuzz
    }

    fn run(&self, target: &str, seconds: u32) -> Result<()> {
        let artifacts = self.dir.join("artifacts").join(target);
        let before = files(&artifacts);
        let mut run = self.command("run");
        run.args([target, "--", &format!("-max_total_time={seconds}"), &format!("-timeout={HANG}")]);
        let status = status(&mut run)?;
        if status.success() {
            return Ok(());
        }
        let found: Vec<_> =
            files(&artifacts).difference(&before).map(|file| file.display().to_string()).collect();
        match found.as_slice() {
            [] => bail!("the fuzz target {target} failed, and left no input: {status}"),
            [input, ..] => bail!(
                "the fuzz target {target} fails on {}\n\
                 see it again: cargo +nightly fuzz run {target} {input}",
                found.join(", ")
            ),
        }
    }
}
