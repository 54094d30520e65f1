//! Records, made in a line.

use perfassert_record::counts::{Counts, Metric};
use perfassert_record::record::Site;
use perfassert_record::record::{Budget, Endpoint, Environment, Outcome, Record, Statement, TestId};
use perfassert_record::sql::{Class, Fingerprint, Kind};

/// A test that counts nothing yet.
pub(crate) fn test(name: &str) -> Record {
    Record {
        test: TestId { package: "shop".into(), target: "api".into(), name: name.into(), case: None },
        trace_id: None,
        outcome: Outcome::Passed,
        is_marked: true,
        environment: Environment {
            rustc: "1.95.0".into(),
            target: "x86_64-unknown-linux-gnu".into(),
            profile: "debug".into(),
            perfassert: "0.1.0".into(),
            fingerprints: 1,
        },
        counts: [(Metric::Queries, 0)].into_iter().collect(),
        endpoints: Vec::new(),
        statements: Vec::new(),
        unattributed: Vec::new(),
        budgets: Vec::new(),
        snapshot: None,
    }
}

/// Adds statements: how often, what, on which line of `src/orders.rs`.
fn add(counts: &mut Counts, statements: &mut Vec<Statement>, queries: &[(u64, &str, u32)], times: u64) {
    for (count, sql, line) in queries {
        counts.add(Metric::Queries, (count * times).cast_signed());
        let fingerprint =
            Fingerprint(sql.bytes().fold(7, |hash, byte| hash * 31 % 1_000_003 + u64::from(byte)));
        match statements.iter_mut().find(|it| it.fingerprint == fingerprint) {
            Some(known) => known.count += count * times,
            None => statements.push(Statement {
                sql: (*sql).to_owned(),
                fingerprint,
                kind: Kind::Select,
                class: Class::Application,
                count: count * times,
                sum: None,
                failed: 0,
                n_plus_one: *count > 3,
                duplicate: false,
                too_few_rows: false,
                rows: None,
                distinct_values: None,
                sites: vec![Site {
                    file: "src/orders.rs".into(),
                    line: *line,
                    function: "orders::list".into(),
                }],
            }),
        }
    }
}

/// What a test did, step by step.
pub(crate) trait Build: Sized {
    fn requests(self, endpoint: &str, requests: u64, queries: &[(u64, &str, u32)]) -> Self;
    fn another_request(self, endpoint: &str, queries: &[(u64, &str, u32)]) -> Self;
    fn queries(self, queries: &[(u64, &str, u32)]) -> Self;
    fn counts(self, metric: Metric, n: i64) -> Self;
    fn budget(self, metric: Metric, max: i64, endpoint: Option<&str>) -> Self;
    fn outcome(self, outcome: Outcome) -> Self;
    fn of_statement(self, sql: &str, change: impl Fn(&mut Statement)) -> Self;
}

impl Build for Record {
    fn requests(mut self, endpoint: &str, requests: u64, queries: &[(u64, &str, u32)]) -> Self {
        let mut counts = [(Metric::Queries, 0)].into_iter().collect();
        let mut statements = Vec::new();
        add(&mut counts, &mut statements, queries, 1);
        add(&mut self.counts, &mut self.statements, queries, requests);
        self.endpoints.push(Endpoint {
            name: endpoint.into(),
            requests,
            failed: 0,
            counts,
            sums: None,
            statements,
        });
        self
    }

    fn another_request(self, endpoint: &str, queries: &[(u64, &str, u32)]) -> Self {
        let mut record = self.requests(endpoint, 1, queries);
        let other = record.endpoints.pop().unwrap();
        let known = record.endpoints.iter_mut().find(|it| it.name == endpoint).unwrap();
        let mut sums = known.sums.clone().unwrap_or_else(|| known.counts.clone());
        other.counts.iter().for_each(|(metric, n)| sums.add(metric.clone(), n));
        known.counts.raise_to(&other.counts);
        (known.requests, known.sums) = (known.requests + 1, Some(sums));
        known.statements.iter_mut().for_each(|it| it.sum = it.sum.or(Some(it.count)));
        for statement in other.statements {
            match known.statements.iter_mut().find(|it| it.fingerprint == statement.fingerprint) {
                Some(it) => {
                    it.sum = it.sum.map(|sum| sum + statement.count);
                    it.count = it.count.max(statement.count);
                    it.n_plus_one |= statement.n_plus_one;
                }
                None => known.statements.push(Statement { sum: Some(statement.count), ..statement }),
            }
        }
        record
    }

    fn queries(mut self, queries: &[(u64, &str, u32)]) -> Self {
        add(&mut self.counts, &mut self.statements, queries, 1);
        self
    }

    fn counts(mut self, metric: Metric, n: i64) -> Self {
        self.counts.insert(metric, n);
        self
    }

    fn budget(mut self, metric: Metric, max: i64, endpoint: Option<&str>) -> Self {
        self.budgets.push(Budget { metric, max, endpoint: endpoint.map(str::to_owned) });
        self
    }

    fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    fn of_statement(mut self, sql: &str, change: impl Fn(&mut Statement)) -> Self {
        let all = self.endpoints.iter_mut().flat_map(|it| &mut it.statements).chain(&mut self.statements);
        all.filter(|it| it.sql == sql).for_each(change);
        self
    }
}
