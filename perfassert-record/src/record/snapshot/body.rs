//! The counts of a test as a reviewer reads them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use toml_writer::ToTomlValue;

use crate::counts::{Counts, Metric};
use crate::record::{Endpoint, Record, Statement};
use crate::sql::Class;

/// The name of the part that is the whole test.
const TEST: &str = "test";

/// The counts of a test and of its endpoints, without what depends on time and chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    pub(super) test: BodyPart,
    pub(super) endpoints: BTreeMap<String, BodyPart>,
}

/// The whole test, or the dearest request of an endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct BodyPart {
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) queries: Option<i64>,
    pub(super) allocs: Option<i64>,
    pub(super) counters: BTreeMap<String, i64>,
    /// Normalised SQL and how often, the most frequent first.
    pub(super) statements: Vec<(String, u64)>,
}

impl Body {
    /// What is committed of `record`.
    ///
    /// Of the statements those of the application; the whole test has what it executes outside of its endpoints. A request that failed
    /// counts for nothing, so an endpoint of which all failed has no counts. The set-up of a test without an attribute is among what the
    /// whole test allocates: that is left out where there are endpoints or queries.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let mut test = BodyPart::of(&record.counts, &record.statements);
        for (sql, count) in &mut test.statements {
            *count = count.saturating_sub(in_requests(record, sql));
        }
        test.statements.retain(|(_, count)| *count > 0);
        // What a client and a set-up allocate is nobody's to review, and may depend on chance.
        let is_pure = record.endpoints.is_empty() && test.queries.unwrap_or(0) == 0;
        test.allocs = test.allocs.filter(|_| record.is_marked || is_pure);
        let endpoints = record.endpoints.iter().map(|endpoint| {
            let counts = BodyPart::of(&endpoint.counts, &endpoint.statements);
            let counts = if endpoint.failed < endpoint.requests { counts } else { BodyPart::default() };
            let part = BodyPart { requests: endpoint.requests, failed: endpoint.failed, ..counts };
            (endpoint.name.clone(), part)
        });
        Body { endpoints: endpoints.collect(), test }
    }

    /// Whether a test that counts `self` is what was committed.
    ///
    /// Allocations are compared if they were counted in environments that are `alike`, and may be fewer, but not one more;
    /// statements if the versions of their fingerprints are the `same_rules`; all else is.
    #[must_use]
    pub fn matches(&self, committed: &Self, alike: bool, same_rules: bool) -> bool {
        let names = |body: &Self| body.endpoints.keys().cloned().collect::<Vec<_>>();
        let part = |ours: &BodyPart, theirs: &BodyPart| ours.matches(theirs, alike, same_rules);
        names(self) == names(committed)
            && part(&self.test, &committed.test)
            && self
                .endpoints
                .values()
                .zip(committed.endpoints.values())
                .all(|(ours, theirs)| part(ours, theirs))
    }

    /// Whether the numbers of allocations are there.
    #[must_use]
    pub fn has_allocs(&self) -> bool {
        self.test.allocs.is_some()
    }

    /// Takes over the numbers of allocations from what was committed, with none where there were none.
    pub fn keep_allocs_of(&mut self, committed: Option<&Self>) {
        self.test.allocs = committed.and_then(|committed| committed.test.allocs);
        for (name, part) in &mut self.endpoints {
            part.allocs = committed.and_then(|committed| committed.endpoints.get(name)?.allocs);
        }
    }
}

/// How often the requests of a test execute a statement.
fn in_requests(record: &Record, sql: &str) -> u64 {
    let all = |endpoint: &Endpoint| {
        let of_statement = endpoint.statements.iter().filter(|statement| statement.sql == *sql);
        of_statement.map(|it| it.sum.unwrap_or(it.count.saturating_mul(endpoint.requests))).sum::<u64>()
    };
    record.endpoints.iter().map(all).sum()
}

impl BodyPart {
    fn of(counts: &Counts, statements: &[Statement]) -> Self {
        let counters = counts.iter().filter_map(|(metric, n)| match metric {
            Metric::Counter(name) => Some((name.clone(), n)),
            _ => None,
        });
        let application = || statements.iter().filter(|statement| statement.class == Class::Application);
        BodyPart {
            queries: counts.get(&Metric::Queries),
            allocs: counts.get(&Metric::Allocs),
            counters: counters.collect(),
            statements: application().map(|statement| (statement.sql.clone(), statement.count)).collect(),
            ..BodyPart::default()
        }
    }

