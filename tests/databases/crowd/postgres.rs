//! On PostgreSQL.

#[path = "fixtures.rs"]
mod fixtures;

use perfassert_database_tests::Engine;

use crate::{RUNS, RUNS_IN_PROCESSES, at_once, check, in_processes};

mod engine {
    pub(super) type Pool = sqlx::PgPool;
    pub(super) type PoolOptions = sqlx::postgres::PgPoolOptions;
}

const OWN_POOL: &str = "postgres::fixtures::own_pool";
const ONE_POOL: &str = "postgres::fixtures::one_pool";

#[test]
fn fifty_pools_on_one_server() {
    check(OWN_POOL, Engine::Postgres, RUNS, |database| at_once(OWN_POOL, database));
}

#[test]
fn fifty_pools_in_fifty_processes() {
    check(OWN_POOL, Engine::Postgres, RUNS_IN_PROCESSES, |database| in_processes(OWN_POOL, database));
}

#[test]
fn fifty_tests_on_one_pool() {
    check(ONE_POOL, Engine::Postgres, RUNS, |database| at_once(ONE_POOL, database));
}
