//! tokio-postgres, `postgres` around it and their pools: what we counted of each shape of work against what the server saw.

#[path = "../matrix/row.rs"]
mod row;
mod work;

use perfassert::Metric;
use perfassert::record::Outcome;
use perfassert_database_tests::{Database, Engine};
use perfassert_test_support::child::{Child, Ran};

use crate::row::{Row, SCHEMA, check, check_complete, row};

const ENDPOINTS: &[(&str, u64, i64)] = &[("GET /items", 1, 4), ("GET /items/{id}", 1, 1)];

const ROWS: &[Row] = &[
    row("errors::cancelled", "2 select"),
    row("errors::constraint", "1 select, 1 insert"),
    row("errors::never_polled", "1 select"),
    row("errors::syntax", "1 select, 1 other").differs(
        &[("SELEC name FROM item", -1)],
        "a text is logged as executed after it was prepared, which this one cannot be",
    ),
    row("errors::timed_out", "3 select"),
    row("pools::bb8", "3 select"),
    row("pools::deadpool_clean", "3 select").differs(
        &[("CLOSE ALL", -2), ("SELECT pg_advisory_unlock_all()", -2)],
        "the pool cleans a connection with a text of several statements, which are no queries of the application's",
    ),
    row("pools::deadpool_fast", "3 select"),
    row("pools::deadpool_verified", "3 select"),
    row("statements::an_enum_of_ones_own", "4 select, 1 ddl"),
    row("statements::batch_of_two", "1 select, 1 insert, 1 update").round_trips(2),
    row("statements::by_text", "4 select"),
    row("statements::copy_in_and_out", "1 select, 2 copy"),
    row("statements::dropped_after_a_row", "2 select"),
    row("statements::many_rows_at_once", "1 select, 1 insert"),
    row("statements::prepared", "5 select"),
    row("statements::reads_and_writes", "1 select, 3 insert, 1 update, 1 delete"),
    row("statements::through_the_log_tracer", "4 select"),
    row("statements::two_in_a_simple_query", "2 select, 1 insert").round_trips(2),
    row("statements::typed", "1 select").differs(
        &[("SELECT name FROM item WHERE id = ?", -2)],
        "the driver does not log `query_typed`: say it with `perfassert::query`",
    ),
    row("synchronous::committed", "1 select, 1 insert"),
    row("synchronous::on_a_thread", "3 select"),
    row("synchronous::reads_and_writes", "2 select, 1 insert, 1 update"),
    row("transactions::committed", "1 select, 1 insert"),
    row("transactions::in_a_portal", "1 select").differs(
        &[("SELECT id FROM item ORDER BY id", -1)],
        "the driver does not log portals: say it with `perfassert::query`",
    ),
    row("transactions::nested_three_deep_with_an_inner_rollback", "1 select, 4 insert"),
    row("transactions::rolled_back", "1 select, 1 insert"),
    row("transactions::rolled_back_on_drop", "1 select, 1 insert"),
    row("ways::joined_endpoints", "5 select").endpoints(ENDPOINTS),
    row("ways::pipelined", "3 select"),
    row("ways::spawned", "3 select"),
];

#[test]
fn counts_what_the_server_saw() {
    check_complete("work", ROWS);
    check("work", Engine::Postgres, ROWS);
}

/// Q45, where the driver is heard through events of `tracing`.
#[test]
fn a_subscriber_in_front_of_the_events_hides_queries() {
    let run = |fixture: &str| {
        let database = Database::new(Engine::Postgres);
        database.execute(SCHEMA);
        Child::one(&format!("work::blind::{fixture}")).told(|child| database.tell(child)).run()
    };
    for fixture in ["a_part_of_the_body", "a_task"] {
        let Ran { passed, output, records } = run(fixture);
        assert!(!passed && matches!(records[0].outcome, Outcome::Inconclusive(_)), "{fixture}: {output}");
        let said = "a `tracing` subscriber that was set for this thread only hides the drivers' events";
        assert!(output.contains(said), "{fixture}: {output}");
    }
    for fixture in ["no_query", "a_logger"] {
        let Ran { passed, output, records } = run(fixture);
        assert!(passed && records[0].counts.get(&Metric::Queries) == Some(1), "{fixture}: {output}");
    }
}
