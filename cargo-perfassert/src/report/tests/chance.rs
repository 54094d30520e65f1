//! Counts that are not the same each time: the room that they were seen to need, and no more.

use super::*;
use crate::report::{Origin, Suspect};

/// One look at a test after the other.
fn looks(counts: &[i64]) -> Vec<Record> {
    counts.iter().map(|n| test("lists").requests(LIST, 1, &[]).counts(Metric::Allocs, *n)).collect()
}

const SAME: &str = "no regression: 1 test compared";

#[test]
fn allocations_that_are_the_same_in_each_look_are_exact() {
    check(&looks(&[6]), &looks(&[6]), SAME);
    let more = "
1 regression: 1 test compared

more  shop api lists   6 -> 7 allocs  (+1)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
";
    check(&looks(&[6]), &looks(&[7]), more);
    check(&looks(&[6, 6, 6]), &looks(&[7, 7, 7]), more);
    check(
        &looks(&[7]),
        &looks(&[6]),
        "no regression: 1 test compared\n\nbetter  shop api lists   7 -> 6 allocs  (-1)",
    );
    check(
        &looks(&[0]),
        &looks(&[1]),
        "
1 regression: 1 test compared

new  shop api lists   0 -> 1 allocs  (+1)
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
    // Absent is not zero.
    check(
        &[test("lists")],
        &[test("lists").counts(Metric::Allocs, 1000)],
        &format!(
            "{SAME}\n\nnot comparable:\n     shop api lists: its allocs were not counted on the baseline"
        ),
    );
    // However many there are, and however many statements are sent.
    let of = |n| [test("lists").queries(&[(15, "SELECT 1", 50)]).counts(Metric::Allocs, n)];
    check(&of(4932), &of(4933), &more.replace("6 -> 7", "4932 -> 4933"));
}

#[test]
fn where_the_ranges_of_both_sides_overlap_the_code_may_be_the_same() {
    // The first look at the baseline caught a rare value.
    check(&looks(&[6, 7]), &looks(&[7, 7]), SAME);
    check(&looks(&[6]), &looks(&[7, 6]), SAME);
    check(&looks(&[100, 120, 110]), &looks(&[140, 120, 135]), SAME);
    // Nor is it better.
    check(&looks(&[7, 6]), &looks(&[6, 6]), SAME);
    check(&looks(&[7]), &looks(&[6, 7]), SAME);
    check(&looks(&[120, 100, 110]), &looks(&[90, 100, 95]), SAME);
}

#[test]
fn what_is_beyond_all_that_was_seen_is_told_with_it() {
    check(
        &looks(&[120, 100, 110]),
        &looks(&[140, 121, 135]),
        "
1 regression: 1 test compared

more  shop api lists   100 -> 121 allocs  (+21)
     not the same in each look: 100 to 120 on the baseline, 121 to 140 on this branch
     help: if this is meant, say why in the pull request: once merged it is what is compared with
",
    );
    check(
        &looks(&[100]),
        &looks(&[99, 90]),
        "
no regression: 1 test compared

better  shop api lists   100 -> 90 allocs  (-10)
     not the same in each look: 100 each time on the baseline, 90 to 99 on this branch
",
    );
    // One that failed once has no count to trust.
    let flaky = [test("lists").counts(Metric::Allocs, 1), test("lists").outcome(Outcome::Failed)];
    check(&looks(&[100]), &flaky, "no regression: 0 tests compared");
}

/// Compares two runs, and how often each side is to be measured before the report stands: 0 if it does now.
#[track_caller]
fn check_looks(before: &[Record], after: &[Record], origin: Origin, expected: usize, beyond_snapshots: bool) {
    let changes = diff(&Run::repeated(before.to_vec()), &Run::repeated(after.to_vec()));
    let report = report(&changes, &Policy::default(), Context { origin, ..Context::default() });
    let suspects = report.suspects.iter();
    let suspects = suspects.map(|Suspect { looks, is_beyond_snapshots, .. }| (*looks, *is_beyond_snapshots));
    let suspect = suspects.max().unwrap_or_default();
    assert_eq!(suspect, (expected, beyond_snapshots), "{:?}", report.findings);
}

#[test]
fn what_changed_is_measured_again_and_what_moves_more_often() {
    let queries = |counts: &[u64]| -> Vec<Record> {
        counts.iter().map(|n| test("lists").queries(&[(*n, "SELECT 1", 50)])).collect()
    };
    for origin in [Origin::Rebuilt, Origin::MeasuredBefore, Origin::Snapshots] {
        check_looks(&looks(&[6]), &looks(&[6]), origin, 0, false);
        check_looks(&looks(&[6, 7]), &looks(&[7, 7]), origin, 0, false);
        check_looks(&looks(&[6]), &looks(&[7]), origin, 6, true);
        check_looks(&looks(&[6]), &looks(&[7, 8]), origin, 6, true);
        check_looks(&queries(&[1]), &queries(&[2]), origin, 2, false);
        check_looks(&queries(&[1]), &queries(&[2, 3]), origin, 6, true);
        check_looks(&queries(&[2]), &queries(&[1]), origin, 2, false);
    }
    check_looks(&looks(&[7]), &looks(&[6]), Origin::Rebuilt, 6, false);
    check_looks(&looks(&[7]), &looks(&[6, 5]), Origin::Rebuilt, 6, false);
}

/// It may be older than the code, as less than it says passes its test.
#[test]
fn fewer_allocations_than_in_a_snapshot_are_not_praised() {
    check_looks(&looks(&[7]), &looks(&[6]), Origin::Snapshots, 0, false);
    let changes = diff(&Run::repeated(looks(&[7])), &Run::repeated(looks(&[6])));
    let improvements = |origin| {
        let context = Context { origin, ..Context::default() };
        report(&changes, &Policy::default(), context).improvements.len()
    };
    assert_eq!(
        [Origin::Rebuilt, Origin::Snapshots, Origin::SnapshotsAndMeasured].map(improvements),
        [1, 0, 0]
    );
}

#[test]
fn queries_that_differ_between_repeats_are_a_warning() {
    let of = |counts: &[u64]| -> Vec<Record> {
        counts.iter().map(|n| test("lists").requests(LIST, 1, &[(*n, "SELECT 1", 50)])).collect()
    };
    check(
        &of(&[2, 2, 3]),
        &of(&[3, 2, 5]),
        "
no regression: 1 test compared

not deterministic  GET /orders
     2 to 3 queries in the repeats of the baseline
     2 to 5 queries in the repeats of this branch
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    // A rise to what the baseline was seen to send.
    check(
        &of(&[2, 3]),
        &of(&[3, 4]),
        "
no regression: 1 test compared

not deterministic  GET /orders
     2 to 3 queries in the repeats of the baseline
     3 to 4 queries in the repeats of this branch
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    check(
        &of(&[2, 4]),
        &of(&[1, 2]),
        "
no regression: 1 test compared

not deterministic  GET /orders
     2 to 4 queries in the repeats of the baseline
     1 to 2 queries in the repeats of this branch
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    // And by more than that.
    check(
        &of(&[2]),
        &of(&[5, 4]),
        "
1 regression: 1 test compared

N+1  GET /orders   2 -> 4 queries in one request  (+2)
         4x  SELECT 1  (was 2x, N+1)
             src/orders.rs:50  orders::list
     not the same in each look: 2 each time on the baseline, 4 to 5 on this branch
     seen by: shop api lists
     help: load them in one statement, for all rows at once
     help: if this is meant, say why in the pull request: once merged it is what is compared with

not deterministic  GET /orders
     4 to 5 queries in the repeats of this branch
     seen by: shop api lists
     help: make the test independent of time, chance and order: a rise as small as this is not seen
",
    );
    // In a new test, too.
    check(
        &[],
        &[test("lists"), test("lists").queries(&[ORDERS])],
        "
no regression: 0 tests compared

not deterministic  shop api lists
     0 to 1 queries in the repeats of this branch
     help: make the test independent of time, chance and order: a rise as small as this is not seen

new tests:
     shop api lists
",
    );
}
