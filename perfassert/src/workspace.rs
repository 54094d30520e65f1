//! Where the package of a test and its workspace are, where the program runs. It may have been compiled elsewhere: an archive of nextest's
//! is unpacked in another directory, or on another machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::record::WORKSPACE_VARIABLE;

/// Names the workspace's directory where it cannot be found.
pub(crate) const VARIABLE: &str = "PERFASSERT_WORKSPACE";

/// A package, and the root of its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Workspace {
    pub(crate) package: PathBuf,
    pub(crate) root: PathBuf,
}

/// A package, as its tests know it from when they were compiled.
#[derive(Clone, Copy)]
pub(crate) struct Compiled<'a> {
    pub(crate) package: &'a str,
    pub(crate) manifest_dir: &'a str,
    /// `file!()` of a test, which is relative to the workspace.
    pub(crate) file: &'a str,
}

impl Compiled<'_> {
    /// Where it is now: as cargo and nextest say when they run a test, where it was compiled, or around the directory that it runs in.
    pub(crate) fn find(
        self,
        variable: impl Fn(&str) -> Option<OsString>,
        runs_in: Option<&Path>,
    ) -> Option<Workspace> {
        let named = variable(VARIABLE).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        if let Some(root) = named {
            return Some(Workspace { package: root.clone(), root });
        }
        // Both are another package's where that runs this program.
        let is_run = variable("CARGO_PKG_NAME").is_some_and(|name| name == self.package);
        let said = variable("CARGO_MANIFEST_DIR").filter(|_| is_run).map(PathBuf::from);
        let around = runs_in.into_iter().flat_map(Path::ancestors).find(|dir| self.is_in(dir));
        let places = [said.as_deref(), Some(Path::new(self.manifest_dir)), around].into_iter().flatten();
        let mut places = places.filter(|dir| dir.join("Cargo.toml").is_file());
        let package =
            places.clone().find(|dir| self.root_by_file(dir).is_some()).or_else(|| places.next())?;
        // A test that was generated has its file elsewhere.
        let told = variable(WORKSPACE_VARIABLE).map(PathBuf::from).filter(|root| package.starts_with(root));
        let root = self.root_by_file(package).or(told.as_deref()).or_else(|| root_by_manifest(package));
        let root = root.unwrap_or(package);
        Some(Workspace { package: package.to_owned(), root: root.to_owned() })
    }

    /// A test without an attribute has no file.
    fn root_by_file<'a>(&self, package: &'a Path) -> Option<&'a Path> {
        package.ancestors().find(|dir| dir.join(self.file).is_file())
    }

    /// Whether it is the package in `dir`.
    fn is_in(&self, dir: &Path) -> bool {
        let quoted = format!("{:?}", self.package);
        let value =
            |line: &str| Some(line.strip_prefix("name")?.trim_start().strip_prefix('=')?.trim() == quoted);
        manifest_has(dir, |line| value(line) == Some(true))
    }
}

/// The nearest directory that is a workspace's, or has a lock file: a package that no workspace has is one by itself.
fn root_by_manifest(package: &Path) -> Option<&Path> {
    let is_root = |dir: &Path| {
        dir.join("Cargo.lock").is_file() || manifest_has(dir, |line| line.starts_with("[workspace"))
    };
    package.ancestors().find(|dir| is_root(dir))
}

fn manifest_has(dir: &Path, is_it: impl Fn(&str) -> bool) -> bool {
    let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| is_it(line.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds the package `shop`, which was compiled in `manifest_dir`, in a workspace that has it in `shop/`. Paths are relative to that.
    #[track_caller]
    fn check(
        manifest_dir: &str,
        file: &str,
        variables: &[(&str, &str)],
        runs_in: &str,
        expected: Option<(&str, &str)>,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let write = |path: &str, text: &str| {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nmembers = ['shop', 'till']\n");
        write("shop/Cargo.toml", "[package]\nname = \"shop\"\n");
        write("shop/tests/api.rs", "");
        write("till/Cargo.toml", "[package]\nname = \"till\"\n");
        write("alone/Cargo.toml", "[package]\nname = \"shop\"\n");
        write("alone/Cargo.lock", "");
        let compiled_in = root.join(manifest_dir).display().to_string();
        let compiled = Compiled { package: "shop", manifest_dir: &compiled_in, file };
        let value = |name: &str| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some(if name == "CARGO_PKG_NAME" { OsString::from(value) } else { root.join(value).into() })
        };
        let found = compiled.find(value, Some(&root.join(runs_in)));
        let expected = expected.map(|(package, of)| (root.join(package), root.join(of)));
        assert_eq!(
            found.map(|it| (it.package, it.root)),
            expected.map(|(package, of)| (package, of.components().collect()))
        );
    }

    /// A package that is no member.
    const ALONE: &str = "alone";
    const TEST: &str = "shop/tests/api.rs";
    const FOUND: Option<(&str, &str)> = Some(("shop", ""));

    #[test]
    fn where_it_was_compiled() {
        check("shop", TEST, &[], "till", FOUND);
        // Of another package, whose build runs this program.
        check("shop", TEST, &[("CARGO_PKG_NAME", "till"), ("CARGO_MANIFEST_DIR", "till")], "till", FOUND);
        check("shop", "target/debug/build/generated.rs", &[], "till", FOUND);
        // A test without an attribute.
        check("shop", "", &[], "till", FOUND);
        check("shop", "", &[(WORKSPACE_VARIABLE, "")], "till", FOUND);
        check("shop", "", &[(WORKSPACE_VARIABLE, "shop")], "till", Some(("shop", "shop")));
        check("shop", "", &[(WORKSPACE_VARIABLE, "till")], "till", FOUND);
        check(ALONE, "", &[], "till", Some((ALONE, ALONE)));
    }

    #[test]
    fn where_it_runs() {
        let run = [("CARGO_PKG_NAME", "shop"), ("CARGO_MANIFEST_DIR", "shop")];
        check("/nowhere/shop", TEST, &run, "", FOUND);
        check("/nowhere/shop", TEST, &[], "shop", FOUND);
        check("/nowhere/shop", "generated.rs", &[], "shop/tests", FOUND);
    }

    #[test]
    fn where_it_is_said_to_be() {
        check("shop", TEST, &[(VARIABLE, "till")], "shop", Some(("till", "till")));
        check("/nowhere/shop", TEST, &[(VARIABLE, "till")], "..", Some(("till", "till")));
    }

    #[test]
    fn nowhere() {
        check("/nowhere/shop", TEST, &[], "till", None);
        check("/nowhere/shop", TEST, &[("CARGO_MANIFEST_DIR", "shop")], "till", None);
    }
}
