//! sqlx on PostgreSQL.

#[path = "../blind.rs"]
mod blind;
mod engine;
mod own;
#[path = "../shapes/mod.rs"]
mod shapes;
#[path = "../sizes.rs"]
mod sizes;
#[path = "../unmarked.rs"]
mod unmarked;

use perfassert_database_tests::Engine;

use crate::common;
use crate::growth::check_growth;
use crate::row::{Row, Suite, check, check_complete, row};
use crate::sight::check_sight;
use crate::without::check_without;

/// Those with a difference.
const OWN: &[Row] = &[
    row("statements::commands", "1 select, 3 ddl, 4 other"),
    row("statements::writes_that_look_like_reads_and_the_reverse", "2 select, 1 insert, 1 delete"),
    row("own::a_test_database", "1 select, 1 insert").differs(
        &[
            ("CREATE TABLE shop (id integer PRIMARY KEY)", -1),
            ("CREATE TABLE visit (id integer PRIMARY KEY, shop integer NOT NULL)", -1),
            ("SELECT pg_advisory_xact_lock(?)", -1),
        ],
        "what `#[sqlx::test]` does before the body is set-up: seen by the server, counted by nobody",
    ),
    row("own::an_enum_of_ones_own", "8 select, 1 ddl"),
    row("own::copy_in_and_out", "1 select").differs(
        &[("COPY item FROM stdin(format csv)", -1), ("COPY item TO stdout", -1)],
        "sqlx logs no COPY: say it with `perfassert::query`",
    ),
    row("own::listen_and_notify", "1 select, 2 other"),
    row("own::described_only", "1 select"),
    row("own::retried_after_a_serialization_failure", "2 select, 3 update"),
    row("own::an_isolation_level", "1 select"),
];

pub(super) fn rows() -> Vec<Row> {
    common::and(OWN)
}

#[test]
fn counts_what_the_server_saw() {
    let rows = rows();
    check_complete("postgres", &rows);
    check("postgres", Engine::Postgres, &rows);
}

#[test]
fn sees_or_says_that_it_does_not() {
    check_sight(&Suite::this(), "postgres", Engine::Postgres);
}

#[test]
fn a_test_with_sizes_has_a_database_for_each() {
    check_growth(&Suite::this(), "postgres", Engine::Postgres);
}

#[test]
fn a_test_without_an_attribute_counts_alike() {
    check_without(&Suite::this(), "postgres", Engine::Postgres);
}
