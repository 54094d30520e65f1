//! `#[scaling]`: how the counts grow with the size, on real queries; with each test attribute; and what it says.

mod allocs;
mod queries;
mod shop;
mod ways;

use perfassert::Metric;
use perfassert::record::{Outcome, Record};

use crate::child::{self, Run};

#[test]
fn queries_grow_as_they_may_or_are_named() {
    let mut checks = Checks::of("scaling::queries::");
    checks.say(
        "lazily",
        "
perfassert: scaling::queries::lazily grows faster than it may
  queries: 2, 5, 17 for n = 1, 4, 16: 1 + n, and \"constant\" is allowed

      n x  SELECT name FROM authors WHERE id = ?
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::author

  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, say so: #[scaling(queries = \"linear\")]",
    );
    checks.say("lazily_and_linear", "");
    checks.say(
        "in_the_body",
        "
perfassert: scaling::queries::in_the_body grows faster than it may
  queries: 1, 4, 16 for n = 1, 4, 16: n, and \"constant\" is allowed

      n x  SELECT name FROM authors WHERE id = ?
           tests/attributes/scaling/queries.rs:LINE  scaling::queries::in_the_body

  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, say so: #[scaling(queries = \"linear\")]",
    );
    checks.say(
        "in_the_body_of_a_future",
        "
perfassert: scaling::queries::in_the_body_of_a_future grows faster than it may
  queries: 1, 4, 16 for n = 1, 4, 16: n, and \"constant\" is allowed

      n x  SELECT ?
           tests/attributes/scaling/queries.rs:LINE  scaling::queries::in_the_body_of_a_future

  help: load them in one statement, for all rows at once
  help: if this is meant, say so: #[scaling(queries = \"linear\")]",
    );
    checks.say(
        "lazily_with_two_rows",
        "
perfassert: scaling::queries::lazily_with_two_rows grows faster than it may
  queries: 2, 3 for n = 1, 2, and \"constant\" is allowed

    1, 2 x  SELECT name FROM authors WHERE id = ?
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::author

  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, say so: #[scaling(queries = \"linear\")]",
    );
    checks.say(
        "lazily_in_a_request",
        "
perfassert: scaling::queries::lazily_in_a_request grows faster than it may
  queries: 2, 5, 17 for n = 1, 4, 16: 1 + n, and \"constant\" is allowed

      n x  SELECT name FROM authors WHERE id = ?    <- in one request of GET /books
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::author

  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, say so: #[scaling(queries = \"linear\")]",
    );
    checks.say(
        "a_request_each",
        "
perfassert: scaling::queries::a_request_each grows faster than it may
  queries: 1, 4, 16 for n = 1, 4, 16: n, and \"constant\" is allowed

      n x  SELECT name FROM authors WHERE id = ?
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::author

  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, say so: #[scaling(queries = \"linear\")]",
    );
    checks.say("with_a_join", "");
    checks.say("in_one_batch", "");
    checks.say(
        "in_chunks",
        "
perfassert: scaling::queries::in_chunks grows faster than it may
  queries: 2, 3, 6 for n = 1, 20, 45: about as n, and \"constant\" is allowed

    1, 2, 5 x  SELECT name FROM authors WHERE id IN (?)
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::authors

  help: fetch more rows per statement
  help: if this is meant, say so: #[scaling(n = [1, 20, 45], queries = \"linear\")]",
    );
    checks.say("in_chunks_and_linear", "");
    checks.say(
        "each_with_each",
        "
perfassert: scaling::queries::each_with_each grows faster than it may
  queries: 2, 17, 257 for n = 1, 4, 16: 1 + n², and \"linear\" is allowed

     n² x  SELECT count(*) FROM authors WHERE id = ? OR id = ?
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::pair

  help: fetch more rows per statement
  help: if this is meant, say so: #[scaling(queries = \"quadratic\")]",
    );
    checks.say("each_with_each_and_quadratic", "");
    checks.say(
        "with_a_cache_that_outlives_a_size",
        &not_deterministic("with_a_cache_that_outlives_a_size", "2 for n = 1, and 1 when it ran again"),
    );
    checks.say(
        "with_fewer_for_many",
        &not_deterministic("with_fewer_for_many", "2, 5, 2 for n = 1, 4, 16, less for more"),
    );
    checks.say(
        "without_any",
        "
perfassert: scaling::queries::without_any could not be measured
  no query of the test was observed; perfassert listens to: sqlx, diesel, rusqlite, tokio-postgres

  help: if it sends any, look for what hides them: `log_statements(LevelFilter::Off)`, `sqlx_logging(false)`,
        or a driver whose feature of perfassert is not on
        if it is to send none, say so: #[max_queries(0)], and no `queries` in #[scaling]",
    );
    checks.say("at_the_budget_of_the_largest", "");
    checks.say(
        "over_all_of_them",
        "
perfassert: scaling::queries::over_all_of_them exceeded its budget
  17 queries, budget 16  (+1)
  N+1: 16x the same statement

      16x  SELECT name FROM authors WHERE id = ?    <- once per row of the statement below
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::author
       1x  SELECT author_id FROM books
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::books

  queries: 2, 5, 17 for n = 1, 4, 16: 1 + n, and \"constant\" is allowed

      n x  SELECT name FROM authors WHERE id = ?
           tests/attributes/scaling/shop.rs:LINE  scaling::shop::author

  help: load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN
  help: if this is meant, raise the budget: #[max_queries(17)]
  help: if this is meant, say so: #[scaling(queries = \"linear\")]
  help: if this is meant, allow the statement, with a reason: [[allow]] in perfassert.toml",
    );
    checks.end();
}

