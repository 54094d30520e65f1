//! What to build and which tests to run, in cargo's words; the same for both sides of a diff.

use std::path::PathBuf;

use cargo_metadata::{Metadata, Target};
use clap::Args;
use perfassert_record::record::TestId;

use super::{CargoOutput, Runner};
use crate::error::Error;

/// The options of `cargo test` that choose what is built and run.
#[derive(Args, Clone, Debug, Default)]
pub struct Selection {
    /// Run only tests whose name contains this
    #[arg(value_name = "TESTNAME")]
    pub filter: Option<String>,

    /// Package to test
    #[arg(short, long = "package", value_name = "SPEC", help_heading = "Package selection")]
    pub packages: Vec<String>,
    /// Test all packages of the workspace
    #[arg(long, visible_alias = "all", help_heading = "Package selection")]
    pub workspace: bool,
    /// Exclude packages from the test
    #[arg(long, value_name = "SPEC", help_heading = "Package selection")]
    pub exclude: Vec<String>,

    /// Test only the library
    #[arg(long, help_heading = "Target selection")]
    pub lib: bool,
    /// Test all binaries
    #[arg(long, help_heading = "Target selection")]
    pub bins: bool,
    /// Test only this binary
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub bin: Vec<String>,
    /// Test all examples
    #[arg(long, help_heading = "Target selection")]
    pub examples: bool,
    /// Test only this example
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub example: Vec<String>,
    /// Test all targets that have `test = true`; what is tested when no target is named
    #[arg(long, help_heading = "Target selection")]
    pub tests: bool,
    /// Test only this integration test
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub test: Vec<String>,
    /// Test all benchmarks: what an iteration of each allocates is compared exactly
    #[arg(long, help_heading = "Target selection")]
    pub benches: bool,
    /// Test only this benchmark target
    #[arg(long, value_name = "NAME", help_heading = "Target selection")]
    pub bench: Vec<String>,
    /// Test all targets, benches included
    #[arg(long, help_heading = "Target selection")]
    pub all_targets: bool,

    /// Features to activate, by space or comma
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = "Feature selection")]
    pub features: Vec<String>,
    /// Activate all features
    #[arg(long, help_heading = "Feature selection")]
    pub all_features: bool,
    /// Do not activate the `default` feature
    #[arg(long, help_heading = "Feature selection")]
    pub no_default_features: bool,

    /// Build in release mode
    #[arg(short, long, help_heading = "Compilation")]
    pub release: bool,
    /// Build with this cargo profile
    #[arg(long, value_name = "NAME", help_heading = "Compilation")]
    pub profile: Option<String>,
    /// Number of parallel build jobs
    #[arg(short, long, value_name = "N", help_heading = "Compilation")]
    pub jobs: Option<String>,
    /// Build for this target triple
    #[arg(long, value_name = "TRIPLE", help_heading = "Compilation")]
    pub target: Option<String>,
    /// Directory for what is built; perfassert's own files are kept in it too
    #[arg(long, value_name = "DIRECTORY", help_heading = "Compilation")]
    pub target_dir: Option<PathBuf>,
    /// Override a configuration value
    #[arg(long, value_name = "KEY=VALUE|PATH", help_heading = "Compilation")]
    pub config: Vec<String>,
    /// Unstable flags to cargo
    #[arg(short = 'Z', value_name = "FLAG", help_heading = "Compilation")]
    pub unstable: Vec<String>,

    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = "Manifest")]
    pub manifest_path: Option<PathBuf>,
    /// Ignore `rust-version` in packages
    #[arg(long, help_heading = "Manifest")]
    pub ignore_rust_version: bool,
    /// Assert that Cargo.lock will remain unchanged
    #[arg(long, help_heading = "Manifest")]
    pub locked: bool,
    /// Run without accessing the network
    #[arg(long, help_heading = "Manifest")]
    pub offline: bool,
    /// The same as --locked and --offline
    #[arg(long, help_heading = "Manifest")]
    pub frozen: bool,

    /// Run only tests that this filter set matches; needs nextest
    #[arg(short = 'E', long, value_name = "EXPR", help_heading = "Nextest")]
    pub filterset: Vec<String>,
    /// Retry a failing test this often; needs nextest
    #[arg(long, value_name = "N", help_heading = "Nextest")]
    pub retries: Option<u32>,
    /// Run a part of the tests, hash:1/2 or slice:1/3; needs nextest
    #[arg(long, value_name = "PARTITION", help_heading = "Nextest")]
    pub partition: Option<String>,
    /// Run ignored tests: default, only, all; needs nextest
    #[arg(long, value_name = "WHICH", help_heading = "Nextest")]
    pub run_ignored: Option<String>,
    /// Run also what the configuration of nextest leaves out; needs nextest
    #[arg(long, help_heading = "Nextest")]
    pub ignore_default_filter: bool,
    /// Number of tests that run at a time; needs nextest
    #[arg(long, value_name = "N", help_heading = "Nextest")]
    pub test_threads: Option<String>,

    /// What cargo shows.
    #[command(flatten)]
    pub shown: CargoOutput,

    /// Arguments for the test binaries: a filter, --exact, --ignored, ...
    #[arg(last = true, value_name = "ARGS")]
    pub harness: Vec<String>,
}

