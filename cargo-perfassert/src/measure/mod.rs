//! Runs the tests of a workspace and reads the records that they leave.

mod executables;
mod failures;
mod first;
mod list;
mod packages;
mod records;
mod selection;
mod shown;
mod unmeasured;
mod unopened;
mod unrecorded;

pub use failures::Failures;
pub use list::{ListedTest, meant};
pub use selection::Selection;
pub use shown::{CargoOutput, Color};

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use perfassert_record::record::explain::{self, Explanation};
use perfassert_record::record::{
    self, BINARIES_VARIABLE, DIR_VARIABLE, Damage, Outcome, Record, TestId, WORKSPACE_VARIABLE,
};

use crate::allocators::TwoAllocators;
use crate::clean::{clean, clean_explanation, clean_output, clean_record, clean_test};
use crate::error::{Error, io};
use crate::isolate::{self, Configured};
use crate::process;
use crate::runs::Run;
use crate::settings::Settings;
use crate::snapshots;
use crate::workspace::{Workspace, cargo_command};
use executables::Executable;
use first::First;

/// What is compiled with optimisation whatever the profile says: the allocator's hook, which runs on every allocation of
/// a test, what normalises statements, and what resolves call sites, which reads all the debug information of a test binary.
pub const OPTIMISED: [&str; 7] =
    ["perfassert", "perfassert-record", "addr2line", "backtrace", "gimli", "object", "rustc-demangle"];

/// What runs the tests.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runner {
    /// `cargo test`; each test in a process of its own, unless a runner is configured for the target.
    CargoTest,
    /// `cargo nextest run`, which runs each test in a process of its own.
    Nextest,
}

impl Runner {
    /// Nextest where it is installed.
    ///
    /// # Errors
    ///
    /// When cargo cannot be started.
    pub fn installed(dir: &Path) -> Result<Runner, Error> {
        let asked = process::output(cargo_command(dir).args(["nextest", "--version"]))?;
        Ok(if asked.status.success() { Runner::Nextest } else { Runner::CargoTest })
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Runner::CargoTest => &["test"],
            Runner::Nextest => &["nextest", "run"],
        }
    }
}

/// One measurement: which tests of which workspace, built where.
#[derive(Clone, Copy, Debug)]
pub struct Measurement<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// What to build and run of it.
    pub selection: &'a Selection,
    /// What runs it.
    pub runner: Runner,
    /// Where it is built; always named, over any configuration, so that two sides never share one.
    pub target_dir: &'a Path,
    /// Whether intermediate files go there too, whatever `build.build-dir` says.
    pub own_build_dir: bool,
    /// How often the tests are run.
    pub repeat: u32,
    /// Whether the runner's output may have colours.
    pub color: bool,
    /// Whether the tests are to leave explanations.
    pub explain: bool,
}

/// What a measurement found.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// The records, one for each test.
    pub run: Run,
    /// The records of every repeat; none of a test whose counts are those of a snapshot.
    pub repeats: Vec<Record>,
    /// Record lines that could not be read.
    pub damage: Vec<Damage>,
    /// The tests that failed by themselves.
    pub failures: Failures,
    /// The tests that began or have an attribute, did not fail and left no record: nothing judged them. Sorted.
    pub unrecorded: Vec<TestId>,
    /// Test executables, as nextest calls them, of which no test left a record, though tests without an attribute are measured; and tests of
    /// others. Sorted.
    pub unmeasured: Vec<String>,
    /// Who did what in them, if that was asked for.
    pub explanations: Vec<Explanation>,
}

impl Measured {
    /// How often a test was measured: never, if its counts are those of a snapshot.
    #[must_use]
    pub fn looks(&self, test: &TestId) -> usize {
        self.repeats.iter().filter(|record| record.test == *test).count()
    }

    /// Adds another measurement of some of its tests.
    pub fn look_again(&mut self, other: Measured) {
        self.repeats.extend(other.repeats);
        self.damage.extend(other.damage);
        self.failures.add(other.failures);
        self.add_unrecorded(other.unrecorded);
        self.run.take_over(Run::repeated(self.repeats.clone()));
    }

    /// Leaves out the tests without an attribute of which a `baseline` of snapshots does not tell, and returns them. One that is over a
    /// limit stays.
    pub fn leave_out_those_without_snapshot(&mut self, baseline: &Run) -> Vec<TestId> {
        let told_of: BTreeSet<_> = baseline.records.iter().map(|record| &record.test).collect();
        let is_without = |record: &&Record| {
            let has_passed = matches!(record.outcome, Outcome::Passed | Outcome::Unseen(_));
            !record.is_marked && has_passed && !told_of.contains(&record.test)
        };
        let without = self.run.records.iter().filter(is_without);
        let without: BTreeSet<TestId> = without.map(|record| record.test.clone()).collect();
        self.run.records.retain(|record| !without.contains(&record.test));
        self.run.spreads.retain(|spread| !without.contains(&spread.test));
        self.repeats.retain(|record| !without.contains(&record.test));
        without.into_iter().collect()
    }

