//! Never blind: an instrumentation of the user's in our place, and next to us.

use std::sync::Mutex;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use perfassert::diesel::{watch, watch_default};
use perfassert::max_queries;
use perfassert::record::Outcome;
use perfassert::sql::normalize;
use perfassert_test_support::child::Child;

use crate::ledger;
use crate::shop::{INSERT, LOAD, SCHEMA, be_heard, insert, load, prepared};

/// What the user's instrumentations were told of.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn tell(event: &InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event {
        TOLD.lock().unwrap().push(query.to_string());
    }
}

fn told() -> Vec<String> {
    std::mem::take(&mut *TOLD.lock().unwrap())
}

/// The user's, without data.
fn plain() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| tell(&event)))
}

/// The user's, with data.
#[derive(Default)]
struct Counting(u32);

impl Instrumentation for Counting {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        self.0 += u32::from(matches!(event, InstrumentationEvent::StartQuery { .. }));
        tell(&event);
    }
}

fn counting() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(Counting::default()))
}

fn connect() -> SqliteConnection {
    be_heard();
    SqliteConnection::establish(":memory:").unwrap()
}

/// Four statements, and one that fails.
fn work(connection: SqliteConnection) {
    let connection = &mut prepared(connection);
    load(connection);
    insert(connection, 1, "Ann").unwrap_err();
}

fn counted() -> [String; 3] {
    [format!("1x {}", normalize(SCHEMA).text), format!("1x {LOAD}"), format!("4x {INSERT} (1 failed)")]
}

const TOLD_OF_WORK: usize = 6;

const REPLACED: &str = "the default instrumentation of diesel was replaced";
const LINE_BEHIND: &str = "perfassert::diesel::watch_default();";
const LINE_AROUND: &str =
    "set_default_instrumentation(|| Some(Box::new(perfassert::diesel::watch(/* yours */))))";

/// The fixture is inconclusive because the default was replaced, with the line to add.
#[track_caller]
fn check_replaced(fixture: &str, line: &str) {
    let run = Child::one(&format!("blind::{fixture}")).run();
    assert!(!run.passed, "{}", run.output);
    for text in ["could not be measured", REPLACED, "help: ", line] {
        assert!(run.output.contains(text), "no `{text}` in:\n{}", run.output);
    }
    let last = run.records.last().unwrap();
    assert!(matches!(&last.outcome, Outcome::Inconclusive(_)), "{:?}", last.outcome);
}

/// The fixture passes, and all that [`work`] does is counted.
#[track_caller]
fn check_counted(fixture: &str) {
    let run = Child::one(&format!("blind::{fixture}")).run();
    assert!(run.passed, "{}", run.output);
    let mut expected = counted();
    expected.sort();
    assert_eq!(ledger(&run.records[0]), expected);
}

macro_rules! fixtures {
    ($($name:ident { $($before:expr);* } { $($body:tt)* })*) => { $(
        #[ignore = "a fixture"]
        #[test]
        fn $name() {
            #[max_queries(9)]
            fn body() { $($body)* }
            $($before;)*
            body();
        }
    )* };
}