impl Selection {
    /// Whether it names some of the tests of a package, or some of the packages.
    #[must_use]
    pub fn names_some(&self) -> bool {
        let named = [&self.packages, &self.exclude, &self.filterset];
        self.names_a_target()
            || self.filter.is_some()
            || self.partition.is_some()
            || self.run_ignored.as_ref().is_some_and(|which| which == "only")
            || !self.harness.is_empty()
            || named.iter().any(|names| !names.is_empty())
    }

    /// The same, of `tests` only, which it has selected. With arguments for the test binaries it is left as it is: among them
    /// may be filters of their own.
    #[must_use]
    pub fn only(&self, tests: &[TestId], runner: Runner) -> Selection {
        let mut narrow = self.clone();
        if !self.harness.is_empty() {
            return narrow;
        }
        // Of a few tests other ones would be in a part.
        (narrow.filter, narrow.partition) = (None, None);
        match runner {
            Runner::Nextest => {
                let one = |test: &TestId| {
                    format!("(package(={}) & test(={}))", test.package, escaped(&test.path()))
                };
                narrow.filterset = vec![tests.iter().map(one).collect::<Vec<_>>().join(" | ")];
            }
            Runner::CargoTest => {
                narrow.harness = vec!["--exact".to_owned()];
                narrow.harness.extend(tests.iter().map(TestId::path));
            }
        }
        narrow
    }

    /// The same, of the test with this path only.
    #[must_use]
    pub fn exactly(&self, path: &str, runner: Runner) -> Selection {
        let mut narrow = self.clone();
        match runner {
            Runner::Nextest => narrow.filterset = vec![format!("test(={path})")],
            Runner::CargoTest => narrow.harness.extend(["--exact".to_owned(), path.to_owned()]),
        }
        narrow
    }

    /// The options that `cargo metadata` knows too.
    #[must_use]
    pub fn metadata_options(&self) -> Vec<String> {
        let mut words = Words::default();
        words.flag("--locked", self.locked);
        words.flag("--offline", self.offline);
        words.flag("--frozen", self.frozen);
        words.each("--config", &self.config);
        words.0
    }

