//! Everything that can stop the subcommand, each with its advice and its exit code.

use std::fmt;
use std::io;
use std::path::PathBuf;

use perfassert_record::record::ReadError;
use perfassert_record::record::snapshot::SnapshotError;

use crate::allocators::TwoAllocators;

/// The exit code of a run without a finding.
pub const PASS: u8 = 0;
/// The exit code of a regression.
pub const REGRESSION: u8 = 100;
/// The exit code of a build, a test or a tool that failed.
pub const FAILURE: u8 = 101;
/// The exit code of arguments that make no sense; clap's own.
pub const USAGE: u8 = 2;
/// The exit code of a baseline or an input that cannot be used.
pub const BASELINE: u8 = 3;
/// The exit code of a run that measured nothing.
pub const NOTHING_MEASURED: u8 = 4;
/// The exit code after Ctrl-C, as shells give it.
pub const INTERRUPTED: u8 = 130;

/// What stopped the subcommand.
#[derive(Debug)]
pub enum Error {
    /// An option of `cargo test` or nextest that makes no sense here.
    Refused {
        /// The option.
        option: String,
        /// Why not.
        reason: String,
        /// What to do in its place.
        help: String,
    },
    /// Arguments or settings that make no sense.
    Usage(String),
    /// A program could not be started.
    Start {
        /// The program, as it was called.
        program: String,
        /// Why it could not be started.
        source: io::Error,
    },
    /// A file could not be read or written.
    Io {
        /// What was being tried: `writing`, `reading`, ...
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// `cargo metadata` failed on the workspace.
    Metadata(String),
    /// Cargo or nextest did not begin to build: it knows no such package or target, say.
    Cargo {
        /// What cargo says, and has shown before.
        message: String,
    },
    /// The workspace's tests do not compile.
    Build {
        /// What cargo says, in JSON and not: it was shown before.
        output: String,
    },
    /// The baseline's tests do not compile without files that git ignores.
    BuildWithout {
        /// Patterns for these files.
        files: Vec<String>,
    },
    /// They do not compile because of two global allocators.
    TwoAllocators(TwoAllocators),
    /// A test run ended before it could run every test.
    Runner(String),
    /// The records of this run could not be read.
    Records(ReadError),
    /// No test left a record.
    NothingMeasured {
        /// Whether the workspace depends on `perfassert` at all.
        has_perfassert: bool,
    },
    /// No test has such a name.
    NoSuchTest {
        /// The name.
        name: String,
        /// The tests that there are.
        tests: Vec<String>,
    },
    /// One test was to be named, and several have such a name.
    SeveralTests {
        /// The name.
        name: String,
        /// These tests.
        tests: Vec<String>,
    },
    /// A test was run and cannot be explained.
    NotExplained {
        /// The test.
        test: String,
        /// Why not.
        reason: String,
        /// What to do about it.
        help: String,
    },
    /// A file that perfassert would take for its own is under version control.
    Tracked {
        /// From the top of the repository.
        file: String,
    },
    /// The directory is in no git repository.
    NoRepository,
    /// The reference names no commit here.
    UnknownRef {
        /// The reference.
        name: String,
        /// Whether the clone is shallow, so that the commit may exist elsewhere.
        shallow: bool,
    },
    /// The clone is too shallow to hold a common commit.
    Shallow {
        /// The reference.
        name: String,
    },
    /// The two sides have no common commit at all.
    Unrelated {
        /// The reference.
        name: String,
    },
    /// A git command failed.
    Git {
        /// The command, without `git`.
        command: String,
        /// What git said.
        message: String,
    },
    /// The baseline's tests could not be built or run.
    Baseline {
        /// The commit, abbreviated.
        commit: String,
        /// What stopped it.
        source: Box<Error>,
    },
    /// The baseline measures nothing, and one was required.
    BaselineMissing {
        /// The commit, abbreviated.
        commit: String,
        /// What it lacks.
        reason: String,
    },
    /// A snapshot that a commit has cannot be used.
    Snapshot {
        /// The file, from the top of the repository.
        path: String,
        /// The commit, abbreviated.
        commit: String,
        /// Why it cannot be used.
        source: SnapshotError,
    },
    /// Ctrl-C.
    Interrupted,
}

impl Error {
    /// The exit code: the one place where errors become numbers.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) | Error::Refused { .. } | Error::SeveralTests { .. } => USAGE,
            Error::Start { .. }
            | Error::Io { .. }
            | Error::Metadata(_)
            | Error::Cargo { .. }
            | Error::Build { .. }
            | Error::BuildWithout { .. }
            | Error::TwoAllocators(_)
            | Error::Runner(_)
            | Error::Records(_)
            | Error::NotExplained { .. }
            | Error::Git { .. } => FAILURE,
            Error::NothingMeasured { .. } | Error::NoSuchTest { .. } => NOTHING_MEASURED,
            Error::Baseline { source, .. } if matches!(**source, Error::Interrupted) => INTERRUPTED,
            Error::Tracked { .. }
            | Error::NoRepository
            | Error::UnknownRef { .. }
            | Error::Shallow { .. }
            | Error::Unrelated { .. }
            | Error::Baseline { .. }
            | Error::BaselineMissing { .. }
            | Error::Snapshot { .. } => BASELINE,
            Error::Interrupted => INTERRUPTED,
        }
    }

    /// What to do next, one step a line; empty where the message says it all.
    #[must_use]
    pub fn advice(&self) -> Vec<String> {
        let lines: Vec<&str> = match self {
            Error::Build { .. } => vec!["the compiler's output is above"],
            Error::BuildWithout { files } => {
                return vec![
                    "the compiler's output is above".to_owned(),
                    format!(
                        "have the baseline built with them, by this line in perfassert.toml:\n    copy = {files:?}"
                    ),
                ];
            }
            Error::TwoAllocators(two) => return two.advice(),
            Error::Runner(_) => vec!["the test runner's output is above"],
            Error::NothingMeasured { has_perfassert: false } => {
                vec!["add it: cargo add --dev perfassert", "then put #[perfassert::max_queries(5)] on a test"]
            }
            Error::NothingMeasured { has_perfassert: true } => vec![
                "a test is measured when it has an attribute: #[perfassert::max_queries(5)]",
                "a filter, `-p` or a missing feature may leave out the tests that have one",
            ],
            Error::NoSuchTest { tests, .. } => return candidates(tests, "the tests here"),
            Error::SeveralTests { tests, .. } => return candidates(tests, "name one of them"),
            Error::NotExplained { help, .. } | Error::Refused { help, .. } => vec![help],
            Error::Tracked { file } => {
                return vec![format!(
                    "take it out: git rm --cached -r {file}; and put /target in .gitignore"
                )];
            }
            Error::NoRepository => vec!["run it inside a clone, or use `cargo perfassert run`"],
            Error::UnknownRef { name, shallow } => return unknown_ref_advice(name, *shallow),
            Error::Shallow { name } => return shallow_advice(name),
            Error::Unrelated { .. } => {
                vec!["compare with a commit of this history, or with the reference itself: --tip"]
            }
            Error::Baseline { source, .. } => match **source {
                Error::Build { .. } | Error::TwoAllocators(_) => vec![
                    "the compiler's output is above",
                    "compare with a commit that compiles: cargo perfassert diff <commit> --tip",
                ],
                _ => return source.advice(),
            },
            Error::BaselineMissing { .. } => vec!["leave out --require-baseline until it is merged"],
            Error::Snapshot { .. } => vec![
                "mend it there, or measure that commit instead: --rebuild",
                "or compare with another commit: cargo perfassert diff <commit> --tip",
            ],
            Error::Start { .. } => vec!["see that it is installed, and that PATH leads to it"],
            Error::Io { .. } | Error::Records(ReadError::Io(..)) => {
                vec!["see that the directory exists, may be written, and is not full"]
            }
            Error::Metadata(_) => vec!["see that `cargo metadata` succeeds here with the same options"],
            Error::Git { .. } => vec!["see that git succeeds with it in this repository"],
            // These say it themselves, or were the user's wish.
            Error::Usage(_) | Error::Cargo { .. } | Error::Records(_) | Error::Interrupted => Vec::new(),
        };
        lines.into_iter().map(str::to_owned).collect()
    }
}

