//! Never blind: a gate that cannot see fails and says why; and what only looks like an obstacle is none.

mod copies;
mod crates;
mod heard;
mod hidden;
mod shop;
mod traps;

use perfassert::Metric;
use perfassert::record::Outcome;
use perfassert_test_support::child::{Child, Ran, count, list};

const HIDDEN: &str = "a `tracing` subscriber that was set for this thread only hides the drivers' events";
const HIDDEN_HELP: &str = "set it before the test's body, or for the whole process";
const NOT_LOGGED_HELP: &str = "leave the statement log of each connection on in tests";
const UNSET: &str = "the test's body dropped the guard of a scoped `tracing` subscriber";
const UNSET_HELP: &str = "let the guard live for longer than the body";
const NOTHING: &str = "no query of the test was observed";

/// Runs a fixture, which is to fail for `cause` and to end with advice.
#[track_caller]
fn check(fixture: &str, cause: &str, help: &str) {
    let run = Child::one(&format!("hidden::{fixture}")).run();
    check_failed(&run, fixture, cause, help);
    // Where it is known why, that is all that is said.
    assert_eq!(run.output.contains(NOTHING), cause == NOTHING, "{}", run.output);
}

/// Fails unless the last test of `run` failed because it could not see, with the cause and the help.
#[track_caller]
fn check_failed(run: &Ran, test: &str, cause: &str, help: &str) {
    let (output, said) = (&run.output, format!("{test} could not be measured"));
    assert!(!run.passed, "{output}");
    for text in [said.as_str(), cause, "help: ", help] {
        assert!(output.contains(text), "no `{text}` in:\n{output}");
    }
    let record = run.records.last().unwrap_or_else(|| panic!("no record:\n{output}"));
    assert!(matches!(record.outcome, Outcome::Inconclusive(_)), "{:?}", record.outcome);
}

#[test]
fn nothing_observed() {
    check("nothing", NOTHING, "#[max_queries(0)]");
    check("nothing_that_repeats", NOTHING, "#[max_queries(0)]");
}

#[test]
fn statement_logging_off() {
    // To connect takes one, too.
    check("statement_logging_off", "sqlx logged only 0 of 2 executed statements", NOT_LOGGED_HELP);
}

/// Q55a: also where no query is what was to be, and where others are logged.
#[test]
fn a_part_of_the_statements_is_not_logged() {
    let check = |fixture, logged| {
        check(fixture, &format!("sqlx logged only {logged} executed statements"), NOT_LOGGED_HELP)
    };
    check("none_may_be_sent_and_the_log_is_off", "0 of 2");
    check("none_may_be_sent_and_the_slow_log_is_off", "0 of 2");
    check("a_loop_without_a_log", "2 of 23");
    check("one_connection_of_two_has_no_log", "3 of 5");
}

/// Q54: whoever installs the global subscriber meanwhile.
#[test]
fn a_dispatcher_beside_a_neighbours_global_one() {
    check("beside_a_neighbour_after_a_query", HIDDEN, HIDDEN_HELP);
    check("beside_a_neighbour_before_a_query", HIDDEN, HIDDEN_HELP);
}

/// One whose making tells nobody of it.
#[test]
fn a_dispatcher_that_is_not_made_in_the_body() {
    check("nobody_in_front_for_a_part", HIDDEN, HIDDEN_HELP);
    check("an_earlier_one_for_a_part", HIDDEN, HIDDEN_HELP);
}

#[test]
fn a_dispatcher_around_no_query_hides_none() {
    let run = Child::one("hidden::default_around_no_query").run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(count(&run.records[0], &Metric::Queries), 2);
}

#[test]
fn a_dispatcher_in_the_body() {
    check("default_for_the_body", HIDDEN, HIDDEN_HELP);
    check("default_for_the_body_in_tokio", HIDDEN, HIDDEN_HELP);
}

/// Each query was seen. What is not known is when it was dropped.
#[test]
fn a_guard_that_the_body_drops() {
    for fixture in ["default_dropped_by_the_body", "default_dropped_by_the_body_beside_a_global_one"] {
        let plain = Child::one(&format!("hidden::{fixture}"));
        let run = plain.told(|child| _ = child.env("PERFASSERT_MEASURE", "marked")).run();
        check_failed(&run, fixture, UNSET, UNSET_HELP);
    }
    // Where perfassert is on the thread from its beginning, each query is seen, before the guard is dropped and after.
    let run = Child::one("hidden::default_dropped_by_the_body").run();
    assert!(run.passed, "{}", run.output);
    // Here the fixture comes when the runtime is in the test already, and perfassert on the thread.
    check("default_of_a_fixture_in_tokio", HIDDEN, HIDDEN_HELP);
}

