//! Which scope is current, who inherits it, and where counts go.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::*;
use crate::alloc::{Memory, Owner};
use crate::enter::enter;
use crate::source::Execution;
use crate::sql::{Class, normalize};

mod stress;

fn section(name: &str, parent: Option<&Arc<Scope>>) -> Arc<Scope> {
    Scope::open(name, Role::Section, parent.cloned())
}

fn query(sql: &str) -> Query {
    Query::of(Arc::new(normalize(sql)))
}

/// The name of the current scope.
fn current_name() -> Option<String> {
    current().map(|scope| scope.name().to_owned())
}

#[track_caller]
fn check_current(expected: Option<&str>) {
    assert_eq!(current_name().as_deref(), expected);
}

fn queries(scope: &Scope) -> u64 {
    scope.statement_counts().entries().iter().map(|entry| entry.count).sum()
}

#[test]
fn the_innermost_scope_is_current() {
    let outer = section("outer", None);
    let inner = section("inner", Some(&outer));
    check_current(None);
    let in_outer = enter(&outer, Inheritance::Threads);
    check_current(Some("outer"));
    let in_inner = enter(&inner, Inheritance::Threads);
    check_current(Some("inner"));
    drop(in_inner);
    check_current(Some("outer"));
    let again = enter(&outer, Inheritance::Threads);
    drop(again);
    check_current(Some("outer"));
    drop(in_outer);
    check_current(None);
}

#[test]
fn scopes_may_be_left_in_any_order() {
    let (a, b, c) = (section("a", None), section("b", None), section("c", None));
    let (in_a, in_b, in_c) =
        (enter(&a, Inheritance::Threads), enter(&b, Inheritance::Threads), enter(&c, Inheritance::Threads));
    drop(in_b);
    check_current(Some("c"));
    drop(in_a);
    check_current(Some("c"));
    drop(in_c);
    check_current(None);
}

#[test]
fn a_panic_leaves_what_it_entered() {
    let scope = section("a", None);
    let result = catch_unwind(AssertUnwindSafe(|| {
        let _entered = enter(&scope, Inheritance::Threads);
        resume_unwind(Box::new(()));
    }));
    assert!(result.is_err());
    check_current(None);
}

#[cfg(inherit_threads)]
mod inheritance {
    use std::thread;

    use super::*;
    use crate::enter::Measured;

    /// The name of the scope in which a thread begins that is started now.
    fn inherited_name() -> Option<String> {
        thread::spawn(current_name).join().unwrap()
    }

    #[test]
    fn a_thread_belongs_to_the_scope_that_starts_it() {
        assert!(crate::enter::threads_inherit());
        assert_eq!(inherited_name(), None);
        let scope = section("a", None);
        let _entered = enter(&scope, Inheritance::Threads);
        assert_eq!(inherited_name().as_deref(), Some("a"));
        // And its own threads after it, also when the scope was left meanwhile.
        let grandchild = thread::spawn(|| thread::spawn(current_name).join().unwrap());
        assert_eq!(grandchild.join().unwrap().as_deref(), Some("a"));
    }

    #[test]
    fn a_thread_outlives_the_guard_and_stays_with_its_scope() {
        let scope = section("a", None);
        let entered = enter(&scope, Inheritance::Threads);
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let waiting = thread::spawn(move || {
            wait.recv().unwrap();
            current_name()
        });
        drop(entered);
        go.send(()).unwrap();
        assert_eq!(waiting.join().unwrap().as_deref(), Some("a"));
    }

    /// A runtime starts a thread for its pool in the middle of some request's poll, and uses it for every other.
    #[test]
    fn a_thread_that_is_started_in_a_poll_belongs_to_the_test() {
        let test = section("test", None);
        let endpoint = Scope::open("endpoint", Role::Endpoint, Some(Arc::clone(&test)));
        let _in_test = enter(&test, Inheritance::Threads);
        let request = Measured::new(
            async {
                check_current(Some("endpoint"));
                inherited_name()
            },
            endpoint,
            Inheritance::Nobody,
        );
        let mut request = std::pin::pin!(request);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(inherited_name) = request.as_mut().poll(&mut context) else {
            unreachable!()
        };
        assert_eq!(inherited_name.as_deref(), Some("test"));
        check_current(Some("test"));
    }

