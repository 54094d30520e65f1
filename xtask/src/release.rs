//! `cargo xtask release`: the steps of a release, which `.github/workflows/release.yml` takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use clap::Subcommand;

use crate::run::{command, output, root, run, say};

/// The package whose program is in the archives.
const PROGRAM: &str = "cargo-perfassert";

/// What stands in an archive beside the program.
const FILES: [&str; 4] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// A step of a release.
#[derive(Subcommand)]
pub(crate) enum Step {
    /// Check that the published crates have the version of a tag, a repository, and a section in CHANGELOG.md.
    Check {
        /// The tag: `v` and the version.
        tag: String,
        /// Write the section of CHANGELOG.md to this file.
        #[arg(long)]
        notes: Option<PathBuf>,
    },
    /// Build the subcommand, and make the archive that cargo-binstall looks for.
    Archive {
        /// The target triple.
        target: String,
        /// The directory for the archive.
        #[arg(long, default_value = "dist")]
        out: PathBuf,
    },
    /// Publish the crates in order, but for those that the registry has in this version.
    Publish {
        /// Compile them as they would be published, and upload nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Takes a step.
pub(crate) fn release(step: Step) -> Result<()> {
    let root = root();
    let metadata = MetadataCommand::new().current_dir(&root).no_deps().exec()?;
    match step {
        Step::Check { tag, notes } => check(&root, &published(&metadata), &tag, notes.as_deref()),
        Step::Archive { target, out } => archive(&root, &metadata, &target, &out),
        Step::Publish { dry_run } => publish(&root, &published(&metadata), dry_run),
    }
}

/// The members of the workspace that are for the registry.
fn published(metadata: &Metadata) -> Vec<&Package> {
    let packages = metadata.workspace_packages().into_iter();
    packages
        .filter(|package| package.publish.as_ref().is_none_or(|registries| !registries.is_empty()))
        .collect()
}

fn check(root: &Path, published: &[&Package], tag: &str, notes: Option<&Path>) -> Result<()> {
    let version = tag.strip_prefix('v').with_context(|| format!("the tag {tag} does not begin with `v`"))?;
    for package in published {
        let (name, has) = (&package.name, &package.version);
        ensure!(has.to_string() == version, "{name} has version {has}, and the tag is {tag}");
        ensure!(
            package.repository.is_some(),
            "{name} has no `repository`, where cargo-binstall looks for the archives: \
             set it in [workspace.package] of Cargo.toml, and inherit it in each crate that is published"
        );
    }
    let changelog = fs::read_to_string(root.join("CHANGELOG.md")).context("reading CHANGELOG.md")?;
    let section = section(&changelog, version)
        .with_context(|| format!("CHANGELOG.md has no section `## {version}`, or an empty one"))?;
    if let Some(file) = notes {
        fs::write(file, section).with_context(|| format!("writing {}", file.display()))?;
    }
    let names = published.iter().map(|package| package.name.as_str()).collect::<Vec<_>>().join(", ");
    say(&format!("{tag} releases {names}"));
    Ok(())
}

/// What stands under the heading of a version, with a date behind it or not.
fn section<'a>(changelog: &'a str, version: &str) -> Option<&'a str> {
    let sections = changelog.split("\n## ").skip(1);
    let of_version = |section: &&str| section.split_whitespace().next() == Some(version);
    let (_, text) = sections.into_iter().find(of_version)?.split_once('\n')?;
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn archive(root: &Path, metadata: &Metadata, target: &str, out: &Path) -> Result<()> {
    let package = metadata.packages.iter().find(|package| package.name.as_str() == PROGRAM);
    let names = Names::of(package.with_context(|| format!("there is no {PROGRAM}"))?, target)?;
    run(command(root, "cargo build --release --locked --package").args([PROGRAM, "--target", target]))?;
    let extension = if target.contains("windows") { ".exe" } else { "" };
    let release = metadata.target_directory.join(target).join("release");
    let built = release.join(format!("{PROGRAM}{extension}"));
    check_program(root, built.as_std_path(), target, &names.version)?;

    let staged = tempfile::tempdir()?;
    let program = staged.path().join(&names.program);
    let dir = program.parent().context("the program lies in a directory of the archive")?;
    fs::create_dir_all(dir)?;
    fs::copy(&built, &program).with_context(|| format!("copying {built}"))?;
    for file in FILES {
        fs::copy(root.join(file), dir.join(file)).with_context(|| format!("copying {file}"))?;
    }
    fs::create_dir_all(out)?;
    let file = out.canonicalize()?.join(&names.file);
    let top = names.program.split('/').next().unwrap_or_default();
    // GNU's tar takes `C:\dist` for a file on another machine: it writes to a pipe.
    let mut tar = Command::new("tar");
    tar.args(["-czf", "-", top]).current_dir(staged.path());
    let packed = tar.stdout(fs::File::create(&file)?).status().context("running tar")?;
    ensure!(packed.success(), "tar failed: {packed}");
    say(&format!("the archive is {}", file.display()));
    Ok(())
}

/// A program that runs on this machine says the version.
fn check_program(root: &Path, program: &Path, target: &str, version: &str) -> Result<()> {
    let host = output(&mut command(root, "rustc --version --verbose"))?;
    if host.lines().any(|line| line.strip_prefix("host: ") == Some(target)) {
        let told = output(Command::new(program).args(["perfassert", "--version"]))?;
        ensure!(told.split(' ').any(|word| word == version), "{} says {told:?}", program.display());
    }
    Ok(())
}

/// How an archive and what is in it are called: as the package's manifest tells cargo-binstall.
struct Names {
    version: String,
    file: String,
    program: String,
}

impl Names {
    fn of(package: &Package, target: &str) -> Result<Self> {
        let version = package.version.to_string();
        let template = |key: &str| {
            let template = package.metadata["binstall"][key].as_str();
            template.with_context(|| format!("[package.metadata.binstall] has no {key}"))
        };
        ensure!(template("pkg-fmt")? == "tgz", "the archive is one of tar and gzip");
        let extension = if target.contains("windows") { ".exe" } else { "" };
        let values = [
            ("name", package.name.as_str()),
            ("version", &version),
            ("target", target),
            ("bin", PROGRAM),
            ("binary-ext", extension),
            ("archive-suffix", ".tgz"),
        ];
        let (url, program) = (template("pkg-url")?, template("bin-dir")?);
        let file = url.rsplit('/').next().unwrap_or_default();
        let (file, program) = (expanded(file, &values)?, expanded(program, &values)?);
        Ok(Names { version, file, program })
    }
}

/// A template of cargo-binstall with its values.
fn expanded(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{ {name} }}"), value);
    }
    if text.contains(['{', '}']) {
        bail!("`{template}` has a value that is not known");
    }
    Ok(text)
}

