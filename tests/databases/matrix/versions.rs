//! An older sqlx than the workspace's, in a crate with a lock of its own, by the same tables: what is different is said here.

use std::path::Path;

use perfassert_database_tests::Engine;
use perfassert_test_support::fixture;

use crate::growth::check_growth;
use crate::row::{Row, Suite, check_complete_in, check_in};
use crate::sight::check_sight;
use crate::{mysql, postgres};

fn sqlx_0_8() -> Suite {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.with_file_name("fixtures").join("sqlx-0.8");
    Suite { program: fixture::build(&root, env!("CARGO_TARGET_TMPDIR"), "matrix", &[]), root }
}

#[track_caller]
fn check(driver: &str, engine: Engine, rows: &[Row]) {
    let suite = sqlx_0_8();
    check_complete_in(&suite, driver, rows);
    check_in(&suite, driver, engine, rows);
    check_sight(&suite, driver, engine);
    check_growth(&suite, driver, engine);
}

#[test]
fn sqlx_0_8_on_postgres() {
    check("postgres", Engine::Postgres, &postgres::rows());
}

#[test]
fn sqlx_0_8_on_mariadb() {
    check("mysql", Engine::MySql, &mysql::rows());
}