fn not_deterministic(name: &str, how: &str) -> String {
    format!(
        "
perfassert: scaling::queries::{name} could not be measured
  the queries are not deterministic: {how}

  help: look for what outlives one size and serves the next, such as a cache in a `static`: make it anew in each,
        or fill it in perfassert::unmeasured(|| ...)
        where the code takes another way for many, choose sizes that all take the same"
    )
}

#[test]
fn allocations_grow_as_they_may() {
    let mut checks = Checks::of("scaling::allocs::");
    checks.say("one", "");
    checks.say(
        "one_each",
        "
perfassert: scaling::allocs::one_each grows faster than it may
  allocations: 2, 5, 17 for n = 1, 4, 16: 1 + n, and \"constant\" is allowed

      17x   256 bytes  tests/attributes/scaling/allocs.rs:LINE  scaling::allocs::boxes

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, say so: #[scaling(allocs = \"linear\")]",
    );
    checks.say("one_each_and_linear", "");
    checks.say(
        "one_for_each_pair",
        "
perfassert: scaling::allocs::one_for_each_pair grows faster than it may
  allocations: 2, 17, 257 for n = 1, 4, 16: 1 + n², and \"linear\" is allowed

     257x     4.0 KiB  tests/attributes/scaling/allocs.rs:LINE  scaling::allocs::boxes

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, say so: #[scaling(allocs = \"quadratic\")]",
    );
    checks.say(
        "more_and_more",
        "
perfassert: scaling::allocs::more_and_more grows faster than it may
  allocations: 37, 73, 109 for n = 10, 100, 1000: about as log n, and \"constant\" is allowed

     108x    96.0 KiB  tests/attributes/scaling/allocs.rs:LINE  scaling::allocs::more_and_more
       1x   288 bytes  tests/attributes/scaling/allocs.rs:LINE  scaling::allocs::more_and_more

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, say so: #[scaling(n = [10, 100, 1000], queries = \"constant\", allocs = \"logarithmic\")]",
    );
    checks.say("what_is_made_once", "");
    checks
        .start("fewer_for_more", "the allocations are not deterministic: 101, 26, 7 for n = 1, 4, 16, less");
    checks.start("on_a_thread_of_the_first", "allocations: 2, 5, 17 for n = 1, 4, 16: 1 + n");
    checks.say("of_a_driver", "");
    checks.end();
}

#[test]
fn every_test_attribute_runs_each_size() {
    const GROWS: &str = "queries: 2, 5, 17 for n = 1, 4, 16: 1 + n, and \"constant\" is allowed";
    let mut checks = Checks::of("scaling::ways::");
    checks.start("plain", GROWS);
    checks.start("beneath_but_for_another", GROWS);
    checks.start("above_and_beneath", GROWS);
    checks.start("on_several_threads", "queries: 3, 9, 33 for n = 1, 4, 16: 1 + 2n");
    checks.start("beneath_tokio", GROWS);
    checks.start("beneath_several_threads", GROWS);
    checks.start("with_the_clock_stopped", GROWS);
    checks.start("with_a_database_each", GROWS);
    checks.start("with_a_connection_each", GROWS);
    checks.start("with_actix", GROWS);
    checks.start("with_test_log", GROWS);
    checks.start("with_test_log_and_tokio", GROWS);
    checks.start("with_a_fixture", GROWS);
    checks.start("with_a_fixture_and_tokio", GROWS);
    checks.say("r#match", "");
    checks.say("passes", "");
    checks.say("passes_with_a_result", "");
    checks.say("in_their_order", "");
    let hides = "a `tracing` subscriber that was set for this thread only hides";
    checks.start("hides_in_one_size", &format!("with n = 4: {hides}"));
    checks.start("hides_in_two_sizes", &format!("with n = 4, 16: {hides}"));
    checks.start("hides_in_all_sizes", hides);
    // What fails by itself says so and the size, no gate speaks, and it leaves no counts.
    checks.fail("returns_an_error", &["Error: \"its own\"", "returns_an_error failed with n = 4\n"]);
    checks.fail("panics", &["assertion `left != right` failed: its own", "panics panicked with n = 16\n"]);
    checks.fail("panics_at_once", &["panics_at_once panicked with n = 1\n"]);
    checks.fail("does_not_panic", &[]);
    checks.say("panics_in_each_size", "");
    // Q63: judged all the same.
    checks.fail_without_panic("panics_as_it_should", GROWS);
    // The record is of the largest size.
    let passed = checks.record("passes");
    assert_eq!(passed.counts.get(&Metric::Queries), Some(17));
    let counts: Vec<u64> = passed.statements.iter().map(|statement| statement.count).collect();
    assert_eq!(counts, [16, 1]);
    checks.end();
}