fn publish(root: &Path, published: &[&Package], dry_run: bool) -> Result<()> {
    // A release that broke off is run again.
    let is_there = |package: &&&Package| {
        let name = format!("{}@{}", package.name, package.version);
        // Not the one in this workspace.
        output(command(root, "cargo info --quiet --registry crates-io").arg(name)).is_ok()
    };
    let there: Vec<_> = published.iter().filter(is_there).map(|package| package.name.as_str()).collect();
    if there.len() == published.len() {
        say("the registry has all of them in this version");
        return Ok(());
    }
    // In the order of their dependencies, each when the registry has those before it.
    let mut publish = command(root, "cargo publish --workspace --locked");
    publish.args(there.iter().flat_map(|name| ["--exclude", name]));
    // What is uploaded was compiled by a dry run before: no foreign code runs beside the registry's token.
    run(publish.arg(if dry_run { "--dry-run" } else { "--no-verify" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap()
    }

    #[test]
    fn a_section_is_found_by_its_version() {
        let changelog =
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n### Added\n\n- a\n\n## 0.1.0\n\n- b\n";
        assert_eq!(section(changelog, "0.2.0"), Some("### Added\n\n- a"));
        assert_eq!(section(changelog, "0.1.0"), Some("- b"));
        assert_eq!(section(changelog, "0.1"), None);
        assert_eq!(section(changelog, "Unreleased"), None);
    }

    #[test]
    fn archives_are_named_as_binstall_asks_for_them() {
        let metadata = metadata();
        let package = metadata.packages.iter().find(|package| package.name.as_str() == PROGRAM).unwrap();
        let version = &package.version;
        let names = Names::of(package, "x86_64-pc-windows-msvc").unwrap();
        assert_eq!(names.file, format!("cargo-perfassert-x86_64-pc-windows-msvc-v{version}.tgz"));
        let dir = format!("cargo-perfassert-x86_64-pc-windows-msvc-v{version}");
        assert_eq!(names.program, format!("{dir}/cargo-perfassert.exe"));
        let names = Names::of(package, "aarch64-apple-darwin").unwrap();
        assert_eq!(
            names.program,
            format!("cargo-perfassert-aarch64-apple-darwin-v{version}/cargo-perfassert")
        );
    }

    #[test]
    fn a_tag_of_another_version_is_refused() {
        let metadata = metadata();
        let published = published(&metadata);
        let names: Vec<_> = published.iter().map(|package| package.name.as_str()).collect();
        assert!(
            names.contains(&PROGRAM) && names.contains(&"perfassert") && !names.contains(&"xtask"),
            "{names:?}"
        );
        let refused = |tag: &str| check(&root(), &published, tag, None).unwrap_err().to_string();
        assert!(refused("v999.0.0").contains("and the tag is v999.0.0"));
        assert!(refused("0.1.0").contains("does not begin with `v`"));
    }
}
