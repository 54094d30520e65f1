//! The test executables that cargo has built.

use std::path::PathBuf;

use cargo_metadata::{Message, Metadata, Target, TargetKind};
use perfassert_record::record::TestId;

use crate::sources::name_of_crate;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Executable {
    package: String,
    target: Target,
    path: PathBuf,
}

impl Executable {
    /// Those that cargo's messages tell of.
    pub(super) fn built(messages: &[u8], metadata: &Metadata) -> Vec<Self> {
        let of = |message| {
            let Message::CompilerArtifact(artifact) = message else { return None };
            let path = artifact.executable.filter(|_| artifact.profile.test)?;
            let package = metadata.packages.iter().find(|package| package.id == artifact.package_id)?;
            Some(Executable {
                package: package.name.to_string(),
                target: artifact.target,
                path: path.into_std_path_buf(),
            })
        };
        Message::parse_stream(messages).filter_map(Result::ok).filter_map(of).collect()
    }

    /// Where it lies, if its tests are those of a binary. A library may have the same name.
    pub(super) fn binary(&self) -> Option<&PathBuf> {
        self.target.is_bin().then_some(&self.path)
    }

    /// As nextest calls it.
    pub(super) fn id(&self) -> String {
        let Executable { package, target, .. } = self;
        let name = &target.name;
        match target.kind.first() {
            Some(TargetKind::Test) => format!("{package}::{name}"),
            Some(kind @ (TargetKind::Bin | TargetKind::Example | TargetKind::Bench)) => {
                format!("{package}::{kind}/{name}")
            }
            _ => package.clone(),
        }
    }

    /// Whether it is the one that a runner calls by its path or its id.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.path.ends_with(name) || self.id() == name
    }

    pub(super) fn package(&self) -> &str {
        &self.package
    }

    /// Whether `test` is one of its own.
    pub(super) fn has(&self, test: &TestId) -> bool {
        test.package == self.package && test.target == name_of_crate(&self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: TargetKind, name: &str, id: &str, target: &str) {
        let executable = Executable {
            package: "web-shop".to_owned(),
            target: serde_json::from_value(serde_json::json!({
                "kind": [kind], "name": name, "src_path": "/shop/src/lib.rs",
            }))
            .unwrap(),
            path: PathBuf::from("/shop/target/debug/deps/web_shop-0123456789abcdef"),
        };
        assert_eq!(executable.id(), id);
        assert!(
            executable.is_called(id) && executable.is_called("target/debug/deps/web_shop-0123456789abcdef")
        );
        let test = |target: &str| TestId {
            package: "web-shop".to_owned(),
            target: target.to_owned(),
            name: "lists".to_owned(),
            case: None,
        };
        assert!(executable.has(&test(target)) && !executable.has(&test("other")));
    }

    #[test]
    fn an_executable_is_known_by_each_of_its_names() {
        check(TargetKind::Lib, "web_shop", "web-shop", "web_shop");
        check(TargetKind::Test, "api", "web-shop::api", "api");
        check(TargetKind::Bin, "web-shop", "web-shop::bin/web-shop", "bin/web_shop");
    }
}
