//! What is allocated is the application's and the driver's: listening adds nothing, neither to a query nor to a connection.

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use perfassert::counts::{Counts, Metric, OtherCode};
use perfassert::measure;

use crate::shop::{connect, find, insert, load};

fn deaf(_: InstrumentationEvent<'_>) {}

fn allocated(counts: &Counts) -> Vec<Option<i64>> {
    [Metric::Allocs, Metric::Bytes, Metric::AllocsOf(OtherCode::Driver), Metric::BytesOf(OtherCode::Driver)]
        .iter()
        .map(|metric| counts.get(metric))
        .collect()
}

fn work(connection: &mut SqliteConnection) {
    for id in 4..8 {
        find(connection, id).unwrap_err();
        insert(connection, id, "Ann").unwrap_err();
        load(connection);
    }
    connection.transaction(|connection| insert(connection, 9, "Ida")).unwrap();
}

#[test]
fn a_query_allocates_what_it_allocates_without_us() {
    let run = |set: fn(&mut SqliteConnection)| {
        let connection = &mut connect();
        set(connection);
        measure("work", || work(connection)).1
    };
    let without = run(|connection| connection.set_instrumentation(deaf));
    let with = run(|_| ());
    assert_eq!((without.get(&Metric::Queries), with.get(&Metric::Queries)), (Some(0), Some(13)));
    assert!(without.get(&Metric::AllocsOf(OtherCode::Driver)) > Some(0), "{without:?}");
    assert_eq!(allocated(&with), allocated(&without));
}

#[test]
fn a_connection_allocates_what_it_allocates_without_us() {
    let open = || drop(SqliteConnection::establish(":memory:").unwrap());
    // Once before: SQLite sets itself up.
    open();
    let with = measure("open", open).1;
    let without = measure("open and replace", || {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.set_instrumentation(deaf);
    })
    .1;
    assert_eq!(allocated(&with), allocated(&without));
}
