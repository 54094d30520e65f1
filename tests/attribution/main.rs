//! Exact: a count belongs to the test, and the endpoint, that caused it, on whatever thread or task.

mod allocations;
mod before;
mod endpoints;
mod late;
mod outliving;
mod pools;
mod ways;
mod wrapped;

use perfassert::Metric;
use perfassert_test_support::child::{Child, count, endpoint, list, record_of};

#[test]
fn every_way_to_another_thread_or_task_leads_to_the_test() {
    let run = Child::matching("ways::", 4).run();
    assert!(run.passed, "{}", run.output);
    assert_eq!(run.records.len(), 4 * 11 + 6 + 1);
    for record in &run.records {
        let name = &record.test.name;
        assert_eq!(count(record, &Metric::Queries), ways::QUERIES, "{name}: {}", list(&record.statements));
        assert_eq!(count(record, &Metric::Counter("work".to_owned())), ways::WORK as i64, "{name}");
        let work = endpoint(record, "work");
        assert_eq!(
            (work.requests, work.counts.get(&Metric::Allocs)),
            (ways::WORK, Some(ways::ALLOCS)),
            "{name}"
        );
        assert!(count(record, &Metric::Allocs) >= ways::ALLOCS * ways::WORK as i64, "{name}");
        assert!(record.unattributed.is_empty(), "{name}: {}", list(&record.unattributed));
    }
}
