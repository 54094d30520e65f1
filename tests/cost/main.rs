//! Recording a query adds nothing to the measured allocations (Q55).

use std::path::Path;
use std::process::Command;
use std::str::FromStr;

use log::LevelFilter;
use perfassert::{Metric, measure_async};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

/// How often a query is measured.
const RUNS: usize = 500;

/// What the application allocates for a query, in all runs, and how many were recorded.
async fn allocated(connection: &mut SqliteConnection, sql: &'static str) -> (i64, i64) {
    let (mut allocs, mut recorded) = (0, 0);
    for _ in 0..RUNS {
        let work = async {
            let seven = std::hint::black_box(Box::new(7));
            sqlx::query(sql).bind(*seven).fetch_one(&mut *connection).await
        };
        let (row, counts) = measure_async("query", work).await;
        row.unwrap();
        allocs += counts.get(&Metric::Allocs).unwrap();
        recorded += counts.get(&Metric::Queries).unwrap();
    }
    (allocs, recorded)
}

/// A connection that logs no statements cannot be recorded, and has nothing to allocate for it.
#[tokio::test]
async fn a_recorded_query_allocates_what_an_unrecorded_one_does() {
    let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
    let mut recorded = options.clone().connect().await.unwrap();
    let mut quiet = options.log_statements(LevelFilter::Off).connect().await.unwrap();
    // One that is as long as its summary in the log, and one that is longer: the driver logs them differently.
    for sql in ["SELECT ?", "SELECT ? AS a, 'some' AS b, 'more' AS c, 'columns' AS d"] {
        let ((by_recorded, seen), (by_quiet, unseen)) =
            (allocated(&mut recorded, sql).await, allocated(&mut quiet, sql).await);
        assert_eq!((by_recorded, by_quiet), (RUNS as i64, RUNS as i64), "{sql}");
        assert_eq!((seen, unseen), (RUNS as i64, 0));
    }
}

/// And what is counted is what another counting allocator counts, which ours is wrapped around.
#[test]
fn what_is_measured_is_what_another_allocator_counts() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle/Cargo.toml");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle");
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--locked", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(target)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}