fixtures! {
    replaced_in_the_body {} {
        set_default_instrumentation(plain).unwrap();
        work(connect());
    }
    replaced_in_the_body_and_not_used {} {
        work(connect());
        set_default_instrumentation(plain).unwrap();
    }
    replaced_before_the_body { set_default_instrumentation(plain).unwrap() } {
        work(connect());
    }
    switched_off { set_default_instrumentation(|| None).unwrap() } {
        work(connect());
    }
    replaced_by_one_with_data {} {
        set_default_instrumentation(counting).unwrap();
        watch_default();
        work(connect());
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
    replaced_during_an_earlier_test { earlier(); watch_default() } {
        work(connect());
    }

    watched_before_the_body { set_default_instrumentation(plain).unwrap(); watch_default() } {
        work(connect());
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
    watched_in_the_body {} {
        set_default_instrumentation(plain).unwrap();
        watch_default();
        watch_default();
        work(connect());
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
    watched_after_it_was_switched_off {} {
        set_default_instrumentation(|| None).unwrap();
        watch_default();
        work(connect());
    }
    put_around_one_with_data {} {
        set_default_instrumentation(|| Some(Box::new(watch(Counting::default())))).unwrap();
        let mut connection = connect();
        let inner = |connection: &mut SqliteConnection| {
            connection.instrumentation().downcast_mut::<perfassert::diesel::Watched<Counting>>().unwrap().inner().0
        };
        assert_eq!(inner(&mut connection), 0);
        work(connection);
        assert_eq!((told().len(), inner(&mut connect())), (TOLD_OF_WORK, 0));
    }
    put_around_what_the_application_makes {} {
        set_default_instrumentation(|| Some(Box::new(watch(counting())))).unwrap();
        work(connect());
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
    inside_of_one_of_the_users {} {
        fn several() -> Option<Box<dyn Instrumentation>> {
            let mut inner = (watch(Counting::default()), Counting::default());
            Some(Box::new(move |event: InstrumentationEvent<'_>| {
                tell(&event);
                inner.0.on_connection_event(event);
            }))
        }
        set_default_instrumentation(several).unwrap();
        work(connect());
        assert_eq!(told().len(), 2 * TOLD_OF_WORK);
    }
    watched_twice {} {
        set_default_instrumentation(|| Some(Box::new(watch(watch(Counting::default()))))).unwrap();
        work(connect());
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
    put_around_that_of_one_connection {} {
        let mut connection = connect();
        connection.set_instrumentation(watch(Counting::default()));
        work(connection);
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
    one_that_connects_and_queries_itself {} {
        fn explaining() -> Option<Box<dyn Instrumentation>> {
            Some(Box::new(|event: InstrumentationEvent<'_>| {
                tell(&event);
                if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                    perfassert::unmeasured(|| diesel::sql_query("SELECT 2").execute(&mut connect()).unwrap());
                }
            }))
        }
        set_default_instrumentation(explaining).unwrap();
        watch_default();
        work(connect());
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
    that_of_one_connection_replaced {} {
        let mut connection = connect();
        connection.set_instrumentation(Counting::default());
        work(connection);
        assert_eq!(told().len(), TOLD_OF_WORK);
    }
}

/// A test of the same process that leaves a default of the user's behind.
fn earlier() {
    #[max_queries(9)]
    fn body() {
        set_default_instrumentation(plain).unwrap();
    }
    std::panic::catch_unwind(body).unwrap_err();
}

#[test]
fn a_default_that_takes_our_place() {
    check_replaced("replaced_in_the_body", LINE_BEHIND);
    check_replaced("replaced_in_the_body_and_not_used", LINE_BEHIND);
    check_replaced("replaced_before_the_body", LINE_BEHIND);
    check_replaced("switched_off", LINE_BEHIND);
}

#[test]
fn a_default_with_data_is_left_in_its_place() {
    check_replaced("replaced_by_one_with_data", LINE_AROUND);
}

/// A connection that was made meanwhile may serve any test.
#[test]
fn a_gap_is_remembered() {
    check_replaced("replaced_during_an_earlier_test", LINE_BEHIND);
}

#[test]
fn a_default_of_the_users_behind_ours() {
    check_counted("watched_before_the_body");
    check_counted("watched_in_the_body");
    check_counted("watched_after_it_was_switched_off");
    check_counted("one_that_connects_and_queries_itself");
}

#[test]
fn ours_around_that_of_the_users() {
    check_counted("put_around_one_with_data");
    check_counted("put_around_what_the_application_makes");
    check_counted("put_around_that_of_one_connection");
    check_counted("inside_of_one_of_the_users");
    check_counted("watched_twice");
}

/// Nobody can notice. What is left is that nothing was observed.
#[test]
fn an_instrumentation_of_one_connection_without_ours() {
    let run = Child::one("blind::that_of_one_connection_replaced").run();
    assert!(!run.passed && run.output.contains("no query of the test was observed"), "{}", run.output);
}
