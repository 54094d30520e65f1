//! Bytes: compared where the number of allocations is the same.

use super::*;

/// A look at a test with so many allocations of so many bytes.
fn look(allocs: i64, bytes: i64) -> Record {
    test("lists").counts(Metric::Allocs, allocs).counts(Metric::Bytes, bytes)
}

/// Compares looks at a test, and what is said of its bytes in place of the counts and the difference.
#[track_caller]
fn check_bytes(before: &[Record], after: &[Record], expected: &str) {
    const HELP: &str =
        "     help: if this is meant, say why in the pull request: once merged it is what is compared with";
    let expected = match expected {
        "" => "no regression: 1 test compared".to_owned(),
        better if better.starts_with("better") => format!("no regression: 1 test compared\n\n{better}"),
        more => format!("1 regression: 1 test compared\n\n{more}\n{HELP}"),
    };
    check(before, after, &expected);
}

#[test]
fn a_larger_buffer_is_found_at_equal_calls() {
    let list = "more  shop api lists   ";
    check_bytes(
        &[look(112, 64)],
        &[look(112, 65_536)],
        &format!("{list}112 allocs, 64 B -> 64.0 KiB  (+63.9 KiB)"),
    );
    check_bytes(
        &[look(112, 8_294)],
        &[look(112, 73_728)],
        &format!("{list}112 allocs, 8.1 KiB -> 72.0 KiB  (+63.9 KiB)"),
    );
    check_bytes(
        &[look(1, 65_536)],
        &[look(1, 64)],
        "better  shop api lists   1 allocs, 64.0 KiB -> 64 B  (-63.9 KiB)",
    );
    // In an endpoint.
    let of = |bytes| {
        let mut record = look(3, bytes).requests(LIST, 1, &[]);
        record.endpoints[0].counts = record.counts.clone();
        record
    };
    check_bytes(
        &[of(64)],
        &[of(2 << 20)],
        "more  GET /orders   3 allocs, 64 B -> 2.0 MiB in one request  (+2.0 MiB)\n     seen by: shop api lists",
    );
}

#[test]
fn a_little_more_is_not_told() {
    check_bytes(&[look(112, 100_000)], &[look(112, 103_000)], "");
    check_bytes(&[look(112, 100_000)], &[look(112, 125_000)], "");
    check_bytes(&[look(112, 100)], &[look(112, 4_196)], "");
    check_bytes(&[look(112, 100_000)], &[look(112, 75_000)], "");
}

#[test]
fn what_other_calls_ask_for_is_told_by_their_number() {
    check_bytes(&[look(6, 64)], &[look(7, 65_536)], "more  shop api lists   6 -> 7 allocs  (+1)");
    check_bytes(&[look(7, 64)], &[look(6, 65_536)], "better  shop api lists   7 -> 6 allocs  (-1)");
    // Where one side has no number, nothing tells.
    let bytes = |n| test("lists").counts(Metric::Bytes, n);
    check_bytes(&[bytes(64)], &[bytes(65_536)], "");
}

#[test]
fn bytes_that_move_have_the_room_that_they_were_seen_to_need() {
    check_bytes(&[look(6, 64), look(6, 65_536)], &[look(6, 65_536)], "");
    check_bytes(&[look(6, 64)], &[look(6, 65_536), look(6, 64)], "");
    check_bytes(
        &[look(6, 64), look(6, 10_000)],
        &[look(6, 65_536)],
        "more  shop api lists   6 allocs, 64 B -> 64.0 KiB  (+63.9 KiB)\n     \
         not the same in each look: 64 B to 9.8 KiB on the baseline, 64.0 KiB each time on this branch",
    );
}
