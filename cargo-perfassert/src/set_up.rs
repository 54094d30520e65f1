//! What many tests do alike, again and again from one line: their set-up, as a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use perfassert_record::record::Site;
use perfassert_record::record::{Outcome, Record, Statement, TestId};
use perfassert_record::sql::Class;

/// From so many tests on it is not the one test's own.
const SHARED: usize = 3;

/// A statement that many tests repeat from one line outside of their requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetUp {
    /// Normalised SQL.
    pub sql: String,
    /// The line.
    pub site: Site,
    /// The tests, sorted.
    pub tests: Vec<TestId>,
    /// How many tests were measured.
    pub measured: usize,
}

impl SetUp {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        help(self.tests.len(), self.measured, &[&self.sql]).unwrap_or_default()
    }
}

/// Whether so many of the `measured` tests do it that it is set-up, as a rule.
fn is_shared(tests: usize, measured: usize) -> bool {
    tests >= SHARED && tests * 2 > measured
}

/// What to do about statements that so many `tests` of those `measured` repeat; `None` where it is too few of them.
pub(crate) fn help(tests: usize, measured: usize, repeated: &[&str]) -> Option<String> {
    if !is_shared(tests, measured) || repeated.is_empty() {
        return None;
    }
    let mut help = format!(
        "{tests} of {measured} tests do this outside of requests: if it is their set-up, leave it out with \
         `perfassert::unmeasured`, or allow it in perfassert.toml:"
    );
    for sql in repeated {
        // As a basic string of TOML: normalised SQL has no control characters.
        let statement = sql.replace('\\', "\\\\").replace('"', "\\\"");
        let _ =
            write!(help, "\n[[allow]]\nstatement = \"{statement}\"\nreason = \"set-up of {tests} tests\"");
    }
    Some(help)
}

/// The set-up that most tests of a run repeat, what most have first.
#[must_use]
pub fn shared(records: &[Record]) -> Vec<SetUp> {
    let measured: Vec<_> = records.iter().filter(|record| record.outcome != Outcome::Failed).collect();
    let mut tests = BTreeMap::<_, (&Statement, &Site, BTreeSet<&TestId>)>::new();
    for record in &measured {
        let repeated = record.statements.iter().filter(|it| it.class == Class::Application && it.n_plus_one);
        for statement in repeated.filter(|it| is_outside(record, it)) {
            for site in &statement.sites {
                let line = (statement.fingerprint, &site.file, site.line);
                let (.., tests) = tests.entry(line).or_insert((statement, site, BTreeSet::new()));
                tests.insert(&record.test);
            }
        }
    }
    let shared = tests.into_values().filter(|(.., tests)| is_shared(tests.len(), measured.len()));
    let mut shared: Vec<SetUp> = shared
        .map(|(statement, site, tests)| SetUp {
            sql: statement.sql.clone(),
            site: site.clone(),
            tests: tests.into_iter().cloned().collect(),
            measured: measured.len(),
        })
        .collect();
    shared.sort_by_key(|it| std::cmp::Reverse(it.tests.len()));
    shared
}

/// Whether no endpoint of the test repeats it.
fn is_outside(record: &Record, statement: &Statement) -> bool {
    let of_endpoints = record.endpoints.iter().flat_map(|endpoint| &endpoint.statements);
    !of_endpoints.into_iter().any(|it| it.n_plus_one && it.fingerprint == statement.fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_records::{Build, test};

    const MIGRATION: (u64, &str, u32) = (9, "INSERT INTO \"steps\" (\"n\") VALUES (?)", 7);

    #[test]
    fn what_most_tests_repeat_from_one_line_is_told_once() {
        let check = |records: &[Record], expected: &[(u32, usize, usize)]| {
            let told: Vec<_> =
                shared(records).iter().map(|it| (it.site.line, it.tests.len(), it.measured)).collect();
            assert_eq!(told, expected);
        };
        let migrates = |name: &str| test(name).queries(&[MIGRATION]);
        let all = [migrates("a"), migrates("b"), migrates("c")];
        check(&all, &[(7, 3, 3)]);
        // One that failed tells nothing, and of six tests three are not most.
        let with = |others: &[Record]| [&all[..], others].concat();
        check(&with(&[test("d"), test("e"), test("f").outcome(Outcome::Failed)]), &[(7, 3, 5)]);
        check(&with(&[test("d"), test("e"), test("f")]), &[]);
        // Two tests may repeat what they like, and a request is no set-up.
        check(&all[..2], &[]);
        let requests = |name: &str| test(name).requests("GET /", 1, &[MIGRATION]);
        check(&[requests("a"), requests("b"), requests("c")], &[]);
        // Other lines are other causes.
        check(
            &["a", "b", "c"].map(|name| test(name).queries(&[(9, "SELECT 1", name.as_bytes()[0].into())])),
            &[],
        );
    }

    #[test]
    fn the_entry_is_ready_to_paste() {
        let all = ["a", "b", "c"].map(|name| test(name).queries(&[MIGRATION]));
        let help = shared(&all)[0].help();
        let (_, entry) = help.split_once("perfassert.toml:\n").unwrap();
        let file: toml::Table = entry.parse().unwrap();
        let allow = &file["allow"][0];
        assert_eq!(
            (allow["statement"].as_str(), allow["reason"].as_str()),
            (Some(MIGRATION.1), Some("set-up of 3 tests"))
        );
        assert_eq!(perfassert_record::sql::normalize(MIGRATION.1).text, MIGRATION.1);
    }
}