/// The tests of a module, each looked at.
struct Checks {
    run: Run,
    module: &'static str,
    seen: Vec<String>,
    wrong: Vec<String>,
}

impl Checks {
    fn of(module: &'static str) -> Self {
        Checks { run: child::run(module, 0), module, seen: Vec::new(), wrong: Vec::new() }
    }

    fn record(&mut self, name: &str) -> Record {
        let name = format!("{}{name}", self.module);
        let record = self.run.record(&name);
        self.seen.push(name);
        record
    }

    /// It says exactly this, and passes if that is nothing.
    #[track_caller]
    fn say(&mut self, name: &str, expected: &str) {
        let outcome = if expected.is_empty() { "ok" } else { "FAILED" };
        self.check(name, outcome, expected, |said| said == expected.trim());
    }

    /// What it says first of all, beneath the line with its name, and in the record.
    #[track_caller]
    fn start(&mut self, name: &str, expected: &str) {
        let headlines = match self.record(name).outcome {
            Outcome::OverBudget(headlines) => headlines,
            Outcome::Inconclusive(reasons) => reasons.into_iter().map(|reason| reason.cause).collect(),
            _ => return self.wrong.push(format!("{name} was not to pass")),
        };
        let is_headline = headlines.len() == 1 && headlines[0].starts_with(expected);
        self.check(name, "FAILED", expected, |said| {
            is_headline && said.lines().nth(1).is_some_and(|line| line.trim().starts_with(expected))
        });
    }

    /// It fails by itself, and each of these texts is shown: those of perfassert's, in one line at most, are about the size.
    #[track_caller]
    fn fail(&mut self, name: &str, expected: &[&str]) {
        let record = self.record(name);
        assert_eq!((record.outcome, record.counts.is_empty()), (Outcome::Failed, true), "{name}");
        let path = format!("{}{name}", self.module);
        let (printed, shown) = (self.run.printed.outcome(&path), self.run.printed.section(&path));
        let ours = shown.matches("perfassert: ").count();
        let is_expected =
            expected.iter().all(|text| shown.contains(text)) && ours == usize::from(!expected.is_empty());
        if printed != "FAILED" || !is_expected {
            self.wrong.push(format!("{name} {printed}, showed:\n{shown}\nexpected was:\n{expected:?}\n"));
        }
    }

    /// It panics as it should, and says this all the same.
    #[track_caller]
    fn fail_without_panic(&mut self, name: &str, expected: &str) {
        let record = self.record(name);
        let path = format!("{}{name}", self.module);
        let (printed, shown) = (self.run.printed.outcome(&path), self.run.printed.section(&path));
        let texts = [expected, "perfassert: the test panicked as it should; it fails by returning instead"];
        let is_shown = texts.iter().all(|text| shown.contains(text));
        if printed != "FAILED" || !matches!(record.outcome, Outcome::OverBudget(_)) || !is_shown {
            self.wrong.push(format!("{name} {printed}, showed:\n{shown}\nexpected was:\n{expected}\n"));
        }
    }

    fn check(&mut self, name: &str, outcome: &str, expected: &str, is_expected: impl Fn(&str) -> bool) {
        let name = format!("{}{name}", self.module);
        let (printed, said) = (self.run.printed.outcome(&name), self.run.printed.message(&name));
        if printed != outcome || !is_expected(&said) {
            self.wrong.push(format!("{name} {printed}, said:\n{said}\nexpected was:\n{expected}\n"));
        }
        self.seen.push(name);
    }

    #[track_caller]
    fn end(self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        let unseen: Vec<_> =
            self.run.names().filter(|name| !self.seen.iter().any(|seen| seen == name)).collect();
        assert!(unseen.is_empty(), "nobody looked at {unseen:?}");
    }
}