    #[test]
    fn a_thread_of_a_set_up_counts_for_the_test_when_that_is_over() {
        let (set_up_done, over) = std::sync::mpsc::channel();
        let (allocated, wait) = std::sync::mpsc::channel::<()>();
        let (thread, counts) = crate::measure("test", || {
            let thread = crate::unmeasured(|| {
                let thread = thread::spawn(move || {
                    std::hint::black_box(vec![0_u8; 500_000]);
                    crate::query("SELECT 1");
                    allocated.send(()).unwrap();
                    over.recv().unwrap();
                    std::hint::black_box(vec![0_u8; 3_000_000]);
                    crate::query("SELECT 2");
                });
                wait.recv().unwrap();
                thread
            });
            set_up_done.send(()).unwrap();
            thread.join()
        });
        thread.unwrap();
        assert_eq!(counts.get(&crate::Metric::Queries), Some(1));
        let bytes = counts.get(&crate::Metric::Bytes);
        assert!(bytes.is_none_or(|bytes| (3_000_000..3_400_000).contains(&bytes)), "{bytes:?}");
    }

    #[cfg(feature = "tracing-events")]
    #[test]
    fn a_thread_that_serves_several_belongs_to_nobody() {
        let scope = section("a", None);
        let _entered = enter(&scope, Inheritance::Threads);
        as_nobody(|| {
            check_current(None);
            assert_eq!(inherited_name(), None);
        });
        check_current(Some("a"));
        let after = thread::spawn(|| {
            abandon_base();
            current_name()
        });
        assert_eq!(after.join().unwrap(), None);
    }
}

#[test]
fn a_query_counts_for_each_scope_around_it_once() {
    let test = Scope::open("test", Role::Test, None);
    let endpoint = Scope::open("endpoint", Role::Endpoint, Some(Arc::clone(&test)));
    let inner = section("inner", Some(&endpoint));
    inner.record(&query("SELECT 1"));
    endpoint.record(&query("SELECT 1"));
    test.record(&query("SELECT 2"));
    assert_eq!([&test, &endpoint, &inner].map(|scope| queries(scope)), [3, 2, 1]);
    let judged = |scope: &Scope| {
        scope.statement_counts().entries().iter().map(|entry| entry.repeats.texts).sum::<u64>()
    };
    assert_eq!([&test, &endpoint, &inner].map(|scope| judged(scope)), [1, 2, 1]);
    assert_eq!(test.parts().iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["endpoint", "inner"]);
}

#[test]
fn a_text_of_several_statements_is_one_round_trip() {
    let test = section("test", None);
    for text in ["BEGIN; UPDATE t SET a = 1; UPDATE t SET a = 2", "UPDATE t SET a = 3", "COMMIT"] {
        Execution::new(text).record_for(&test, None);
    }
    let statement_counts = test.statement_counts();
    let entries = statement_counts
        .entries()
        .iter()
        .map(|it| (it.statement.text.as_str(), it.count, it.repeats.texts, it.round_trips));
    let expected = [("BEGIN", 1, 1, 0), ("UPDATE t SET a = ?", 3, 2, 2), ("COMMIT", 1, 1, 0)];
    assert_eq!(entries.collect::<Vec<_>>(), expected);
}

/// Q27
#[test]
fn what_stands_between_two_rollbacks_is_an_attempt() {
    let test = section("test", None);
    let attempts = |texts: &[&str]| {
        texts.iter().for_each(|text| Execution::new(text).record_for(&test, None));
        let entries = test.statement_counts().settled();
        let repeats = &entries.iter().find(|it| it.statement.text == "SELECT ?").unwrap().repeats;
        (repeats.texts, repeats.kept, repeats.attempts.most_in_one)
    };
    assert_eq!(attempts(&["BEGIN", "SELECT 1", "ROLLBACK", "BEGIN", "SELECT 1", "ROLLBACK TO a"]), (2, 0, 1));
    assert_eq!(attempts(&["SELECT 1", "SELECT 1", "COMMIT"]), (4, 2, 2));
    Execution::new("SELECT 1").failed().record_for(&test, None);
    assert_eq!(attempts(&["SELECT 1"]), (6, 3, 2));
}