    /// The options that choose what is built, in the words of `runner`; neither directories nor names of tests.
    #[must_use]
    pub fn build_arguments(&self, runner: Runner) -> Vec<String> {
        let mut words = Words::default();
        words.each("--package", &self.packages);
        words.flag("--workspace", self.workspace);
        words.each("--exclude", &self.exclude);
        words.flag("--lib", self.lib);
        words.flag("--bins", self.bins);
        words.each("--bin", &self.bin);
        words.flag("--examples", self.examples);
        words.each("--example", &self.example);
        // Without a target cargo runs the doctests too, which cannot be measured.
        words.flag("--tests", self.tests || !self.names_a_target());
        words.each("--test", &self.test);
        words.flag("--benches", self.benches);
        words.each("--bench", &self.bench);
        words.flag("--all-targets", self.all_targets);
        words.each("--features", &self.features);
        words.flag("--all-features", self.all_features);
        words.flag("--no-default-features", self.no_default_features);
        words.flag("--release", self.release);
        let (profile, jobs) = match runner {
            Runner::CargoTest => ("--profile", "--jobs"),
            Runner::Nextest => ("--cargo-profile", "--build-jobs"),
        };
        words.each(profile, &self.profile);
        words.each(jobs, &self.jobs);
        words.each("--target", &self.target);
        words.each("-Z", &self.unstable);
        words.flag("--ignore-rust-version", self.ignore_rust_version);
        words.0.extend(self.metadata_options());
        words.0
    }

    /// The options that choose among the tests that were built.
    ///
    /// # Errors
    ///
    /// When `runner` has no such option.
    pub fn run_arguments(&self, runner: Runner) -> Result<Vec<String>, Error> {
        let mut words = Words::default();
        words.each("--filterset", &self.filterset);
        words.each("--retries", &self.retries.map(|retries| retries.to_string()));
        words.each("--partition", &self.partition);
        words.each("--run-ignored", &self.run_ignored);
        words.each("--test-threads", &self.test_threads);
        words.flag("--ignore-default-filter", self.ignore_default_filter);
        if let (Runner::CargoTest, Some(option)) = (runner, words.0.first()) {
            return Err(Error::Refused {
                option: option.clone(),
                reason: "it is an option of nextest, which does not run these tests".to_owned(),
                help: "install it: cargo install cargo-nextest --locked; or leave out --runner cargo-test"
                    .to_owned(),
            });
        }
        words.0.extend(self.filter.clone());
        if !self.harness.is_empty() {
            words.0.push("--".to_owned());
            words.0.extend(self.harness.iter().cloned());
        }
        Ok(words.0)
    }

    /// What of this selection exists in another workspace: a package or an integration test that a branch adds cannot
    /// be asked of its baseline. `None` when nothing is left.
    #[must_use]
    pub fn existing_in(&self, metadata: &Metadata) -> Option<Selection> {
        let members = metadata.workspace_packages();
        let has_package = |spec: &String| {
            let name = spec.split('@').next().unwrap_or(spec);
            let is_a_name = name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
            !is_a_name || members.iter().any(|member| member.name == name)
        };
        let has_target = |name: &String, is: fn(&Target) -> bool| {
            let mut targets = members.iter().flat_map(|member| &member.targets);
            name.contains(['*', '?', '[']) || targets.any(|target| is(target) && target.name == *name)
        };
        let mut left = self.clone();
        left.packages.retain(has_package);
        left.test.retain(|name| has_target(name, Target::is_test));
        left.bench.retain(|name| has_target(name, Target::is_bench));
        let packages_gone = left.packages.is_empty() && !self.packages.is_empty();
        let targets_gone = !left.names_a_target() && self.names_a_target();
        (!packages_gone && !targets_gone).then_some(left)
    }

    /// Whether there may be benchmarks among what is run.
    #[must_use]
    pub fn has_benches(&self) -> bool {
        self.benches || self.all_targets || !self.bench.is_empty()
    }

    fn names_a_target(&self) -> bool {
        self.lib
            || self.bins
            || self.examples
            || self.tests
            || self.benches
            || self.all_targets
            || [&self.bin, &self.example, &self.test, &self.bench].iter().any(|names| !names.is_empty())
    }
}

/// A name as nextest's filter sets write it.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if matches!(letter, '\\' | ')' | ',') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// A command line that is being put together.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn flag(&mut self, name: &str, given: bool) {
        self.0.extend(given.then(|| name.to_owned()));
    }

    fn each<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a String>) {
        self.0.extend(values.into_iter().flat_map(|value| [name.to_owned(), value.clone()]));
    }
}
