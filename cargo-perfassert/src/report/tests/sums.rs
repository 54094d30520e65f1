//! What the dearest request of an endpoint does not show, nor the whole of a test.

use super::*;

const MEANT: &str =
    "     help: if this is meant, say why in the pull request: once merged it is what is compared with";
const JOB: &str = "SELECT id FROM jobs";

/// Two requests: a large one, and one that sends so many.
fn two(large: u64, small: u64) -> Record {
    test("lists").requests(LIST, 1, &[(large, "SELECT 1", 31)]).another_request(LIST, &[(small, JOB, 40)])
}

#[test]
fn d57_the_smaller_of_two_requests_grows() {
    let more = |numbers: &str, now: u64, note: &str| {
        format!(
            "
1 regression: 1 test compared

more  GET /orders   {numbers}
         {now}x  SELECT id FROM jobs  (was 2x{note})
             src/orders.rs:40  orders::list
     seen by: shop api lists
{MEANT}
"
        )
    };
    let all_from_one_line = ", all from one line: an N+1?";
    check(&[two(20, 2)], &[two(20, 3)], &more("22 -> 23 queries in 2 requests  (+1)", 3, ""));
    // Where other statements fell in the dearest, it is told as far as all together rose.
    check(
        &[two(20, 2)],
        &[test("lists")
            .requests(LIST, 1, &[(20, "SELECT 1", 31)])
            .another_request(LIST, &[(2, JOB, 40), (2, ORDERS.1, 31)])],
        &more("22 -> 24 queries in 2 requests  (+2)", 2, all_from_one_line)
            .replace("SELECT id FROM jobs  (was 2x", "SELECT id FROM orders  (new")
            .replace(":40", ":31"),
    );
    check(&[two(20, 2)], &[two(20, 2)], "no regression: 1 test compared");
}

#[test]
fn d57_an_n_plus_one_in_the_smaller_request() {
    check(
        &[two(20, 1)],
        &[two(20, 9)],
        &format!(
            "
1 regression: 1 test compared

N+1  GET /orders   21 -> 29 queries in 2 requests  (+8)
         9x  SELECT id FROM jobs  (was 1x, N+1)
             src/orders.rs:40  orders::list
        20x  SELECT 1  (unchanged)
             src/orders.rs:31  orders::list
     seen by: shop api lists
     help: load them in one statement, for all rows at once
{MEANT}
"
        ),
    );
}

/// Requests that are more or fewer are no regression, and one that grows beside them is.
#[test]
fn d57_another_number_of_requests() {
    let fewer =
        |n| test("lists").requests(LIST, 1, &[(20, "SELECT 1", 31)]).another_request(LIST, &[(n, JOB, 40)]);
    let three = fewer(2).another_request(LIST, &[(2, JOB, 40)]);
    let findings = |before: &Record, after: &Record| {
        let changes = diff(&Run::new(vec![before.clone()]), &Run::new(vec![after.clone()]));
        let report = report(&changes, &Policy::default(), Context::default());
        report.findings.iter().map(|it| (it.endpoint.is_some(), it.before, it.after)).collect::<Vec<_>>()
    };
    assert_eq!(findings(&three, &fewer(2)), []);
    assert_eq!(findings(&fewer(2), &three), []);
    assert_eq!(findings(&three, &fewer(9)), [(true, Some(24), 29)]);
    // What more requests do not explain is told of the test.
    let of = |counts: &[u64]| {
        let first = test("lists").requests(LIST, 1, &[(counts[0], JOB, 40)]);
        counts[1..].iter().fold(first, |record, n| record.another_request(LIST, &[(*n, JOB, 40)]))
    };
    assert_eq!(findings(&of(&[20, 2, 2, 2]), &of(&[20, 20, 20, 20, 2])), [(false, Some(26), 82)]);
}

