//! Records, made in a line.

use perfassert_record::counts::{Counts, Metric};
use perfassert_record::record::{Budget, Endpoint, Environment, Outcome, Record, Site, Statement, TestId};
use perfassert_record::sql::{Class, Fingerprint, Kind, Normalized};

/// A test that counts nothing yet.
pub(crate) fn test(name: &str) -> Record {
    let test = TestId { package: "shop".into(), target: "api".into(), name: name.into(), case: None };
    let mut environment =
        Environment::new("1.95.0".into(), "x86_64-unknown-linux-gnu".into(), "debug".into());
    (environment.perfassert, environment.fingerprints) = ("0.1.0".into(), 1);
    let mut record = Record::new(test, Outcome::Passed, environment);
    record.counts.insert(Metric::Queries, 0);
    record
}

/// Adds statements: how often, what, on which line of `src/orders.rs`.
fn add(counts: &mut Counts, statements: &mut Vec<Statement>, queries: &[(u64, &str, u32)], times: u64) {
    for (count, sql, line) in queries {
        counts.add(Metric::Queries, (count * times).cast_signed());
        let fingerprint =
            Fingerprint(sql.bytes().fold(7, |hash, byte| hash * 31 % 1_000_003 + u64::from(byte)));
        match statements.iter_mut().find(|it| it.fingerprint == fingerprint) {
            Some(known) => known.count += count * times,
            None => {
                let normal =
                    Normalized::new((*sql).to_owned(), fingerprint, Kind::Select, Class::Application);
                let mut statement = Statement::new(&normal, count * times);
                statement.n_plus_one = *count > 3;
                statement.sites =
                    vec![Site { file: "src/orders.rs".into(), line: *line, function: "orders::list".into() }];
                statements.push(statement);
            }
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
        let mut endpoint = Endpoint::new(endpoint.into(), requests);
        (endpoint.counts, endpoint.statements) = (counts, statements);
        self.endpoints.push(endpoint);
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
        for mut statement in other.statements {
            match known.statements.iter_mut().find(|it| it.fingerprint == statement.fingerprint) {
                Some(it) => {
                    it.sum = it.sum.map(|sum| sum + statement.count);
                    it.count = it.count.max(statement.count);
                    it.n_plus_one |= statement.n_plus_one;
                }
                None => {
                    statement.sum = Some(statement.count);
                    known.statements.push(statement);
                }
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
