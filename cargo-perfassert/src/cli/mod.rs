//! The command line: arguments in, exit code out.

mod confirm;
mod diff;
mod explain;
mod places;
mod run;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::error::{Error, USAGE, io as io_error};
use crate::explain::Metric;
use crate::git::Repository;
use crate::isolate::{self, Call};
use crate::measure::{ListedTest, Measured, Measurement, Runner, Selection};
use crate::process;
use crate::workspace::Workspace;

/// Stop N+1 queries and allocation regressions before merge
#[derive(Parser, Debug)]
#[command(name = "cargo perfassert", bin_name = "cargo perfassert", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the tests, print what each of them counted, and save the run
    Run(RunArguments),
    /// Compare this branch with another commit, and fail where it got worse
    ///
    /// The branch is measured as it lies in the working tree. The commit to compare with is the merge base of HEAD and
    /// REF; it is checked out, built and measured beside the branch, once: its counts are kept.
    ///
    /// A count that is the same in each look may not rise at all. One that moves by itself fails when each look at the
    /// branch counts more than any look at the baseline. Tests with a change are measured again, on both sides, before
    /// it is reported.
    ///
    /// Exit codes: 0 pass, 100 regression, 101 build, test or tool failure, 2 usage, 3 baseline unusable,
    /// 4 nothing measured.
    Diff(DiffArguments),
    /// Run one test again and show who allocated in it, and who sent queries, as a tree of callers
    ///
    /// Each row is a line of your code, or a function of a library that it calls: how often it allocated there and below,
    /// how many bytes, how often that made a block larger (`grown`), and whether the blocks were temporary or are
    /// retained at the end of the test's body.
    Explain(ExplainArguments),
}

#[derive(Args, Debug)]
struct RunArguments {
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Terminal, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    how: MeasureArguments,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Args, Debug)]
struct DiffArguments {
    /// Branch, tag or commit to compare with
    #[arg(value_name = "REF")]
    reference: String,
    /// Compare with REF itself, not with the merge base
    #[arg(long)]
    tip: bool,
    /// Measure the baseline although its counts are known
    #[arg(long)]
    rebuild: bool,
    /// Fail when the baseline measures nothing yet
    #[arg(long)]
    require_baseline: bool,
    /// Fail when a test that was measured is gone, or not measured any more
    #[arg(long)]
    deny_removed: bool,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Terminal, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    how: MeasureArguments,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Args, Debug)]
struct ExplainArguments {
    /// The test: its path, or a part of it that no other test has
    #[arg(value_name = "TEST")]
    path: String,
    /// Show what differs from the merge base of HEAD and REF, which is built beside the branch
    #[arg(long, value_name = "REF")]
    baseline: Option<String>,
    /// What the tree is sorted by, and what --folded and --svg count
    #[arg(long, value_enum, default_value_t = Metric::Allocs, value_name = "METRIC")]
    metric: Metric,
    /// Show every row, and not only those with 1 % of the whole and more
    #[arg(long)]
    all_rows: bool,
    /// Write folded stacks, as flamegraph.pl, inferno and speedscope read them
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,
    /// Write every frame of every stack, as the viewer of DHAT reads it (dh_view.html)
    #[arg(long, value_name = "FILE")]
    dhat: Option<PathBuf>,
    /// Draw a flame graph, with --baseline a differential one
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    how: MeasureArguments,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Args, Debug)]
struct MeasureArguments {
    /// What runs the tests; nextest where it is installed
    #[arg(long, value_enum, env = "PERFASSERT_RUNNER", value_name = "RUNNER")]
    runner: Option<Runner>,
    /// Run the tests N times: the least of each count is taken, and one that moves may rise within what it was seen to
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), env = "PERFASSERT_REPEAT")]
    repeat: u32,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Format {
    /// For people
    Terminal,
    /// For a comment on a pull request: at most 65,536 characters
    Markdown,
    /// For programs: one object, of which the field `format` has the version
    Json,
}

/// Runs the subcommand on this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Started by cargo: Ctrl-C reaches the whole group of processes, and ends this one too.
    if let Some(call) = Call::of(&arguments) {
        return isolate::main(&call);
    }
    if let Some(choice) = color_in(&arguments) {
        choice.write_global();
    }
    let mut progress = anstream::stderr();
    if let Err(error) = process::catch_interrupts() {
        return fail(&error, &mut progress);
    }
    run_with(arguments, &mut anstream::stdout(), &mut progress)
}

