//! The arguments of a libtest harness, told apart by what they are for.

use std::ffi::OsString;
use std::fmt;
use std::num::NonZero;
use std::thread::available_parallelism;

/// What the arguments of a test executable ask for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// Which tests: filters, `--skip`, `--exact`, `--ignored`, ...
    pub(super) selection: Vec<String>,
    /// How each of them is run.
    pub(super) each: Vec<String>,
    /// Whether what a test prints is shown as it comes.
    pub(super) nocapture: bool,
    /// How many tests run at a time; `None` if the arguments do not say.
    threads: Option<usize>,
}

/// An argument that keeps an executable from being run test by test.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnsuitedArgument(String);

impl UnsuitedArgument {
    /// Whether it was meant for a run of the tests, and not for `--list` or `--help`.
    pub(super) fn says_how_to_run(&self) -> bool {
        !["--list", "--help", "-h"].contains(&self.0.as_str())
    }
}

impl fmt::Display for UnsuitedArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl Options {
    /// Understands the arguments that cargo passes on.
    ///
    /// # Errors
    ///
    /// The first argument that has no meaning for single tests.
    pub(super) fn parse(arguments: &[OsString]) -> Result<Self, UnsuitedArgument> {
        let mut options = Options::default();
        let mut words = arguments.iter().map(|word| word.to_string_lossy().into_owned());
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            let mut value =
                || value.clone().or_else(|| words.next()).ok_or_else(|| UnsuitedArgument(word.clone()));
            match name {
                "--skip" => options.selection.extend(["--skip".to_owned(), value()?]),
                "--exact" => options.selection.push(word),
                // A test that is ignored runs only when it is told again.
                "--ignored" | "--include-ignored" | "--exclude-should-panic" => {
                    options.selection.push(word.clone());
                    options.each.push(word);
                }
                "-Z" => {
                    let flag = value()?;
                    options.selection.extend(["-Z".to_owned(), flag.clone()]);
                    options.each.extend(["-Z".to_owned(), flag]);
                }
                "--nocapture" | "--no-capture" => {
                    options.nocapture = true;
                    options.each.push(word);
                }
                "--show-output" | "--report-time" | "--ensure-time" | "--force-run-in-process" => {
                    options.each.push(word);
                }
                "--test-threads" => {
                    let threads = value()?;
                    options.threads =
                        Some(threads.parse().ok().filter(|n| *n > 0).ok_or(UnsuitedArgument(word))?);
                }
                // What it prints goes to a pipe, and one line a test it is anyway.
                "--color" => {
                    value()?;
                }
                "--format" if value()? == "pretty" => {}
                "-q" | "--quiet" | "--test" => {}
                _ if word.starts_with('-') => return Err(UnsuitedArgument(word)),
                _ => options.selection.push(word),
            }
        }
        if std::env::var_os("RUST_TEST_NOCAPTURE").is_some_and(|value| value != "0") {
            options.nocapture = true;
        }
        Ok(options)
    }

    /// How many tests run at a time.
    pub(super) fn threads(&self) -> usize {
        let told = || std::env::var("RUST_TEST_THREADS").ok()?.parse().ok().filter(|n| *n > 0);
        self.threads.or_else(told).unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &str, selection: &str, each: &str, threads: Option<usize>) {
        let arguments: Vec<OsString> = arguments.split_whitespace().map(Into::into).collect();
        let options = Options::parse(&arguments).unwrap();
        assert_eq!(
            (options.selection.join(" "), options.each.join(" "), options.threads),
            (selection.to_owned(), each.to_owned(), threads)
        );
    }

    #[test]
    fn what_is_for_the_list_and_what_for_each_test() {
        check("", "", "", None);
        check("orders --exact --skip a --skip=b", "orders --exact --skip a --skip b", "", None);
        check("--ignored --nocapture", "--ignored", "--ignored --nocapture", None);
        check("--test-threads 3 --color always --quiet --format=pretty", "", "", Some(3));
        check(
            "-Z unstable-options --report-time",
            "-Z unstable-options",
            "-Z unstable-options --report-time",
            None,
        );
    }

    #[test]
    fn what_is_not_for_single_tests() {
        for (arguments, unsuited) in [
            (&["--list"][..], "--list"),
            (&["--format", "json"], "--format"),
            (&["--bench"], "--bench"),
            (&["--test-threads", "0"], "--test-threads"),
            (&["--skip"], "--skip"),
        ] {
            let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
            assert_eq!(Options::parse(&arguments), Err(UnsuitedArgument(unsuited.to_owned())));
        }
    }
}
