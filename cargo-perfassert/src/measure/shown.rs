//! Options of `cargo test` that choose nothing: what cargo shows, taken, and what makes no sense where tests are measured, refused.

use clap::{ArgAction, Args, ValueEnum};

use crate::error::Error;

/// What cargo shows.
#[derive(Args, Clone, Debug, Default)]
pub struct CargoOutput {
    /// Show neither cargo's messages nor the runner's, unless something fails
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,
    /// Show the commands that cargo runs; -vv what build scripts print, too
    #[arg(short, long, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// Whether there are colours
    #[arg(long, value_enum, value_name = "WHEN", help_heading = "Output")]
    pub color: Option<Color>,
    /// How the compiler's messages look
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub message_format: Option<String>,
    /// Write a report on how long the build took, in the target directory
    #[arg(long, help_heading = "Output")]
    pub timings: bool,
    /// Show what future versions of the compiler will refuse
    #[arg(long, help_heading = "Output")]
    pub future_incompat_report: bool,
    /// Run all tests regardless of failure, as is always done
    #[arg(long, alias = "nff", help_heading = "Output")]
    pub no_fail_fast: bool,

    #[command(flatten)]
    refused: Refused,
}

/// Whether there are colours.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Where a terminal shows them.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// As cargo has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Color::Auto => "auto",
            Color::Always => "always",
            Color::Never => "never",
        }
    }
}

/// Each is known, so that it is told why not.
#[derive(Args, Clone, Debug, Default)]
struct Refused {
    #[arg(long, hide = true)]
    doc: bool,
    #[arg(long, hide = true)]
    no_run: bool,
    #[arg(long, hide = true)]
    unit_graph: bool,
    #[arg(long, alias = "ff", hide = true)]
    fail_fast: bool,
    #[arg(long, value_name = "N", hide = true)]
    max_fail: Option<String>,
}

impl CargoOutput {
    /// Fails with the reason where an option makes no sense.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`].
    pub fn check(&self) -> Result<(), Error> {
        let refused = |option: &str, reason: &str, help: &str| {
            let (reason, help) = (reason.to_owned(), help.to_owned());
            Err(Error::Refused { option: option.to_owned(), reason, help })
        };
        let Refused { doc, no_run, unit_graph, fail_fast, max_fail } = &self.refused;
        let format = self.message_format.as_deref().unwrap_or("human");
        if *doc {
            let reason = "doctests are compiled without perfassert's attributes, so nothing measures them";
            return refused("--doc", reason, "run them apart: cargo test --doc");
        }
        if *no_run {
            return refused(
                "--no-run",
                "what is not run measures nothing",
                "to see whether the tests compile: cargo test --no-run",
            );
        }
        if *unit_graph {
            let reason = "it prints a graph in place of building";
            return refused("--unit-graph", reason, "ask cargo: cargo test --unit-graph -Z unstable-options");
        }
        if *fail_fast || max_fail.is_some() {
            let option = if *fail_fast { "--fail-fast" } else { "--max-fail" };
            let reason = "tests that are not run any more would look as if they were gone";
            return refused(
                option,
                reason,
                "leave it out; to run a few tests, name them: cargo perfassert run NAME",
            );
        }
        if !["human", "short"].contains(&format) {
            return refused(
                &format!("--message-format {format}"),
                "standard output holds the report, and nothing else",
                "for a report in JSON: --format json; for cargo's messages: cargo test --no-run --message-format json",
            );
        }
        Ok(())
    }

    /// Cargo's words for a build: it shows people what the compiler says, and tells us what was built.
    pub(super) fn arguments(&self) -> Vec<String> {
        let format = match self.message_format.as_deref() {
            Some("short") => "json-render-diagnostics,json-diagnostic-short",
            _ => "json-render-diagnostics",
        };
        let mut words = vec!["--message-format", format];
        words.extend(self.quiet.then_some("--quiet"));
        words.extend(std::iter::repeat_n("--verbose", self.verbose.into()));
        words.extend(self.timings.then_some("--timings"));
        words.extend(self.future_incompat_report.then_some("--future-incompat-report"));
        words.into_iter().map(str::to_owned).collect()
    }
}