#[cfg(feature = "call-sites")]
#[test]
fn nothing_is_asked_for_what_does_not_count() {
    let test = section("test", None);
    let set_up = Scope::open("set-up", Role::Unmeasured, Some(Arc::clone(&test)));
    let wanted = |scope: &Arc<Scope>| scope.wants(&normalize("SELECT 1"));
    let all = MissingDetail { site: true, values: true };
    assert_eq!([&test, &set_up].map(wanted), [all, MissingDetail::default()]);
    set_up.end();
    assert_eq!(wanted(&set_up), all);
    (0..20).for_each(|_| Execution::new("SELECT 1").binds(&1).record_for(&test, None));
    assert_eq!(wanted(&test), MissingDetail { site: false, values: false });
}

/// Q40
#[test]
fn a_list_of_one_value_among_longer_ones_is_no_batch() {
    let test = section("test", None);
    for list in ["1", "1, 2", "3, 4, 5"] {
        Execution::new(&format!("SELECT a FROM t WHERE id IN ({list})")).record_for(&test, None);
    }
    let entries = test.statement_counts().settled();
    assert_eq!((entries[0].repeats.texts, entries[0].with_batches.texts), (1, 3));
}

#[test]
fn values_are_known_from_the_text_or_from_who_records() {
    let values = |executions: &[Execution<'_>]| {
        let test = section("test", None);
        executions.iter().for_each(|execution| execution.clone().record_for(&test, None));
        let repeats = test.statement_counts().entries()[0].repeats.clone();
        (repeats.values.known, repeats.values.distinct())
    };
    let text = |sql| Execution::new(sql);
    assert_eq!(values(&[text("SELECT 1"), text("select  1 -- again"), text("SELECT 2")]), (3, 2));
    assert_eq!(values(&[text("SELECT -1"), text("SELECT - 1"), text("SELECT +1")]), (3, 2));
    assert_eq!(values(&[text("SELECT $1"), text("SELECT $1")]), (0, 0));
    assert_eq!(
        values(&[text("SELECT $1").binds(&7), text("SELECT $1").binds(&8), text("SELECT $1")]),
        (2, 2)
    );
    assert_eq!(values(&[text("SELECT $1, 1").binds(&7), text("SELECT $1, 2").binds(&7)]), (2, 2));
    assert_eq!(values(&[text("SELECT 1; SELECT 1")]), (0, 0));
}

#[test]
fn a_ping_is_not_the_applications_own_statement() {
    let test = section("test", None);
    for text in ["/* ping */ SELECT 1", "SELECT 1", "SELECT 2"] {
        Execution::new(text).record_for(&test, None);
    }
    let statement_counts = test.statement_counts();
    let entries = statement_counts.entries().iter().map(|it| (it.statement.class, it.count, it.round_trips));
    assert_eq!(entries.collect::<Vec<_>>(), [(Class::Ping, 1, 0), (Class::Application, 2, 2)]);
}

#[test]
fn a_counter_counts_for_each_scope_around_it_once() {
    let test = section("test", None);
    let inner = section("inner", Some(&test));
    inner.count("miss", 2);
    test.count("miss", 3);
    assert_eq!((test.counters()["miss"], inner.counters()["miss"]), (5, 2));
}

#[test]
fn a_set_up_counts_for_nobody_until_it_is_over() {
    let test = section("test", None);
    let set_up = Scope::open("set-up", Role::Unmeasured, Some(Arc::clone(&test)));
    let inside = Scope::open("GET /", Role::Endpoint, Some(Arc::clone(&set_up)));
    set_up.record(&query("SELECT 1"));
    inside.record(&query("SELECT 1"));
    inside.count("miss", 1);
    assert_eq!((queries(&test), test.counters().len(), test.parts().len()), (0, 0, 0));
    set_up.end();
    // Say, a thread that was started in it.
    set_up.record(&query("SELECT 1"));
    assert_eq!(queries(&test), 1);
}

