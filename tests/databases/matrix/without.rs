//! A suite without attributes under `#[sqlx::test]`: its endpoints count what they count with one, and the whole test its set-up as well,
//! the same in each run.

use perfassert::Metric;
use perfassert::record::{Endpoint, Outcome, Record, Statement};
use perfassert::sql::Class;
use perfassert_database_tests::{Database, Engine};
use perfassert_test_support::child::{Child, list};

use crate::row::Suite;

const LOOKS: usize = 4;

/// An endpoint, its requests, queries, allocations and statements.
type Told<'a> = (&'a str, u64, Option<i64>, Option<i64>, Vec<&'a Statement>);

/// What is compared of the endpoints: what the driver allocates and sends for itself depends on the connection.
fn told(record: &Record) -> Vec<Told<'_>> {
    fn of_endpoint(endpoint: &Endpoint) -> Told<'_> {
        let of = |metric| endpoint.counts.get(&metric);
        let statements = endpoint.statements.iter().filter(|it| it.class == Class::Application).collect();
        (&endpoint.name, endpoint.requests, of(Metric::Queries), of(Metric::Allocs), statements)
    }
    record.endpoints.iter().map(of_endpoint).collect()
}

/// Runs the test of a suite's driver with an attribute and, several times, without.
#[track_caller]
pub(crate) fn check_without(suite: &Suite, driver: &str, engine: Engine) {
    let database = Database::new(engine);
    let record_of = |name: &str| -> Record {
        let fixture = Child::one_in(&suite.program, &format!("{driver}::unmarked::{name}"));
        let as_by_cargo = fixture.told(|child| {
            database.tell(child);
            child
                .env("CARGO_PKG_NAME", env!("CARGO_PKG_NAME"))
                .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"));
        });
        let mut ran = as_by_cargo.run();
        assert!(ran.passed, "{name}: {}", ran.output);
        ran.records.pop().unwrap_or_else(|| panic!("{name} left no record: {}", ran.output))
    };
    let with = record_of("with");
    let [endpoint] = &with.endpoints[..] else { panic!("{:?}", with.endpoints) };
    assert_eq!(
        list(&endpoint.statements),
        "4x SELECT shop FROM visit WHERE id = ?; 1x SELECT id FROM visit ORDER BY id"
    );
    assert!(endpoint.statements[0].n_plus_one, "{:?}", endpoint.statements);
    let first = record_of("without");
    assert_eq!((&first.outcome, first.is_marked, with.is_marked), (&Outcome::Passed, false, true));
    assert_eq!(told(&first), told(&with));
    assert!(first.unattributed.is_empty(), "{:?}", first.unattributed);
    let set_up = "4x INSERT INTO visit (id, shop) VALUES (?, ?)";
    assert!(list(&first.statements).contains(set_up), "{}", list(&first.statements));
    for _ in 1..LOOKS {
        let next = record_of("without");
        assert_eq!(list(&next.statements), list(&first.statements));
        assert_eq!(told(&next), told(&first));
    }
}
