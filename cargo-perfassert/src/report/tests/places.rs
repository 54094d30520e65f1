//! The functions that allocate more.

use super::*;
use crate::explain::{Risen, Weight};
use crate::render::markdown;

fn weight(allocs: i64, bytes: i64) -> Weight {
    Weight { allocs, bytes, ..Weight::default() }
}

/// What the test `lists` is said to allocate more in `functions`, each with its line in `src/orders.rs`, and how often it allocated before
/// and now.
fn with_functions(functions: &[(&str, u32, i64, i64)], before: &Record, after: &Record) -> Report {
    let risen = functions.iter().map(|(function, line, before, after)| Risen {
        function: (*function).to_owned(),
        site: (*line > 0).then(|| ("src/orders.rs".to_owned(), *line)),
        before: weight(*before, before * 1024),
        after: weight(*after, after * 1024),
    });
    let places = [(before.test.clone(), risen.collect())].into();
    let changes = diff(&Run::repeated(vec![before.clone()]), &Run::repeated(vec![after.clone()]));
    let touched = Touched::parse("+++ src/orders.rs\n@@ -40 +42 @@\n");
    report(&changes, &Policy::default(), Context { places, touched, ..Context::default() })
}

#[track_caller]
fn check_places(functions: &[(&str, u32, i64, i64)], before: &Record, after: &Record, expected: &str) {
    let report = with_functions(functions, before, after);
    assert_eq!(shown(&report).trim(), expected.trim());
}

fn look(allocs: i64) -> Record {
    test("lists").counts(Metric::Allocs, allocs).counts(Metric::Bytes, allocs * 1024)
}

#[test]
fn the_functions_that_allocate_more_are_named() {
    check_places(
        &[("orders::label", 42, 1, 3), ("orders::list", 7, 0, 30), ("json::text", 0, 0, 1)],
        &look(100),
        &look(133),
        "
1 regression: 1 test compared

more  shop api lists   100 -> 133 allocs  (+33)  changed in this branch
        +30  src/orders.rs:7  orders::list  (new)
         +2  src/orders.rs:42  orders::label  (was 1)
         +1  json::text  (new)
     help: if this is meant, say why in the pull request: once merged it is what is compared with",
    );
}

/// An endpoint's count is of one request, and that of a function of the test.
#[test]
fn those_of_an_endpoint_are_of_the_whole_test() {
    let of = |allocs| {
        let mut record = look(2 * allocs).requests(LIST, 2, &[]);
        record.endpoints[0].counts.insert(Metric::Allocs, allocs);
        record
    };
    let functions: Vec<_> = (1..=7).map(|line| ("orders::list", line, 0, 20 - i64::from(line))).collect();
    let report = with_functions(&functions, &of(10), &of(66));
    assert_eq!(
        shown(&report).lines().skip(2).take(9).collect::<Vec<_>>().join("\n"),
        "more  GET /orders   10 -> 66 allocs in one request  (+56)
     where, in the whole test:
        +19  src/orders.rs:1  orders::list  (new)
        +18  src/orders.rs:2  orders::list  (new)
        +17  src/orders.rs:3  orders::list  (new)
        +16  src/orders.rs:4  orders::list  (new)
        +15  src/orders.rs:5  orders::list  (new)
     and 2 more functions, +27
     seen by: shop api lists"
    );
    let mut text = Vec::new();
    markdown(&report, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("- where, in the whole test:\n  - **+19** `src/orders.rs:1` `orders::list` (new)\n"),
        "{text}"
    );
    assert!(text.contains("  - and 2 more functions, +27\n"), "{text}");
}

#[test]
fn those_that_ask_for_more_bytes_are_named_by_bytes() {
    let of = |bytes| look(7).counts(Metric::Bytes, bytes);
    check_places(
        &[("orders::list", 7, 1, 65)],
        &of(1024),
        &of(65 * 1024),
        "
1 regression: 1 test compared

more  shop api lists   7 allocs, 1.0 KiB -> 65.0 KiB  (+64.0 KiB)
     +64.0 KiB  src/orders.rs:7  orders::list  (was 1.0 KiB)
     help: if this is meant, say why in the pull request: once merged it is what is compared with",
    );
}
