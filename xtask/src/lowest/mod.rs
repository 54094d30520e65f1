//! `cargo xtask lowest`: the library in the lowest Rust that it promises.

mod debian;
mod toolchain;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::run::{root, run, say};
use toolchain::Toolchain;

const CRATE: &str = "tests/fixtures/lowest";

/// Runs the tests of a crate outside of the workspace, whose lock file is of that age, with all features but those whose driver wants
/// a newer Rust.
pub(crate) fn lowest() -> Result<()> {
    let root = root();
    let manifest = root.join(CRATE).join("Cargo.toml");
    let options = ["--locked".to_owned()];
    let metadata =
        MetadataCommand::new().manifest_path(&manifest).other_options(options).exec().with_context(|| {
            format!("reading {CRATE}: if its lock file is out of date, run `cargo update --workspace` there")
        })?;
    let version = promised(&metadata)?;
    check_features(&metadata)?;

    let target = target_dir(&root)?;
    let toolchain = Toolchain::obtain(&version, &target)?;
    say(&format!("the library promises Rust {version}: {toolchain}"));
    let mut tests = toolchain.cargo(&root.join(CRATE));
    tests.args(["test", "--locked", "--no-fail-fast", "--target-dir"]).arg(target.join("lowest"));
    // A mismatch with a committed snapshot is a failure, wherever this runs.
    run(tests.env("INSTA_UPDATE", "no"))
}

/// The lowest version of Rust that the crate has, and each of ours that it uses.
fn promised(metadata: &Metadata) -> Result<String> {
    let ours: Vec<_> = metadata.packages.iter().filter(|package| package.source.is_none()).collect();
    let versions: BTreeSet<_> = ours.iter().map(|package| package.rust_version.as_ref()).collect();
    let all = ours.iter().map(|package| format!("{} {}", package.name, promise(package)));
    match versions.first() {
        Some(Some(version)) if versions.len() == 1 => Ok(version.to_string()),
        _ => anyhow::bail!("one `rust-version` is promised, not {}", all.collect::<Vec<_>>().join(", ")),
    }
}

fn promise(package: &Package) -> String {
    package.rust_version.as_ref().map_or("none".to_owned(), ToString::to_string)
}

/// Every feature of the library is compiled, but for those that the crate's manifest names.
fn check_features(metadata: &Metadata) -> Result<()> {
    let library = metadata.packages.iter().find(|package| package.name.as_str() == "perfassert");
    let library = library.context("the crate does not use perfassert")?;
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let node = nodes.into_iter().find(|node| node.id == library.id).context("perfassert is not resolved")?;
    let compiled: BTreeSet<&str> = node.features.iter().map(|feature| feature.as_str()).collect();
    let package = metadata.root_package().context("the crate is a package")?;
    let without: Vec<String> = serde_json::from_value(package.metadata["lowest"]["without"].clone())
        .context("`without` is a list")?;
    let without: BTreeSet<&str> = without.iter().map(String::as_str).collect();

    let all: BTreeSet<&str> = library.features.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = all.difference(&without).copied().collect();
    ensure!(
        compiled == expected,
        "{CRATE}/Cargo.toml: the features of perfassert are to be {expected:?}, and are {compiled:?}\n\
         add the feature there, or name it in `without` with the reason"
    );
    Ok(())
}

fn target_dir(root: &Path) -> Result<std::path::PathBuf> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    Ok(metadata.target_directory.into())
}
