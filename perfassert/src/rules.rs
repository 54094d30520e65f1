//! What a test is judged by: its attributes, and what the team has set for all tests.

use std::borrow::Cow;
use std::sync::Arc;

#[cfg(feature = "toml-files")]
use crate::config::{self, Config};
use crate::inconclusive::Inconclusive;
#[cfg(feature = "toml-files")]
use crate::spec::NoNPlusOne;
use crate::spec::{Gate, Test};
use crate::sql::Fingerprint;

/// The gates of a test, and what bears on them.
pub(crate) struct Rules {
    pub(crate) gates: Cow<'static, [Gate]>,
    /// Statements that may repeat.
    pub(crate) allowed: Arc<[Fingerprint]>,
    /// Why the rules are not known.
    pub(crate) inconclusive: Option<Inconclusive>,
}

impl Rules {
    /// Those of a test that calls these endpoints.
    pub(crate) fn of(test: &'static Test, endpoints: &[&str]) -> Self {
        let rules = Rules { gates: Cow::Borrowed(test.gates), allowed: Arc::new([]), inconclusive: None };
        #[cfg(feature = "toml-files")]
        match config(test) {
            Ok(config) => rules.with(config, test, endpoints),
            Err(inconclusive) => Rules { inconclusive: Some(inconclusive.clone()), ..rules },
        }
        #[cfg(not(feature = "toml-files"))]
        {
            let _ = endpoints;
            Rules { inconclusive: unread(test), ..rules }
        }
    }

    #[cfg(feature = "toml-files")]
    fn with(mut self, config: &Config, test: &Test, endpoints: &[&str]) -> Self {
        let has = |is: fn(&Gate) -> bool| self.gates.iter().any(is);
        let mut more =
            config::gates(&config.limits, test.crate_name(), &test.id().path(), endpoints, &self.gates);
        // One that has no attribute has nowhere to say where its snapshot stands.
        if config.snapshot_all && test.is_marked() && test.assert_snapshot.is_none() {
            self.inconclusive = Some(no_snapshots());
        } else if config.snapshot_all && test.is_marked() && !has(|gate| matches!(gate, Gate::Snapshot)) {
            more.push(Gate::Snapshot);
        }
        let is_said = has(|gate| matches!(gate, Gate::NoNPlusOne(_)));
        if let Some(threshold) = config.no_n_plus_one.filter(|_| !is_said) {
            more.push(Gate::NoNPlusOne(NoNPlusOne { threshold, is_for_all: true }));
        }
        if !more.is_empty() {
            self.gates.to_mut().extend(more);
        }
        self.allowed = config.allowed.as_slice().into();
        self
    }

    /// Whether the counts are compared with a snapshot.
    #[cfg(feature = "snapshot")]
    pub(crate) fn has_snapshot(&self) -> bool {
        self.gates.iter().any(|gate| matches!(gate, Gate::Snapshot))
    }
}

/// Whether `cargo perfassert` measures a test that has no attribute. Where it is not known what is set, that is said with the counts.
#[cfg(inherit_threads)]
pub(crate) fn measures_unmarked(test: &'static Test) -> bool {
    #[cfg(feature = "toml-files")]
    return config(test).map_or(true, |config| config.measures_all);
    #[cfg(not(feature = "toml-files"))]
    {
        let _ = test;
        true
    }
}

/// Whether the team limits the memory of a test at its peak or at its end, which is measured where it is asked for.
pub(crate) fn limits_memory(test: &'static Test) -> bool {
    #[cfg(feature = "toml-files")]
    return config(test).is_ok_and(|config| {
        let mut limits = config.limits.iter().filter(|limit| limit.needs_memory());
        limits.any(|limit| limit.is_for(test.crate_name(), &test.id().path()))
    });
    #[cfg(not(feature = "toml-files"))]
    {
        let _ = test;
        false
    }
}

/// Crates that the team has named as drivers.
pub(crate) fn drivers(test: &'static Test) -> &'static [String] {
    #[cfg(feature = "toml-files")]
    return config(test).map_or(&[], |config| &config.drivers);
    #[cfg(not(feature = "toml-files"))]
    {
        let _ = test;
        &[]
    }
}

#[cfg(feature = "toml-files")]
fn no_snapshots() -> Inconclusive {
    Inconclusive::to_everything(
        "the configuration asks for snapshots, and this build of perfassert has none",
        "turn on its feature: perfassert = { version = \"0.1\", features = [\"snapshot\"] }",
    )
}

/// What is set for the tests of this program, which are all of one package.
#[cfg(feature = "toml-files")]
fn config(test: &'static Test) -> Result<&'static Config, &'static Inconclusive> {
    type Known = std::sync::OnceLock<Result<Config, Inconclusive>>;
    static UNMARKED: Known = Known::new();
    static MARKED: Known = Known::new();
    let read = || {
        let workspace = test.workspace().ok_or_else(not_here)?;
        Config::read(&workspace.package, &workspace.root)
    };
    if test.is_marked() { &MARKED } else { &UNMARKED }.get_or_init(read).as_ref()
}

/// Why it is not known what is set, in a build that cannot read it.
#[cfg(not(feature = "toml-files"))]
fn unread(test: &Test) -> Option<Inconclusive> {
    let Some(workspace) = test.workspace() else { return Some(not_here()) };
    let file = workspace.root.join("perfassert.toml");
    let is_set = |dir: &std::path::Path| {
        let manifest = dir.join("Cargo.toml");
        let text = std::fs::read_to_string(&manifest).unwrap_or_default();
        text.contains("metadata.perfassert").then(|| manifest.display().to_string())
    };
    let variable = ["PERFASSERT_SNAPSHOT", "PERFASSERT_NO_N_PLUS_ONE"].into_iter();
    let place = file.exists().then(|| file.display().to_string());
    let place = place.or_else(|| is_set(&workspace.package)).or_else(|| is_set(&workspace.root));
    let place = place
        .or_else(|| variable.into_iter().find(|name| std::env::var_os(name).is_some()).map(str::to_owned));
    place.map(|place| {
        Inconclusive::to_everything(
            format!("{place} sets something for all tests, and this build of perfassert cannot read it"),
            "turn on the feature that can: perfassert = { version = \"0.1\", features = [\"toml-files\"] }",
        )
    })
}

/// The program runs elsewhere than it was compiled.
fn not_here() -> Inconclusive {
    Inconclusive::to_everything(
        "cannot find the workspace of this test, neither where it was compiled nor here: what its perfassert.toml sets for all \
         tests is not known",
        format!(
            "run it in a checkout, an archive of nextest's by `cargo nextest run --workspace-remap .`\n\
             or set {} to a directory with the workspace's perfassert.toml, if it has one",
            crate::workspace::VARIABLE
        ),
    )
}
