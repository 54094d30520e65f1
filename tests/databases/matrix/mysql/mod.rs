//! sqlx on MariaDB, and so on MySQL.

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
    row("errors::syntax", "1 select, 1 other").differs(
        &[("SELEC name FROM item", 1)],
        "MariaDB refuses it when it is prepared, and writes only into the general log what it could prepare",
    ),
    row("statements::commands", "1 select, 3 ddl, 1 other"),
    row("statements::writes_that_look_like_reads_and_the_reverse", "2 select, 3 insert"),
    row("own::a_test_database", "1 select, 1 insert").differs(
        &[
            ("CREATE TABLE shop (id integer PRIMARY KEY)", -1),
            ("CREATE TABLE visit (id integer PRIMARY KEY, shop integer NOT NULL)", -1),
        ],
        "what `#[sqlx::test]` does before the body is set-up: seen by the server, counted by nobody",
    ),
    row("own::retried_after_a_conflict", "2 select, 1 update"),
];

pub(super) fn rows() -> Vec<Row> {
    common::and(OWN)
}

#[test]
fn counts_what_the_server_saw() {
    let rows = rows();
    check_complete("mysql", &rows);
    check("mysql", Engine::MySql, &rows);
}

#[test]
fn sees_or_says_that_it_does_not() {
    check_sight(&Suite::this(), "mysql", Engine::MySql);
}

#[test]
fn a_test_with_sizes_has_a_database_for_each() {
    check_growth(&Suite::this(), "mysql", Engine::MySql);
}

#[test]
fn a_test_without_an_attribute_counts_alike() {
    check_without(&Suite::this(), "mysql", Engine::MySql);
}
