//! sea-orm, over sqlx: each statement counts once (Q28).

mod blind;
#[path = "../matrix/row.rs"]
mod row;
mod work;

use perfassert_database_tests::{Database, Engine};
use perfassert_test_support::child::{Child, Ran};

use crate::row::{Row, SCHEMA, check, check_complete, row};

const ENDPOINTS: &[(&str, u64, i64)] = &[("GET /items", 1, 4), ("GET /items/{id}", 1, 1)];

/// What is the same everywhere.
const COMMON: &[Row] = &[
    row("a_page_at_a_time", "4 select"),
    row("batched", "2 select"),
    row("dropped_after_a_row", "2 select"),
    row("joined_endpoints", "5 select").endpoints(ENDPOINTS),
    row("nested_three_deep_with_an_inner_rollback", "1 select, 4 insert"),
    row("one_by_one", "6 select"),
    row("rolled_back_on_drop", "1 select, 1 insert"),
    row("spawned", "3 select"),
    row("texts_of_ones_own", "2 select, 1 insert, 1 update").round_trips(3),
    row("wrong", "1 select, 1 insert"),
];

/// Where the database does not return what it has inserted, an `insert` of an active model reads it back.
const RETURNED: &str = "1 select, 3 insert, 1 update, 1 delete";
const READ_BACK: &str = "4 select, 3 insert, 1 update, 1 delete";

#[track_caller]
fn check_on(engine: Engine, active_models: &'static str) {
    let rows = [COMMON, &[row("active_models", active_models)]].concat();
    check_complete("work", &rows);
    check("work", engine, &rows);
}

#[test]
fn counts_what_postgres_saw() {
    check_on(Engine::Postgres, RETURNED);
}

#[test]
fn counts_what_mysql_saw() {
    check_on(Engine::MySql, READ_BACK);
}

#[test]
fn counts_what_sqlite_saw() {
    check_on(Engine::Sqlite, READ_BACK);
}

#[test]
fn without_its_log_it_is_not_seen_and_the_gate_says_so() {
    for engine in Engine::ALL {
        let database = Database::new(*engine);
        database.execute(SCHEMA);
        let Ran { passed, output, records } =
            Child::one("blind::not_logged").told(|child| database.tell(child)).run();
        assert!(!passed, "{output}");
        assert!(output.contains("sqlx logged only 0 of"), "{output}");
        assert!(output.contains("`sqlx_logging(false)`"), "{output}");
        assert!(records[0].statements.is_empty());
    }
}