/// How many tests are listed.
const CANDIDATES: usize = 20;

fn candidates(tests: &[String], what: &str) -> Vec<String> {
    let mut list = tests.iter().take(CANDIDATES).map(|test| format!("  {test}")).collect::<Vec<_>>();
    if tests.len() > CANDIDATES {
        list.push(format!("  and {} more", tests.len() - CANDIDATES));
    }
    if list.is_empty() {
        return vec!["a filter, `-p` or a missing feature may leave it out".to_owned()];
    }
    vec![format!("{what}:\n{}", list.join("\n"))]
}

fn branch_of(name: &str) -> &str {
    name.strip_prefix("origin/").unwrap_or(name)
}

fn unknown_ref_advice(name: &str, shallow: bool) -> Vec<String> {
    if shallow {
        return shallow_advice(name);
    }
    let branch = branch_of(name);
    vec![format!("fetch it: git fetch origin {branch}:refs/remotes/origin/{branch}")]
}

fn shallow_advice(name: &str) -> Vec<String> {
    let branch = branch_of(name);
    vec![
        format!("fetch the rest: git fetch --unshallow origin {branch}:refs/remotes/origin/{branch}"),
        "in GitHub Actions: `fetch-depth: 0` under actions/checkout".to_owned(),
    ]
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(message) => f.write_str(message),
            Error::Refused { option, reason, .. } => write!(f, "{option} is not taken: {reason}"),
            Error::Start { program, source } => write!(f, "starting `{program}`: {source}"),
            Error::Io { doing, path, source } => write!(f, "{doing} {}: {source}", path.display()),
            Error::Metadata(message) => write!(f, "reading the workspace: {message}"),
            Error::Cargo { message } => f.write_str(message),
            Error::Build { .. } => f.write_str("the tests do not compile"),
            Error::BuildWithout { files } => {
                write!(f, "the tests do not compile without what git ignores: {}", files.join(", "))
            }
            Error::TwoAllocators(two) => write!(f, "the tests do not compile: {two}"),
            Error::Runner(how) => write!(f, "running the tests: {how}"),
            Error::Records(error) => error.fmt(f),
            Error::NothingMeasured { has_perfassert: true } => {
                f.write_str("nothing was measured: no test that ran has a perfassert attribute")
            }
            Error::NothingMeasured { has_perfassert: false } => {
                f.write_str("nothing was measured: no package of this workspace depends on perfassert")
            }
            Error::NoSuchTest { name, .. } => write!(f, "no test has `{name}` in its path"),
            Error::SeveralTests { name, tests } => write!(f, "`{name}` is {} tests", tests.len()),
            Error::NotExplained { test, reason, .. } => write!(f, "{test} cannot be explained: {reason}"),
            Error::Tracked { file } => {
                write!(
                    f,
                    "git tracks {file}: what lies there is no baseline, and nothing is read or removed by it"
                )
            }
            Error::NoRepository => f.write_str("this directory is in no git repository"),
            Error::UnknownRef { name, shallow: false } => write!(f, "git knows no commit `{name}`"),
            Error::UnknownRef { name, shallow: true } => {
                write!(f, "git knows no commit `{name}`; this clone is shallow and may lack it")
            }
            Error::Shallow { name } => {
                write!(f, "this clone is too shallow: it has no common commit of HEAD and {name}")
            }
            Error::Unrelated { name } => write!(f, "HEAD and {name} have no common commit"),
            Error::Git { command, message } => write!(f, "git {command}: {message}"),
            Error::Baseline { commit, source } => write!(f, "the baseline {commit} cannot be used: {source}"),
            Error::BaselineMissing { commit, reason } => {
                write!(f, "there is no baseline: {commit} {reason}")
            }
            Error::Snapshot { path, commit, source } => {
                write!(f, "the snapshot {path} of {commit} cannot be compared with: {source}")
            }
            Error::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Start { source, .. } | Error::Io { source, .. } => Some(source),
            Error::Records(error) => Some(error),
            Error::Baseline { source, .. } => Some(source),
            Error::Snapshot { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Names what was being tried and on which path, in the way of `fs::read(p).map_err(error::io("reading", p))`.
pub fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
    let path = path.into();
    move |source| Error::Io { doing, path, source }
}
