//! A11, A12, A17: over a pool the application's allocations are one number, whichever connection a request is given and whatever that has
//! prepared, in each run; and one more is found, with its line.

mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use perfassert::Metric;
use perfassert::counts::Counts;
use perfassert_database_tests::{Database, Engine};
use perfassert_test_support::child::{Child, Ran};
use perfassert_test_support::runs;

/// Where the fixtures find their databases.
struct Servers {
    postgres: Database,
    mariadb: Database,
}

impl Servers {
    fn new() -> Self {
        Servers { postgres: Database::new(Engine::Postgres), mariadb: Database::new(Engine::MySql) }
    }

    fn tell(&self, child: &mut Command) {
        self.postgres.tell(child);
        child.env("MARIADB_URL", self.mariadb.url());
    }
}

const THREADS: usize = 4;

/// The numbers that a part of a test came to, in all runs: calls and bytes.
type Seen = BTreeMap<String, BTreeSet<(Option<i64>, Option<i64>)>>;

fn add(seen: &mut Seen, ran: &Ran) {
    assert!(ran.passed, "{}", ran.output);
    let numbers = |counts: &Counts| (counts.get(&Metric::Allocs), counts.get(&Metric::Bytes));
    for record in &ran.records {
        let name = &record.test.name;
        seen.entry(name.clone()).or_default().insert(numbers(&record.counts));
        for endpoint in &record.endpoints {
            let part = format!("{name} {}", endpoint.name);
            seen.entry(part).or_default().insert(numbers(&endpoint.counts));
        }
    }
}

#[track_caller]
fn check_one_number_each(seen: &Seen) {
    let moved: Vec<_> = seen.iter().filter(|(_, numbers)| numbers.len() > 1).collect();
    assert!(moved.is_empty(), "{moved:#?}");
}

#[test]
fn the_applications_allocations_are_the_same_over_any_pool() {
    let servers = Servers::new();
    let mut seen = Seen::new();
    for _ in 0..runs(10, 100) {
        add(&mut seen, &Child::matching("work::", THREADS).told(|child| servers.tell(child)).run());
    }
    let names: Vec<_> = seen.keys().filter(|name| !name.contains(' ')).cloned().collect();
    assert_eq!(names.len(), work::FIXTURES);
    for _ in 0..runs(2, 100) {
        for name in &names {
            add(&mut seen, &Child::one(name).told(|child| servers.tell(child)).run());
        }
    }
    check_one_number_each(&seen);
}

/// A request in which the application clones one string more.
#[test]
fn one_clone_more_in_a_request_is_found_with_its_line() {
    let servers = Servers::new();
    let run = |more: &str| {
        let told = |child: &mut Command| {
            servers.tell(child);
            child.env("ONE_MORE", more);
        };
        let ran = Child::matching("work::", THREADS).told(told).run();
        let mut requests = BTreeMap::new();
        for record in &ran.records {
            let allocs = record.endpoints[0].counts.get(&Metric::Allocs).unwrap();
            requests.insert(record.test.name.clone(), allocs);
        }
        (requests, ran)
    };
    let ((without, _), (with, _)) = (run("0"), run("1"));
    assert_eq!(without.len(), work::FIXTURES);
    for (name, allocs) in &without {
        assert_eq!(with[name], allocs + 1, "{name}");
    }
    let limited = |child: &mut Command| {
        servers.tell(child);
        child.env("ONE_MORE", "1").env("LIMITED", "1");
    };
    let said = Child::one("work::limited").told(limited).run().output;
    assert!(said.contains("tests/databases/pools/work.rs:"), "{said}");
    assert!(said.contains("work::handle"), "{said}");
}