#[test]
fn a_test_counts_from_the_beginning_of_its_body_to_its_end() {
    let test = Scope::test_with(Detail { memory: true, ..Detail::default() }, "test");
    let entered = enter(&test, Inheritance::Threads);
    let record = |sql| {
        let _paused = pause();
        test.record(&query(sql));
    };
    let set_up = std::hint::black_box(vec![0_u8; 1000]);
    record("SELECT 1");
    test.begin();
    let body = std::hint::black_box(Box::new(1_u64));
    record("SELECT 2");
    test.freeze();
    drop(std::hint::black_box(vec![0_u8; 1000]));
    record("SELECT 3");
    test.end();
    record("SELECT 4");
    drop((set_up, body));
    drop(entered);
    // 3 is late and still counts; 4 is too late.
    assert_eq!(queries(&test), 2);
    if crate::alloc::is_installed() {
        let allocated = test.allocated();
        let application = allocated.totals.of(Owner::Application);
        assert_eq!((application.allocs, application.bytes), (1, 8));
        let Memory { live, peak, .. } = allocated.memory.unwrap();
        assert_eq!((live, peak), (8, 8));
    }
}

/// How many unattributed queries of that name a test was told of.
fn unattributed(test: &Scope, name: &str) -> usize {
    test.unattributed().entries().iter().filter(|entry| entry.statement.text.contains(name)).count()
}

#[test]
fn what_is_done_around_the_body_is_nobodys() {
    let (ended, open) = (Scope::test("ended"), Scope::test("open"));
    open.begin();
    ended.around(|| {
        ended.begin();
        ended.end();
        ended.record(&query("SELECT around_the_body"));
        assert_eq!(unattributed(&open, "around_the_body"), 0);
        // Not so on a thread that goes on.
        let of_a_thread = || ended.record(&query("SELECT of_a_thread"));
        std::thread::scope(|threads| drop(threads.spawn(of_a_thread)));
        assert_eq!(unattributed(&open, "of_a_thread"), 1);
    });
    ended.record(&query("SELECT after_the_test"));
    assert_eq!((unattributed(&open, "after_the_test"), queries(&ended), queries(&open)), (1, 0, 0));
    open.end();
}

#[test]
fn a_query_of_a_test_that_has_ended_is_reported_to_the_open_ones() {
    let (ended, open, preparing) = (Scope::test("ended"), Scope::test("open"), Scope::test("preparing"));
    ended.begin();
    ended.end();
    open.begin();
    ended.record(&query("SELECT of_the_ended_test"));
    let unattributed = |test: &Scope| unattributed(test, "of_the_ended_test");
    assert_eq!([&ended, &open, &preparing].map(|test| unattributed(test)), [0, 1, 0]);
    assert_eq!(queries(&open), 0);
    open.end();
}

#[test]
fn what_failed_is_counted_once_and_marked() {
    let outer = section("outer", None);
    let inner = section("inner", Some(&outer));
    inner.record(&query("INSERT INTO t VALUES (1)"));
    inner.record(&Query { failed: true, ..query("INSERT INTO t VALUES (2)") });
    let failed = |scope: &Scope| {
        scope.statement_counts().entries().iter().map(|entry| (entry.count, entry.failed)).collect::<Vec<_>>()
    };
    assert_eq!([&outer, &inner].map(|scope| failed(scope)), [[(2, 1)], [(2, 1)]]);
    #[cfg(feature = "diesel")]
    {
        // More often than it was executed nothing fails, and what began before the scope is not its own.
        for sql in ["INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (4)", "DELETE FROM t"] {
            inner.fail(&normalize(sql));
        }
        assert_eq!([&outer, &inner].map(|scope| failed(scope)), [[(2, 2)], [(2, 2)]]);
        // diesel-async ends a ping without the values by which it is known.
        inner.record(&query("SELECT $1 -- binds: [1]"));
        inner.fail(&normalize("SELECT $1"));
        assert_eq!(failed(&inner), [(2, 2), (1, 1)]);
    }
}

#[cfg(feature = "tracing-events")]
#[test]
fn handles_are_held_by_each_scope_around() {
    let test = section("test", None);
    let inner = section("inner", Some(&test));
    inner.hold();
    test.hold();
    assert_eq!((test.held(), inner.held()), (2, 1));
    inner.release();
    assert_eq!((test.held(), inner.held()), (1, 0));
    assert!(test.encloses(&inner) && test.encloses(&test) && !inner.encloses(&test));
}

#[test]
fn a_scope_costs_the_one_around_it_nothing() {
    let (_, counts) = crate::measure("outer", || {
        crate::endpoint("inner", || ());
        let _ = crate::measure("section", || ());
        crate::counter("miss").add(1);
        crate::query("SELECT 1");
    });
    assert!(counts.get(&crate::Metric::Allocs).is_none_or(|allocs| allocs == 0), "{counts:?}");
}