    /// Whether there is nothing in it, not even a failure.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.run.records.is_empty()
            && self.damage.is_empty()
            && self.failures.is_empty()
            && self.unrecorded.is_empty()
    }

    /// Whether each test that was run ended as it should and was recorded.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damage.is_empty() && self.failures.is_empty() && self.unrecorded.is_empty()
    }

    fn add_unmeasured(&mut self, executables: Vec<String>) {
        self.unmeasured.extend(executables);
        self.unmeasured.sort();
        self.unmeasured.dedup();
    }

    fn add_unrecorded(&mut self, tests: Vec<TestId>) {
        self.unrecorded.extend(tests);
        self.unrecorded.sort();
        self.unrecorded.dedup();
    }
}

impl Measurement<'_> {
    /// Builds the tests, runs them and reads their records.
    ///
    /// What the tests print goes to `progress`, what the compiler prints to standard error itself, so that its
    /// progress bar works.
    ///
    /// # Errors
    ///
    /// When the tests do not compile, the runner stops before the end, or records cannot be read.
    /// A failing test is no error.
    pub fn run(&self, progress: &mut dyn Write) -> Result<Measured, Error> {
        let run_arguments = self.selection.run_arguments(self.runner)?;
        let mut executables = self.build_tests(progress)?;
        let settings = Settings::of_each(self.workspace);
        // Of the others nothing is expected of tests without an attribute.
        executables.retain(|it| settings.get(it.package()).is_none_or(|settings| settings.measures_all));
        let runner = self.isolating_runner(progress)?;
        let mut all = Measured::default();
        for n in 1..=self.repeat {
            if self.repeat > 1 {
                let _ = writeln!(progress, "perfassert: run {n} of {}", self.repeat);
            }
            self.run_once(&run_arguments, runner.as_deref(), &executables, &mut all, progress)?;
        }
        snapshots::place(self.workspace, &settings, &mut all.repeats);
        all.run = Run::repeated(all.repeats.clone());
        Ok(all)
    }

    /// Builds the tests.
    ///
    /// # Errors
    ///
    /// When they do not compile.
    pub fn build(&self, progress: &mut dyn Write) -> Result<(), Error> {
        self.build_tests(progress).map(drop)
    }

    /// The same, with what was built. Cargo tells of that: nextest has it build in the same way.
    fn build_tests(&self, progress: &mut dyn Write) -> Result<Vec<Executable>, Error> {
        fs::create_dir_all(self.target_dir).map_err(io("creating", self.target_dir))?;
        let first = First::of(self);
        if first.is_told() {
            let _ = writeln!(progress, "perfassert: {}", First::text());
        }
        let mut command = self.by_cargo().command();
        command.args(self.selection.shown.arguments());
        let (built, messages) = process::printed(command.arg("--no-run"))?;
        if built.success() {
            first.is_over();
            return Ok(Executable::built(&messages, &self.workspace.metadata));
        }
        Err(self.why_not_built()?)
    }

    fn by_cargo(&self) -> Self {
        Measurement { runner: Runner::CargoTest, ..*self }
    }

    /// What keeps the tests from compiling: two global allocators, or anything else.
    ///
    /// Cargo has shown its messages, and keeps none of what failed: that is compiled once more.
    fn why_not_built(&self) -> Result<Error, Error> {
        let built =
            process::output(self.by_cargo().command().args(["--no-run", "--message-format", "json"]))?;
        let two = TwoAllocators::find(&built.stdout, &self.workspace.metadata);
        if let Some(two) = two.filter(|_| self.workspace.has_perfassert()) {
            return Ok(Error::TwoAllocators(two));
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // It did not begin to build, or the runner had another reason, which it has shown.
        if built.status.success() || !text(&built.stdout).contains("\"build-finished\"") {
            return Ok(Error::Cargo { message: text(&built.stderr).trim_end().to_owned() });
        }
        Ok(Error::Build { output: text(&built.stdout) + &text(&built.stderr) })
    }

    /// Runs the tests that are built, and adds what they left.
    fn run_once(
        &self,
        run_arguments: &[String],
        runner: Option<&str>,
        executables: &[Executable],
        all: &mut Measured,
        progress: &mut dyn Write,
    ) -> Result<(), Error> {
        let dir = records::Records::make(self.target_dir)?;
        let mut command = self.command();
        if let Some(runner) = runner {
            command.args(["--config", runner]);
        }
        command.arg("--no-fail-fast").env(DIR_VARIABLE, dir.path());
        command.env(WORKSPACE_VARIABLE, self.workspace.root());
        if let Ok(binaries) = std::env::join_paths(executables.iter().filter_map(Executable::binary)) {
            command.env(BINARIES_VARIABLE, binaries);
        }
        if self.explain {
            command.env(explain::DIR_VARIABLE, dir.path());
        }
        if self.runner == Runner::Nextest {
            // It says of each test that it passed, whatever the user's configuration is content with.
            command.args(["--no-tests", "pass"]).env("NEXTEST_STATUS_LEVEL", "pass");
        }
        if self.color {
            command.env("CARGO_TERM_COLOR", "always");
        }
        command.args(run_arguments);
        let mut output = failures::Output::default();
        let mut unshown = String::new();
        let status = process::lines(command, |line| {
            output.read(&clean(&anstream::adapter::strip_str(line).to_string()));
            let line = clean_output(line);
            if self.selection.shown.quiet {
                unshown.push_str(&line);
                unshown.push('\n');
            } else {
                // Progress that cannot be shown is no reason to stop.
                let _ = writeln!(progress, "{line}");
            }
        })?;
        if !status.success() {
            let _ = progress.write_all(unshown.as_bytes());
        }
        let (explanations, mut damage) = explain::read_dir(dir.path()).map_err(Error::Records)?;
        all.explanations.extend(explanations.into_iter().map(clean_explanation));
        let (mut begun, of_begun) = record::begun(dir.path()).map_err(Error::Records)?;
        let (records, of_records) = record::read_dir(dir.path()).map_err(Error::Records)?;
        begun.iter_mut().for_each(clean_test);
        damage.extend(of_begun.into_iter().chain(of_records));
        dir.keep(&mut damage, progress);
        all.damage.extend(damage);
        let run = Run::new(records.into_iter().map(clean_record).collect());
        let seen: Vec<_> = begun.iter().chain(run.records.iter().map(|record| &record.test)).collect();
        all.add_unrecorded(unopened::unopened(self.workspace, output.passed(), &seen));
        all.add_unmeasured(unmeasured::unmeasured(executables, &output, &seen));
        let failures = output.failures(status.success(), self.runner == Runner::CargoTest, &run);
        all.add_unrecorded(unrecorded::unrecorded(begun, &run, &failures));
        all.failures.add(failures);
        all.repeats.extend(run.records);
        Ok(())
    }

    /// The configuration that makes cargo run test by test, and count benchmarks; `None` where there is no benchmark and the runner
    /// does the former itself, or the user has a runner of their own.
    fn isolating_runner(&self, progress: &mut dyn Write) -> Result<Option<String>, Error> {
        let has_benches = self.selection.has_benches();
        if self.runner == Runner::Nextest && !has_benches {
            return Ok(None);
        }
        let Selection { target, config, .. } = self.selection;
        let Configured { triple, runner, .. } =
            Configured::read(&self.workspace.dir, target.as_deref(), config)?;
        if let Some(place) = &runner
            && has_benches
        {
            let _ = writeln!(
                progress,
                "perfassert: benchmarks are not counted, because {place} sets a runner for {triple}\n  \
                 help: only a runner of perfassert's can tell them to iterate a few times; unset it"
            );
        }
        if self.runner == Runner::Nextest && runner.is_some() {
            return Ok(None);
        }
        if let Some(place) = runner {
            let _ = writeln!(
                progress,
                "perfassert: the tests of an executable run in one process, because {place} sets a runner for {triple}\n  \
                 help: work that is done once is charged to whichever test comes first; install nextest, or unset it"
            );
            return Ok(None);
        }
        let own = isolate::runner(&triple);
        own.map(Some).map_err(|source| Error::Start { program: "cargo-perfassert".to_owned(), source })
    }

    fn command(&self) -> Command {
        let mut command = cargo_command(&self.workspace.dir);
        // First, so that a `--config` of the user's own has the last word.
        command.args(self.runner.words());
        for package in OPTIMISED {
            command.arg("--config").arg(format!("profile.dev.package.{package}.opt-level=3"));
        }
        command.args(self.selection.build_arguments(self.runner)).arg("--target-dir").arg(self.target_dir);
        if self.own_build_dir {
            let dir = self.target_dir.display().to_string();
            // The path as a TOML string: JSON's quoting is the same for every path.
            command.arg("--config").arg(format!("build.build-dir={}", serde_json::Value::from(dir)));
        }
        if let Some(manifest) = &self.workspace.manifest {
            command.arg("--manifest-path").arg(manifest);
        }
        if let Some(color) = self.selection.shown.color {
            command.env("CARGO_TERM_COLOR", color.as_str());
        }
        command
    }
}