    fn matches(&self, committed: &Self, alike: bool, same_rules: bool) -> bool {
        // A build that listens to no driver writes no number where one that does writes 0.
        let exact =
            |part: &Self| (part.requests, part.failed, part.queries.unwrap_or(0), part.counters.clone());
        let allocs = match (self.allocs, committed.allocs) {
            (Some(ours), Some(theirs)) if alike => ours <= theirs,
            _ => true,
        };
        exact(self) == exact(committed) && allocs && (!same_rules || self.statements == committed.statements)
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[{TEST}]")?;
        write!(f, "{}", self.test)?;
        for (name, part) in &self.endpoints {
            // The whole test has its name first.
            let name = if name == TEST { &format!("endpoint {TEST}") } else { name };
            writeln!(f, "\n[{}]", quoted(name))?;
            writeln!(f, "requests = {}", part.requests)?;
            if part.failed > 0 {
                writeln!(f, "failed = {}", part.failed)?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

impl fmt::Display for BodyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, n) in [("queries", self.queries), ("allocs", self.allocs)] {
            if let Some(n) = n {
                writeln!(f, "{name} = {n}")?;
            }
        }
        for (name, n) in &self.counters {
            writeln!(f, "counters.{} = {n}", quoted(name))?;
        }
        if !self.statements.is_empty() {
            writeln!(f, "statements = [")?;
            for (sql, count) in &self.statements {
                writeln!(f, "  {{ count = {count}, sql = {} }},", quoted(sql))?;
            }
            writeln!(f, "]")?;
        }
        Ok(())
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    text.to_toml_value()
}

/// Why a text is not the body of a snapshot.
#[derive(Debug)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartLine {
    #[serde(default)]
    requests: u64,
    #[serde(default)]
    failed: u64,
    queries: Option<i64>,
    allocs: Option<i64>,
    #[serde(default)]
    counters: BTreeMap<String, i64>,
    #[serde(default)]
    statements: Vec<StatementLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementLine {
    count: u64,
    sql: String,
}

impl FromStr for Body {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parts: BTreeMap<String, PartLine> =
            toml_07::from_str(text).map_err(|error| ParseError(error.message().to_owned()))?;
        let mut endpoints: BTreeMap<_, _> =
            parts.into_iter().map(|(name, line)| (name, BodyPart::from(line))).collect();
        let test = endpoints.remove(TEST).ok_or_else(|| ParseError(format!("it has no [{TEST}]")))?;
        Ok(Body { test, endpoints })
    }
}

impl From<PartLine> for BodyPart {
    fn from(line: PartLine) -> Self {
        let PartLine { requests, failed, queries, allocs, counters, statements } = line;
        let statements = statements.into_iter().map(|StatementLine { count, sql }| (sql, count)).collect();
        BodyPart { requests, failed, queries, allocs, counters, statements }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a test that counts `ours` is what was committed, in a like environment and by the same rules.
    #[track_caller]
    fn check(ours: &str, committed: &str, expected: bool) {
        let body = |text: &str| text.parse::<Body>().unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(body(ours).matches(&body(committed), true, true), expected, "{ours} / {committed}");
    }

    #[test]
    fn queries_are_equal_or_not() {
        check("[test]\nqueries = 3", "[test]\nqueries = 3", true);
        check("[test]\nqueries = 3", "[test]\nqueries = 2", false);
        check("[test]\nqueries = 2", "[test]\nqueries = 3", false);
        let one = "statements = [{ count = 1, sql = \"SELECT a\" }]";
        let other = "statements = [{ count = 1, sql = \"SELECT b\" }]";
        check(&format!("[test]\nqueries = 1\n{one}"), &format!("[test]\nqueries = 1\n{other}"), false);
        check("[test]\n[a]\nrequests = 1", "[test]\n[a]\nrequests = 2", false);
        check("[test]\n[a]\nrequests = 1", "[test]\n[b]\nrequests = 1", false);
        check("[test]\n[a]\nrequests = 1\nfailed = 1", "[test]\n[a]\nrequests = 1", false);
        check("[test]\ncounters.\"cache.miss\" = 1", "[test]\ncounters.\"cache.miss\" = 2", false);
    }

    #[test]
    fn without_a_driver_there_are_none() {
        check("[test]", "[test]\nqueries = 0", true);
        check("[test]\nqueries = 0", "[test]", true);
        check("[test]", "[test]\nqueries = 1", false);
        check("[test]\nqueries = 1", "[test]", false);
    }

    #[test]
    fn allocations_may_not_rise_over_what_is_committed() {
        check("[test]\nallocs = 1000", "[test]\nallocs = 1000", true);
        check("[test]\nallocs = 1001", "[test]\nallocs = 1000", false);
        check("[test]\nqueries = 2\nallocs = 1001", "[test]\nqueries = 2\nallocs = 1000", false);
        check("[test]\nallocs = 999", "[test]\nallocs = 1000", true);
        check("[test]\nallocs = 1000", "[test]", true);
        check("[test]\n[a]\nallocs = 7", "[test]\n[a]\nallocs = 6", false);
    }

    #[test]
    fn what_else_stands_there_is_an_error() {
        for text in
            ["", "[test]\nquerys = 1", "[\"GET /\"]\nrequests = 1", "[test]\nqueries = \"many\"", "[test"]
        {
            assert!(text.parse::<Body>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_endpoint_may_be_called_test() {
        let mut body: Body = "[test]\nqueries = 1".parse().unwrap();
        body.endpoints.insert("test".to_owned(), BodyPart { requests: 1, ..BodyPart::default() });
        let text = body.to_string();
        assert!(text.contains("[\"endpoint test\"]"), "{text}");
        assert!(text.parse::<Body>().is_ok());
    }
}
