//! Which tests there are, and which of them is meant.

use perfassert_record::record::TestId;
use std::path::Path;

use super::{Measurement, Runner};
use crate::error::Error;
use crate::process;

/// A test, as its executable lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedTest {
    /// The crate that it was compiled in; empty where cargo does not say.
    pub target: String,
    /// Its path.
    pub name: String,
}

impl std::fmt::Display for ListedTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.target.as_str() {
            "" => f.write_str(&self.name),
            target => write!(f, "{target}::{}", self.name),
        }
    }
}

impl Measurement<'_> {
    /// The tests that are selected, built before.
    ///
    /// # Errors
    ///
    /// When cargo cannot be started.
    pub fn list(&self) -> Result<Vec<ListedTest>, Error> {
        // Nextest lists what the executables list, too.
        let cargo = Measurement { runner: Runner::CargoTest, ..*self };
        let mut command = cargo.command();
        command.env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_QUIET", "false").arg("--");
        command.args(&self.selection.harness).args(["--list", "--format", "terse"]);
        let (mut listed, mut target) = (Vec::new(), String::new());
        process::lines(command, |line| {
            if let Some(executable) = executable_in(line) {
                target = executable.to_owned();
            } else if let Some(name) = line.strip_suffix(": test") {
                listed.push(ListedTest { target: target.clone(), name: name.to_owned() });
            }
        })?;
        listed.sort();
        listed.dedup();
        Ok(listed)
    }
}

/// The crate in `     Running tests/api.rs (target/debug/deps/api-0123456789abcdef)`.
fn executable_in(line: &str) -> Option<&str> {
    let (_, path) = line.trim_start().strip_prefix("Running ")?.strip_suffix(')')?.rsplit_once(" (")?;
    let stem = Path::new(path).file_stem()?.to_str()?;
    Some(stem.rsplit_once('-').map_or(stem, |(name, _)| name))
}

/// The one of `listed` that `wanted` means: the path, with or without its crate in front, or a part of it that no other has.
///
/// # Errors
///
/// When it means none or several of them.
pub fn meant(listed: &[ListedTest], wanted: &str) -> Result<ListedTest, Error> {
    let exact = |test: &&ListedTest| test.name == wanted || test.to_string() == wanted;
    let part = |test: &&ListedTest| test.to_string().contains(wanted);
    let mut found: Vec<&ListedTest> = listed.iter().filter(exact).collect();
    if found.is_empty() {
        found = listed.iter().filter(part).collect();
    }
    let names = |tests: &[&ListedTest]| tests.iter().map(ToString::to_string).collect();
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let tests = names(&listed.iter().collect::<Vec<_>>());
            Err(Error::NoSuchTest { name: wanted.to_owned(), tests })
        }
        several => Err(Error::SeveralTests { name: wanted.to_owned(), tests: names(several) }),
    }
}

/// Whether a runner calls `test` by this path.
pub(super) fn has_path(test: &TestId, path: &str) -> bool {
    path == test.path() || path == test.name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_which_executable_it_runs() {
        let check = |line: &str, expected: Option<&str>| assert_eq!(executable_in(line), expected, "{line}");
        check("     Running unittests src/lib.rs (target/debug/deps/shop-0123456789abcdef)", Some("shop"));
        check("     Running tests/my-api.rs (/a (b)/deps/my_api-0123456789abcdef)", Some("my_api"));
        check("    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.03s", None);
        check("orders::list: test", None);
    }

    #[track_caller]
    fn check(wanted: &str, expected: Result<&str, &str>) {
        let listed = ["api lists", "api lists_more", "shop orders::sums", "web lists", "web shows"];
        let listed = listed.map(|test| {
            let (target, name) = test.split_once(' ').unwrap();
            ListedTest { target: target.to_owned(), name: name.to_owned() }
        });
        let found = meant(&listed, wanted).map(|test| test.to_string()).map_err(|error| match error {
            Error::NoSuchTest { tests, .. } => format!("none of {}", tests.len()),
            Error::SeveralTests { tests, .. } => tests.join(", "),
            other => other.to_string(),
        });
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{wanted}");
    }

    #[test]
    fn a_test_is_meant_by_its_path_or_by_a_part_of_it() {
        check("orders::sums", Ok("shop::orders::sums"));
        check("sums", Ok("shop::orders::sums"));
        check("more", Ok("api::lists_more"));
        // The path itself goes before what contains it.
        check("lists", Err("api::lists, web::lists"));
        check("web::lists", Ok("web::lists"));
        check("api::", Err("api::lists, api::lists_more"));
        check("nothing", Err("none of 5"));
    }
}