/// The value of `--color`: it decides how the streams are made that arguments are complained of on.
fn color_in(arguments: &[OsString]) -> Option<anstream::ColorChoice> {
    let words: Vec<_> =
        arguments.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--").collect();
    let at = words.iter().position(|word| word == "--color" || word.starts_with("--color="))?;
    let value = words[at].strip_prefix("--color=").or_else(|| words.get(at + 1).map(AsRef::as_ref))?;
    Some(match value {
        "always" => anstream::ColorChoice::Always,
        "never" => anstream::ColorChoice::Never,
        _ => anstream::ColorChoice::Auto,
    })
}

/// Runs the subcommand on `arguments`, the program's name first: the report goes to `out`, progress and errors to
/// `progress`.
#[must_use]
pub fn run_with(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    progress: &mut dyn Write,
) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    // As `cargo perfassert`, cargo passes the subcommand's own name on.
    if arguments.get(1).is_some_and(|first| first == "perfassert") {
        arguments.remove(1);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let (to, code): (&mut dyn Write, _) =
                if error.use_stderr() { (progress, USAGE) } else { (out, 0) };
            // The text that was asked for cannot be shown: there is nobody to tell.
            let _ = write!(to, "{}", error.render().ansi());
            return ExitCode::from(code);
        }
    };
    let done = match cli.command {
        Command::Run(arguments) => run::run(&arguments, out, progress),
        Command::Diff(arguments) => diff::diff(&arguments, out, progress),
        Command::Explain(arguments) => explain::explain(&arguments, out, progress),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&error, progress),
    }
}

fn fail(error: &Error, progress: &mut dyn Write) -> ExitCode {
    // Cargo has said it itself, last.
    if matches!(error, Error::Cargo { .. }) {
        return ExitCode::from(error.exit_code());
    }
    const RED: Style = AnsiColor::Red.on_default().bold();
    const BOLD: Style = Style::new().bold();
    // What cannot be written to standard error cannot be told at all; the exit code says the rest.
    let _ = writeln!(progress, "{RED}perfassert:{RED:#} {error}");
    for advice in error.advice() {
        let _ = writeln!(progress, "  {BOLD}help:{BOLD:#} {advice}");
    }
    ExitCode::from(error.exit_code())
}

/// The branch's side, ready to be measured in place.
struct Head {
    workspace: Workspace,
    runner: Runner,
    repeat: u32,
    target_dir: PathBuf,
    /// Where perfassert keeps its files.
    home: PathBuf,
}

impl Head {
    fn new(how: &MeasureArguments, selection: &Selection) -> Result<Self, Error> {
        selection.shown.check()?;
        let here = std::env::current_dir().and_then(|dir| dir.canonicalize());
        let here = here.map_err(io_error("reading", "the current directory"))?;
        let manifest = selection
            .manifest_path
            .as_deref()
            .map(|path| path.canonicalize().map_err(io_error("reading", path)));
        let manifest = manifest.transpose()?;
        let workspace = Workspace::read(&here, manifest.as_deref(), &selection.metadata_options())?;
        let runner = how.runner.map_or_else(|| Runner::installed(&here), Ok)?;
        let target_dir = match &selection.target_dir {
            Some(dir) => here.join(dir),
            None => workspace.metadata.target_directory.clone().into_std_path_buf(),
        };
        let home = target_dir.join("perfassert");
        // Whoever writes the branch could write counts there, or the name of a directory to be removed.
        if home.exists()
            && let Ok(repository) = Repository::find(workspace.root())
            && let Some(file) = repository.tracked(&home)?
        {
            return Err(Error::Tracked { file });
        }
        Ok(Head { workspace, runner, repeat: how.repeat, target_dir, home })
    }

    /// Measures, and saves the run.
    fn measure(&self, selection: &Selection, progress: &mut dyn Write) -> Result<Measured, Error> {
        let measured = self.look(selection, progress)?;
        if measured.is_empty() {
            return Err(Error::NothingMeasured { has_perfassert: self.workspace.has_perfassert() });
        }
        measured.run.save(&self.home.join("runs"))?;
        Ok(measured)
    }