#[test]
fn a_dispatcher_around_a_part_of_the_body() {
    check("default_for_a_part", HIDDEN, HIDDEN_HELP);
    check("default_for_a_part_beside_a_global_one", HIDDEN, HIDDEN_HELP);
}

#[test]
fn a_dispatcher_of_a_task() {
    check("subscriber_of_a_task", HIDDEN, HIDDEN_HELP);
    // A scope that begins under it is seen.
    let run = Child::one("hidden::subscriber_of_a_task_around_endpoints").run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(count(&run.records[0], &Metric::Queries), 2);
}

/// What it does is the one test's that is open, also where another has started it.
#[test]
fn a_runtime_in_a_static() {
    let run = Child::matching("hidden::runtime::", 1).run();
    let [_, uses] = run.records.as_slice() else { panic!("{}", run.output) };
    assert_eq!(count(uses, &Metric::Queries), 2 * shop::QUERIES);
    assert_eq!(list(&uses.unattributed), "");
    assert!(matches!(uses.outcome, Outcome::OverBudget(_)), "{:?}", uses.outcome);
}

/// Runs the fixtures of a subscriber: each passes, is counted, and leaves the log that there is without us.
#[track_caller]
fn check_heard(subscriber: &str) {
    let run = |fixture: &str| Child::one(&format!("heard::{subscriber}::{fixture}")).printing().run();
    let expected = log(&run("without_us"));
    for fixture in ["inside", "before", "in_tokio"] {
        let run = run(fixture);
        assert!(run.passed, "{}", run.output);
        assert_eq!(count(&run.records[0], &Metric::Queries), shop::QUERIES, "{fixture}");
        assert_eq!(log(&run), expected, "{subscriber}, {fixture}");
    }
}

/// The lines of the user's log, without times.
fn log(run: &Ran) -> Vec<String> {
    let lines = run.output.lines().filter_map(|line| Some(line.split_once("log: ")?.1));
    let timeless = |line: &str| {
        let words = line.split(' ').filter(|word| !word.starts_with("elapsed"));
        words.collect::<Vec<_>>().join(" ")
    };
    lines.map(timeless).collect()
}

macro_rules! heard {
    ($($subscriber:ident)*) => { mod subscribers { $(
        #[test]
        fn $subscriber() {
            super::check_heard(stringify!($subscriber));
        }
    )* } };
}

heard! {
    none
    info
    info_without_sqlx
    off
    everything
    queries_only
    spans_off
    try_init
    per_layer
    global_filter_and_layer
    log_tracer
    wrapped_info
    wrapped_off
    wrapped_everything
    wrapped_try_init
}

#[test]
fn a_scoped_subscriber_from_before_the_body() {
    let run = Child::one("heard::scoped_before_the_runtime::before").run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(count(&run.records[0], &Metric::Queries), shop::QUERIES);
}

/// It is seen, and the user's log has what it has without us.
#[test]
fn a_scope_under_a_scoped_subscriber() {
    let run = |fixture: &str| Child::one(&format!("heard::around_a_part::{fixture}")).printing().run();
    let inside = run("inside");
    assert!(inside.passed, "{}", inside.output);
    assert_eq!(count(&inside.records[0], &Metric::Queries), shop::QUERIES);
    assert_eq!(log(&inside), log(&run("without_us")));
}

#[test]
fn a_log_from_the_destructors_of_a_threads_locals() {
    let run =
        |fixture: &str| Child::one(&format!("heard::at_the_end_of_a_thread::{fixture}")).printing().run();
    let inside = run("inside");
    assert!(inside.passed, "{}", inside.output);
    assert_eq!(count(&inside.records[0], &Metric::Queries), shop::QUERIES);
    assert_eq!(log(&inside), log(&run("without_us")));
}

/// Q56
#[test]
fn a_section_waits_for_its_queries() {
    for fixture in ["in_sections", "in_no_test", "in_set_up", "in_async_set_up"] {
        let run = Child::one(&format!("heard::late::{fixture}")).run();
        assert!(run.passed, "{fixture}: {}", run.output);
    }
}

#[test]
fn try_init_in_every_test() {
    let run = Child::matching("heard::in_each_test::", 1).run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(run.records.len(), 3);
}

#[test]
fn a_logger_of_the_users() {
    let run = Child::one("heard::logger::of_the_users").printing().run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(count(&run.records[0], &Metric::Queries), shop::QUERIES);
    assert_eq!(log(&run), ["INFO by way of log"]);
}

/// The driver's worker logs in the span that the query was sent in.
#[test]
fn spans_of_the_user_are_around_the_drivers_events() {
    let run = Child::one("heard::everything::inside").printing().run();
    let expected = "DEBUG request{id=7}: sqlx::query: summary=\"SELECT 1\"";
    assert!(log(&run).iter().any(|line| line.starts_with(expected)), "{}", run.output);
}
