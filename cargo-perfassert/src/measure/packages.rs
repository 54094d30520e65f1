//! Which packages of a workspace are tested.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;

use super::Selection;
use crate::workspace::Workspace;

impl Selection {
    /// The names of the packages that cargo tests, by `-p`, `--workspace`, or the directory; `None` where only cargo knows, as of a
    /// pattern.
    #[must_use]
    pub fn packages_in(&self, workspace: &Workspace) -> Option<BTreeSet<String>> {
        let default = manifest_from(workspace.manifest.as_deref(), &workspace.dir);
        self.chosen(&workspace.metadata, default.as_deref())
    }

    /// The same, of these packages, whichever it named.
    #[must_use]
    pub fn of_packages(&self, packages: &BTreeSet<String>) -> Selection {
        let packages = packages.iter().cloned().collect();
        Selection { packages, workspace: false, exclude: Vec::new(), ..self.clone() }
    }

    /// `manifest` is the one that cargo takes where no package is named.
    fn chosen(&self, metadata: &Metadata, manifest: Option<&Path>) -> Option<BTreeSet<String>> {
        let members = metadata.workspace_packages();
        let name = |spec: &String| {
            let name = spec.split_once('@').map_or(spec.as_str(), |(name, _)| name);
            members.iter().find(|member| member.name == name).map(|member| member.name.to_string())
        };
        if !self.packages.is_empty() {
            return self.packages.iter().map(name).collect();
        }
        let all = || members.iter().map(|member| member.name.to_string());
        if self.workspace {
            let left_out = self.exclude.iter().map(name).collect::<Option<BTreeSet<_>>>()?;
            return Some(all().filter(|name| !left_out.contains(name)).collect());
        }
        let is_it = |path: &Path| manifest.is_some_and(|manifest| manifest == path);
        if !is_it(metadata.workspace_root.join("Cargo.toml").as_std_path())
            && let Some(member) = members.iter().find(|member| is_it(member.manifest_path.as_std_path()))
        {
            return Some(BTreeSet::from([member.name.to_string()]));
        }
        let default = metadata.workspace_default_packages();
        Some(default.iter().map(|member| member.name.to_string()).collect())
    }
}

/// The manifest that cargo takes: the one that is named, or the next above the directory.
fn manifest_from(named: Option<&Path>, dir: &Path) -> Option<PathBuf> {
    let next = || dir.ancestors().map(|dir| dir.join("Cargo.toml")).find(|file| file.is_file());
    named.map(Path::to_owned).or_else(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of this workspace, in words: `all` are all of its members.
    #[track_caller]
    fn check(selection: &Selection, dir: &str, expected: Option<&[&str]>) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workspace = Workspace::read(&root.join(dir), None, &["--offline".to_owned()]).unwrap();
        let mut expected =
            expected.map(|names| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
        if let Some(names) = &mut expected
            && names.remove("all")
        {
            names.extend(workspace.metadata.workspace_packages().iter().map(|it| it.name.to_string()));
        }
        assert_eq!(selection.packages_in(&workspace), expected, "{selection:?} in {dir}");
    }

    #[test]
    fn d32_packages_as_cargo_chooses_them() {
        let of = |packages: &[&str]| Selection {
            packages: packages.iter().map(ToString::to_string).collect(),
            ..Selection::default()
        };
        check(&of(&[]), "", Some(&["all"]));
        check(&of(&[]), "examples/storefront/tests", Some(&["storefront"]));
        check(&of(&["storefront", "lending@0.1.0"]), "xtask", Some(&["storefront", "lending"]));
        check(&of(&["store*"]), "", None);
        let all = Selection { workspace: true, ..Selection::default() };
        check(&all, "xtask", Some(&["all"]));
        check(&Selection { exclude: vec!["no-such".to_owned()], ..all }, "", None);
    }
}