    fn look(&self, selection: &Selection, progress: &mut dyn Write) -> Result<Measured, Error> {
        self.measurement(selection).run(progress)
    }

    /// The tests of `selection`, built and listed.
    fn list(&self, selection: &Selection, progress: &mut dyn Write) -> Result<Vec<ListedTest>, Error> {
        let measurement = self.measurement(selection);
        measurement.build(progress)?;
        measurement.list()
    }

    /// Measures once, with explanations.
    fn explain(&self, selection: &Selection, progress: &mut dyn Write) -> Result<Measured, Error> {
        Measurement { explain: true, repeat: 1, ..self.measurement(selection) }.run(progress)
    }

    fn measurement<'a>(&'a self, selection: &'a Selection) -> Measurement<'a> {
        Measurement {
            workspace: &self.workspace,
            selection,
            runner: self.runner,
            target_dir: &self.target_dir,
            own_build_dir: false,
            repeat: self.repeat,
            color: color(),
            explain: false,
        }
    }
}

/// Whether standard error shows colours; a runner whose output we read cannot see that by itself.
fn color() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

fn written(result: io::Result<()>) -> Result<(), Error> {
    result.map_err(io_error("writing", "standard output"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;

    /// The options that a help text lists, short and long.
    fn options(help: &str) -> BTreeSet<String> {
        let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let of_line = |line: &str| {
            let names = line.split("  ").next().unwrap_or(line).split(", ");
            names
                .map(|name| name.split([' ', '.', '[']).next().unwrap_or(name).to_owned())
                .collect::<Vec<_>>()
        };
        lines.flat_map(of_line).collect()
    }

    /// Each option of `cargo test` is taken, or refused with a reason.
    #[test]
    fn the_options_of_cargo_test_are_known() {
        let help =
            process::output(crate::workspace::cargo_command(".".as_ref()).args(["test", "-h"])).unwrap();
        let of_cargo = options(&String::from_utf8_lossy(&help.stdout));
        assert!(of_cargo.contains("--no-fail-fast") && of_cargo.contains("-q"), "{of_cargo:?}");
        let mut cli = Cli::command();
        cli.build();
        for command in cli.get_subcommands() {
            let long =
                command.get_arguments().flat_map(|it| it.get_long_and_visible_aliases().unwrap_or_default());
            let short =
                command.get_arguments().flat_map(|it| it.get_short_and_visible_aliases().unwrap_or_default());
            let known: BTreeSet<_> =
                long.map(|name| format!("--{name}")).chain(short.map(|name| format!("-{name}"))).collect();
            let unknown: Vec<_> = of_cargo.difference(&known).collect();
            assert!(unknown.is_empty(), "{} has no {unknown:?}", command.get_name());
        }
    }

    #[test]
    fn what_is_refused_says_what_to_do() {
        let check = |arguments: &[&str], expected: Option<&str>| {
            let all = ["perfassert", "run"].iter().chain(arguments);
            let cli = Cli::try_parse_from(all).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
            let Command::Run(run) = cli.command else { panic!("{arguments:?}") };
            let refused =
                run.selection.shown.check().err().map(|error| format!("{error}\n{}", error.advice()[0]));
            assert_eq!(
                refused.as_ref().map(|text| text.split(" is not").next().unwrap()),
                expected,
                "{refused:?}"
            );
            assert!(refused.is_none_or(|text| text.contains("cargo ")), "{arguments:?}");
        };
        check(&[], None);
        check(&["-vv", "--timings", "--message-format=short", "--no-fail-fast", "--color", "never"], None);
        check(&["--doc"], Some("--doc"));
        check(&["--no-run"], Some("--no-run"));
        check(&["--unit-graph"], Some("--unit-graph"));
        check(&["--max-fail=3"], Some("--max-fail"));
        check(&["--message-format", "json"], Some("--message-format json"));
    }

    #[test]
    fn colours_are_chosen_before_anything_is_shown() {
        let check = |arguments: &[&str], expected: Option<anstream::ColorChoice>| {
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            assert_eq!(color_in(&arguments), expected, "{arguments:?}");
        };
        check(&["run"], None);
        check(&["run", "--color", "never"], Some(anstream::ColorChoice::Never));
        check(&["run", "--color=always", "-p", "shop"], Some(anstream::ColorChoice::Always));
        check(&["run", "--", "--color=always"], None);
    }
}
