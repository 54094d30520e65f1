//! Stands in for the attributes: counts what the code really asks for, and writes the test's record.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::path::Path;

use perfassert::Site;
use perfassert::counts::{Counts, Metric};
use perfassert::record::{Budget, Endpoint, Environment, Outcome, Reason, Record, Statement, TestId};
use perfassert::sql::{Class, Kind, normalize};

/// The compiler that the records claim.
pub const RUSTC: &str = "1.95.0";

#[derive(Default)]
pub struct Db {
    queries: BTreeMap<(String, String, u32), u64>,
    allocs: i64,
    failed: bool,
}

impl Db {
    #[track_caller]
    pub fn query(&mut self, sql: &str) {
        let caller = Location::caller();
        *self.queries.entry((sql.to_owned(), caller.file().to_owned(), caller.line())).or_default() += 1;
    }

    pub fn allocate(&mut self, n: i64) {
        self.allocs += n;
    }

    /// Answers with a server error.
    pub fn fail(&mut self) {
        self.failed = true;
    }

    fn counts(&self) -> Counts {
        let queries: u64 = self.queries.values().sum();
        [(Metric::Queries, queries as i64), (Metric::Allocs, self.allocs)].into_iter().collect()
    }

    fn statements(&self) -> Vec<Statement> {
        self.queries
            .iter()
            .map(|((sql, file, line), count)| {
                let mut statement = Statement::new(&normalize(sql), *count);
                // As it was sent: tests look for that.
                statement.sql.clone_from(sql);
                (statement.kind, statement.class) = (Kind::Select, Class::Application);
                statement.n_plus_one = *count > 3;
                statement.sites =
                    vec![Site { file: file.clone(), line: *line, function: "shop::list_orders".into() }];
                statement
            })
            .collect()
    }
}

/// The test's own requests and budgets.
#[derive(Default)]
pub struct Test {
    whole: Db,
    endpoints: Vec<Endpoint>,
    budgets: Vec<Budget>,
    blind: Option<String>,
}

impl Test {
    pub fn request(&mut self, endpoint: &str, handler: impl FnOnce(&mut Db)) {
        let mut db = Db::default();
        handler(&mut db);
        for (query, count) in &db.queries {
            *self.whole.queries.entry(query.clone()).or_default() += count;
        }
        self.whole.allocs += db.allocs;
        let failed = u64::from(db.failed);
        match self.endpoints.iter_mut().find(|it| it.name == endpoint) {
            Some(known) => {
                known.requests += 1;
                known.failed += failed;
                known.counts.raise_to(&db.counts());
            }
            None => {
                let mut called = Endpoint::new(endpoint.into(), 1);
                (called.failed, called.counts, called.statements) = (failed, db.counts(), db.statements());
                self.endpoints.push(called);
            }
        }
    }

    pub fn db(&mut self) -> &mut Db {
        &mut self.whole
    }

    pub fn max_queries(&mut self, max: i64) {
        self.budgets.push(Budget { metric: Metric::Queries, max, endpoint: None });
    }

    pub fn blind(&mut self, reason: &str) {
        self.blind = Some(reason.into());
    }
}

/// Runs `body` as the test `name` of the crate `target` in `package`.
pub fn measured(package: &str, target: &str, name: &str, body: impl FnOnce(&mut Test)) {
    let mut test = Test::default();
    let ended = catch_unwind(AssertUnwindSafe(|| body(&mut test)));
    let over: Vec<String> = test
        .budgets
        .iter()
        .filter(|budget| test.whole.counts().get(&budget.metric).unwrap_or(0) > budget.max)
        .map(|budget| format!("{name} exceeded its budget of {} {}", budget.max, budget.metric))
        .collect();
    let outcome = match (&ended, test.blind) {
        (Err(_), _) => Outcome::Failed,
        (Ok(()), Some(cause)) => Outcome::Inconclusive(vec![Reason { cause, help: "turn it on".to_owned() }]),
        (Ok(()), None) if over.is_empty() => Outcome::Passed,
        (Ok(()), None) => Outcome::OverBudget(over),
    };
    let failed = outcome == Outcome::Failed;
    let id = TestId { package: package.into(), target: target.into(), name: name.into(), case: None };
    let mut environment = Environment::new(RUSTC.into(), "x86_64-unknown-linux-gnu".into(), "debug".into());
    environment.perfassert = "0.1.0".into();
    let mut record = Record::new(id, outcome.clone(), environment);
    if !failed {
        record.counts = test.whole.counts();
        record.endpoints = test.endpoints;
        record.statements = test.whole.statements();
    }
    record.budgets = test.budgets;
    if let Some(dir) = std::env::var_os(perfassert::record::DIR_VARIABLE) {
        perfassert::record::append(Path::new(&dir), &record).unwrap();
    }
    match (ended, outcome) {
        (Err(panic), _) => resume_unwind(panic),
        (_, Outcome::OverBudget(reasons)) => panic!("{}", reasons.join("\n")),
        (_, Outcome::Inconclusive(reasons)) => panic!("{}", reasons[0].cause),
        _ => {}
    }
}