/// A snapshot has no sums, and neither has an older record.
#[test]
fn d57_a_baseline_without_sums() {
    let without_sums = |mut record: Record| {
        record.endpoints[0].sums = None;
        record.endpoints[0].statements.iter_mut().for_each(|it| it.sum = None);
        record
    };
    let findings = |after: Record| {
        let changes = diff(&Run::new(vec![without_sums(two(20, 2))]), &Run::new(vec![after]));
        let report = report(&changes, &Policy::default(), Context::default());
        report.findings.iter().map(|it| (it.endpoint.is_some(), it.before, it.after)).collect::<Vec<_>>()
    };
    assert_eq!(findings(two(20, 2)), []);
    assert_eq!(findings(two(21, 2)), [(true, Some(20), 21)]);
    // It is told, of the test.
    assert_eq!(findings(two(20, 3)), [(false, Some(22), 23)]);
}

/// A limit is about one request.
#[test]
fn d57_a_limit_is_not_held_against_a_sum() {
    let limited = |record: Record| record.budget(Metric::Queries, 20, Some(LIST));
    let changes = diff(&Run::new(vec![limited(two(20, 2))]), &Run::new(vec![limited(two(20, 3))]));
    let report = report(&changes, &Policy::default(), Context::default());
    assert_eq!(report.findings.iter().map(|it| it.budget).collect::<Vec<_>>(), [None]);
}

#[test]
fn d58_a_job_that_rises_beside_requests_that_fell() {
    let of = |requested: u64, job: u64| {
        test("lists").requests(LIST, 1, &[(requested, "SELECT 1", 31)]).queries(&[(job, JOB, 50)])
    };
    let better = |before, after: u64, by: i64| {
        format!(
            "
better  GET /orders   {before} -> {after} queries in one request  ({by})
        {after:>2}x  SELECT 1  (was {before}x)
             src/orders.rs:31  orders::list
     seen by: shop api lists
"
        )
    };
    // As a whole the test counts as much, or less.
    for (fell_to, by) in [(2, -1), (1, -2)] {
        check(
            &[of(3, 0)],
            &[of(fell_to, 1)],
            &format!(
                "
1 regression: 1 test compared

new  shop api lists   0 -> 1 queries outside of requests  (+1)
         1x  SELECT id FROM jobs  (new)
             src/orders.rs:50  orders::list
{MEANT}
{}",
                better(3, fell_to, by)
            ),
        );
    }
    // Where they did not fall, it is the test that counts more.
    check(
        &[of(3, 0)],
        &[of(3, 2)],
        &format!(
            "
1 regression: 1 test compared

more  shop api lists   3 -> 5 queries  (+2)
         2x  SELECT id FROM jobs  (new, all from one line: an N+1?)
             src/orders.rs:50  orders::list
{MEANT}
"
        ),
    );
}

#[test]
fn d58_a_statement_that_moved_out_of_a_request_did_not_rise() {
    let of = |requested: &[(u64, &str, u32)], job: &[(u64, &str, u32)]| {
        test("lists").requests(LIST, 1, requested).queries(job)
    };
    let audit = (2, "INSERT INTO audit (id) VALUES (?)", 50);
    let findings = |before: Record, after: Record| {
        let changes = diff(&Run::new(vec![before]), &Run::new(vec![after]));
        report(&changes, &Policy::default(), Context::default()).findings.len()
    };
    assert_eq!(findings(of(&[ORDERS, audit], &[]), of(&[ORDERS], &[audit])), 0);
    // Nor did one that stands in place of another.
    assert_eq!(findings(of(&[ORDERS], &[audit]), of(&[ORDERS], &[(2, JOB, 51)])), 0);
    // Nor does it where endpoints came and went, and one may be the other.
    let other = test("lists").requests("POST /sales", 1, &[(1, "SELECT 2", 60)]).queries(&[(1, JOB, 50)]);
    assert_eq!(findings(of(&[ORDERS, audit], &[]), other), 0);
}
