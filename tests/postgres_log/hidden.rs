//! What keeps the driver from being heard: each of these tests is to fail, and to say why.

use log::LevelFilter;
use perfassert::{max_queries, tokio_postgres};

use crate::driver::serve;

/// One that keeps to itself what it gets.
struct Silent;

impl log::Log for Silent {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _record: &log::Record<'_>) {}

    fn flush(&self) {}
}

fn silent() {
    log::set_logger(&Silent).unwrap();
    log::set_max_level(LevelFilter::Trace);
}

#[max_queries(0)]
#[ignore = "a fixture"]
#[test]
fn no_logger() {
    serve();
}

#[max_queries(1)]
#[ignore = "a fixture"]
#[test]
fn no_logger_beside_other_queries() {
    perfassert::query("SELECT 1");
    serve();
}

#[max_queries(6)]
#[ignore = "a fixture"]
#[test]
fn another_logger() {
    silent();
    serve();
}

#[max_queries(6)]
#[ignore = "a fixture"]
#[test]
fn level_lowered() {
    tokio_postgres::init().unwrap();
    serve();
    log::set_max_level(LevelFilter::Info);
}

#[ignore = "a fixture"]
#[test]
fn init_beside_another_logger() {
    silent();
    for _ in 0..2 {
        let error = tokio_postgres::init().unwrap_err().to_string();
        assert!(error.contains("`perfassert::tokio_postgres::init_with`"), "{error}");
    }
}
