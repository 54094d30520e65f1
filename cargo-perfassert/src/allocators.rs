//! A program with two global allocators: perfassert's, which its feature `allocator` installs, and another.
//!
//! rustc says that they conflict. Who has asked for the feature it does not know: in a workspace that may be any other member.

use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{Dependency, Message, Metadata, Package};

/// A program that does not compile because of two global allocators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoAllocators {
    /// The program's package.
    package: String,
    /// Its target.
    target: String,
    /// The crate that has the other one, if that is not the program itself.
    library: Option<String>,
    /// Which dependencies ask for perfassert's allocator, each with what is to stand there.
    edits: Vec<String>,
}

impl TwoAllocators {
    /// The first such program in cargo's messages, if one of the two allocators is perfassert's.
    #[must_use]
    pub fn find(messages: &[u8], metadata: &Metadata) -> Option<Self> {
        Message::parse_stream(messages).filter_map(Result::ok).find_map(|message| {
            let Message::CompilerMessage(compiled) = message else { return None };
            let other = other_allocator(&compiled.message.message)?;
            let package = metadata.packages.iter().find(|package| package.id == compiled.package_id)?;
            Some(TwoAllocators {
                package: package.name.to_string(),
                target: compiled.target.name,
                library: (other != "this crate").then(|| other.to_owned()),
                edits: edits(metadata),
            })
        })
    }

    /// What to change.
    #[must_use]
    pub fn advice(&self) -> Vec<String> {
        let features = "perfassert is compiled once for all members, with each feature that one of them asks for; \
                        leave out `allocator`, here or in [workspace.dependencies]:";
        let edits = self.edits.iter().map(String::as_str);
        let other = match &self.library {
            None => "one that has wraps it:\n        \
                     #[global_allocator]\n        \
                     static GLOBAL: perfassert::Alloc<Jemalloc> = perfassert::Alloc::new(Jemalloc);"
                .to_owned(),
            Some(library) => format!("move that of the library {library} to `main.rs`, which no test links"),
        };
        vec![
            std::iter::once(features).chain(edits).collect::<Vec<_>>().join("\n        "),
            "each test program that has no allocator of its own takes two lines:\n        \
             #[global_allocator]\n        \
             static GLOBAL: perfassert::Alloc = perfassert::Alloc::system();"
                .to_owned(),
            other,
        ]
    }
}

impl std::fmt::Display for TwoAllocators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let TwoAllocators { package, target, .. } = self;
        write!(f, "`{target}` of {package} has two global allocators, one of them perfassert's")
    }
}

/// Which crate has an allocator beside perfassert's, in rustc's words.
fn other_allocator(message: &str) -> Option<&str> {
    let crates = message.strip_prefix("the `#[global_allocator]` in ")?;
    match crates.split_once(" conflicts with global allocator in: ")? {
        (other, "perfassert") | ("perfassert", other) => Some(other),
        _ => None,
    }
}

/// The dependencies of local packages that ask for the allocator, by manifest.
fn edits(metadata: &Metadata) -> Vec<String> {
    let perfassert = metadata.packages.iter().find(|package| package.name == "perfassert");
    let defaults =
        perfassert.and_then(|perfassert| perfassert.features.get("default")).map_or(&[][..], |list| list);
    let local = metadata.packages.iter().filter(|package| package.source.is_none());
    let asks = local.flat_map(|package| {
        let of_perfassert = package.dependencies.iter().filter(|dependency| dependency.name == "perfassert");
        of_perfassert.filter_map(|dependency| edit(package, dependency, defaults, &metadata.workspace_root))
    });
    asks.collect()
}

/// The dependency without the allocator; `None` if it does not ask for it.
fn edit(package: &Package, dependency: &Dependency, defaults: &[String], root: &Utf8Path) -> Option<String> {
    let is_default =
        dependency.uses_default_features || dependency.features.iter().any(|name| name == "default");
    let mut features: Vec<&str> = Vec::new();
    let given = defaults.iter().filter(|_| is_default).chain(&dependency.features);
    for name in given.map(String::as_str).filter(|name| *name != "default") {
        if !features.contains(&name) {
            features.push(name);
        }
    }
    let all = features.len();
    features.retain(|name| *name != "allocator");
    let manifest = package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path);
    let name = dependency.rename.as_deref().unwrap_or("perfassert");
    (features.len() < all)
        .then(|| format!("{manifest}: {name} = {{ ..., default-features = false, features = {features:?} }}"))
}
