//! Other versions of the drivers than the workspace's: they stand in crates with locks of their own, and are counted alike.

mod locked;
mod shapes;

use std::path::Path;

use perfassert::Metric;
use perfassert::record::Record;
use perfassert_test_support::child::{Child, Ran, count, list};
use perfassert_test_support::fixture;

/// Runs the fixtures of a test binary of another crate.
fn run(crate_name: &str, test: &str) -> Ran {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(crate_name);
    let ran = Child::matching_in(&fixture::build(&dir, env!("CARGO_TARGET_TMPDIR"), test, &[]), "", 4).run();
    assert!(ran.passed, "{}", ran.output);
    ran
}

/// All that was executed, with its lines.
fn executed(record: &Record) -> Vec<String> {
    let each = record.statements.iter().map(|statement| {
        let sites: Vec<_> =
            statement.sites.iter().map(|site| format!("{}:{}", site.function, site.line)).collect();
        format!("{}x {} {} {} at {sites:?}", statement.count, statement.class, statement.kind, statement.sql)
    });
    each.collect()
}

#[test]
fn sqlx_0_8_is_counted_as_0_9() {
    let older = run("sqlx-0.8", "versions").records;
    let newer = Child::matching("shapes::", 4).run();
    assert!(newer.passed, "{}", newer.output);
    assert_eq!((older.len(), newer.records.len()), (17, 17));
    for (older, newer) in older.iter().zip(&newer.records) {
        assert_eq!(older.test.name, newer.test.name);
        assert_eq!(executed(older), executed(newer), "{}", older.test.name);
        assert!(older.unattributed.is_empty(), "{}", list(&older.unattributed));
        assert_eq!(count(older, &Metric::Queries), queries(&older.test.name), "{:?}", executed(older));
        let applications =
            older.statements.iter().filter(|statement| statement.class.as_str() == "application");
        for statement in applications {
            assert!(!statement.sites.is_empty(), "no call site: {statement:?}");
        }
    }
}

/// There is no middleware for it: docs/book/src/frameworks.md has one to write.
#[test]
fn axum_0_6_by_hand() {
    let records = run("sqlx-0.8", "axum").records;
    let endpoints = records[0].endpoints.iter();
    let endpoints: Vec<_> = endpoints
        .map(|endpoint| (endpoint.name.as_str(), endpoint.requests, list(&endpoint.statements)))
        .collect();
    let statement = "1x SELECT name FROM orders WHERE id = ?".to_owned();
    assert_eq!(endpoints, [("GET /orders/:id", 2, statement), ("GET (no route)", 1, String::new())]);
}

/// A pool asks a connection that has come back to it whether it lives: deadpool by a query.
#[test]
fn pools_of_rusqlite_ask_for_themselves() {
    let records = run("sqlx-0.8", "pools").records;
    let queries = "3x application SELECT abs(?)";
    check(
        &records,
        &[("deadpool", &[queries, "2x ping SELECT ?"]), ("r2d2", &[queries]), ("tokio_rusqlite", &[queries])],
    );
}

#[test]
fn diesel_2_2_is_counted_as_2_3() {
    let records = run("sqlx-0.8", "diesel").records;
    let select = "SELECT `customers`.`name` FROM `customers` WHERE (`customers`.`id` = ?) LIMIT ?";
    check(
        &records,
        &[
            (
                "executes",
                &[
                    &format!("2x application {select}"),
                    "1x transaction BEGIN",
                    "1x transaction COMMIT",
                    "1x application INSERT INTO `customers` (`id`, `name`) VALUES (?, ?)",
                ],
            ),
            ("logs", &[&format!("1x application {select}")]),
        ],
    );
    let failed = records[0].statements.iter().map(|statement| statement.failed);
    assert_eq!(failed.sum::<u64>(), 1);
}

/// Compares what each test executed, and as what it counts.
#[track_caller]
fn check(records: &[Record], expected: &[(&str, &[&str])]) {
    let executed = |record: &Record| {
        let each = record.statements.iter().map(|it| format!("{}x {} {}", it.count, it.class, it.sql));
        (record.test.name.clone(), each.collect::<Vec<_>>())
    };
    let executed: Vec<_> = records.iter().map(executed).collect();
    let executed: Vec<_> = executed
        .iter()
        .map(|(name, each)| (name.as_str(), each.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect();
    let expected: Vec<_> = expected.iter().map(|(name, each)| (*name, each.to_vec())).collect();
    assert_eq!(executed, expected);
}

/// The number that a shape is to have.
fn queries(shape: &str) -> i64 {
    match shape.split("::").nth(1).unwrap() {
        "query" | "raw" => 3,
        "transaction" | "errors" | "beside_rusqlite" => 2,
        "transaction_dropped" | "stream_dropped" | "cancelled" => 1,
        "never_polled" => 0,
        other => panic!("{other} has no number"),
    }
}
