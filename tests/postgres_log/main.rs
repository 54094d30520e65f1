//! tokio-postgres, heard through the `log` crate in each of the three ways, and not heard. The records are the driver's, word
//! for word; its own tests on a server are elsewhere.

mod driver;
mod heard;
mod hidden;

use perfassert::Metric;
use perfassert::record::Outcome;
use perfassert_test_support::child::{Child, Ran, count, list};

/// Runs a fixture, which is to pass and to have counted the work of [`driver::serve`].
#[track_caller]
fn check_counted(fixture: &str) -> Ran {
    let run = Child::one(&format!("heard::{fixture}")).printing().run();
    assert!(run.passed, "{}", run.output);
    let record = &run.records[0];
    assert_eq!(list(&record.statements), driver::STATEMENTS, "{fixture}");
    assert_eq!(count(record, &Metric::Queries), driver::QUERIES, "{fixture}");
    assert!(!format!("{record:?}").contains("hunter"), "{record:?}");
    run
}

/// The lines of the user's log.
fn log(run: &Ran) -> Vec<&str> {
    run.output.lines().filter_map(|line| Some(line.split_once("log: ")?.1)).collect()
}

/// Both log the same, once with a gate on the test and once without any.
#[track_caller]
fn check_heard(way: &str) {
    let without_us = Child::one(&format!("heard::{way}::without_us")).printing().run();
    assert!(without_us.passed, "{}", without_us.output);
    for fixture in ["inside", "before", "in_tokio"] {
        let run = check_counted(&format!("{way}::{fixture}"));
        assert_eq!(log(&run), log(&without_us), "{way}, {fixture}");
    }
}

#[test]
fn without_a_logger() {
    check_heard("no_logger");
}

#[test]
fn a_logger_of_the_users() {
    check_heard("logger");
    check_heard("verbose_logger");
}

#[test]
fn records_that_become_events() {
    check_heard("log_tracer");
    check_heard("log_tracer_off");
    check_heard("verbose_log_tracer");
}

#[test]
fn two_ways_at_once_count_once() {
    check_heard("both");
}

#[test]
fn listening_allocates_nothing_for_the_test() {
    for fixture in ["allocations::by_logger", "allocations::by_tracing"] {
        let run = Child::one(fixture).run();
        assert!(run.passed, "{}", run.output);
    }
}

#[test]
fn the_call_site_is_the_users_line() {
    let run = check_counted("no_logger::inside");
    for statement in &run.records[0].statements {
        for site in &statement.sites {
            assert_eq!(site.file, "tests/postgres_log/driver.rs");
        }
        assert!(!statement.sites.is_empty(), "{statement:?}");
    }
}

/// Runs a fixture, which is to fail for `cause` and to end with advice.
#[track_caller]
fn check_hidden(fixture: &str, cause: &str, help: &str) {
    let run = Child::one(&format!("hidden::{fixture}")).run();
    assert!(!run.passed, "{}", run.output);
    for text in ["could not be measured", cause, "help: ", help] {
        assert!(run.output.contains(text), "no `{text}` in:\n{}", run.output);
    }
    assert!(matches!(run.records[0].outcome, Outcome::Inconclusive(_)), "{:?}", run.records[0].outcome);
}

const NO_LOGGER: &str = "through the `log` crate, and no logger passes them on";

#[test]
fn nobody_listens() {
    check_hidden("no_logger", NO_LOGGER, "`perfassert::tokio_postgres::init().unwrap();`");
    check_hidden(
        "no_logger_beside_other_queries",
        NO_LOGGER,
        "`perfassert::tokio_postgres::init().unwrap();`",
    );
    check_hidden("another_logger", NO_LOGGER, "install that with `perfassert::tokio_postgres::init_with`");
}

#[test]
fn a_level_that_is_lowered_in_the_body() {
    check_hidden("level_lowered", "the maximum level of `log` is INFO", "leave `log::set_max_level` out");
}

#[test]
fn a_logger_that_is_in_the_way_is_an_error() {
    let run = Child::one("hidden::init_beside_another_logger").run();
    assert!(run.passed, "{}", run.output);
}

/// What the driver's stand-in allocates is the test's, being of its crate: a list of parameters, because it is asked to log. Nothing else
/// is.
mod allocations {
    use perfassert::{Metric, measure, tokio_postgres};

    use crate::driver::{prepare, query};

    fn check() {
        let statement = prepare("SELECT name FROM users WHERE id = $1");
        let run = || query(&statement, &["7"]);
        measure("first", run);
        let (_, counts) = measure("query", run);
        assert_eq!(counts.get(&Metric::Queries), Some(1));
        let of_the_list = i64::try_from(size_of::<&&str>()).unwrap();
        let expected = [
            (Metric::Allocs, 1),
            (Metric::Frees, 1),
            (Metric::Bytes, of_the_list),
            (Metric::BytesLive, 0),
            (Metric::BytesPeak, of_the_list),
        ];
        for (metric, count) in expected {
            assert_eq!(counts.get(&metric), Some(count), "{metric}");
        }
    }

    #[ignore = "a fixture"]
    #[test]
    fn by_logger() {
        tokio_postgres::init().unwrap();
        check();
    }

    #[ignore = "a fixture"]
    #[test]
    fn by_tracing() {
        tracing_log::LogTracer::init().unwrap();
        check();
    }
}
