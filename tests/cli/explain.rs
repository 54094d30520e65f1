//! Who allocated in one test, as a tree, against a commit, and as files.

use std::fs;

use crate::project::{Project, Ran};

/// The rows of a tree, without the spaces between their columns.
fn rows(out: &str) -> Vec<String> {
    out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[track_caller]
fn check(out: &str, expected: &[&str]) {
    assert_eq!(rows(out), expected, "{out}");
}

#[test]
fn a19_the_tree_names_each_line_that_allocated() {
    let depot = Project::depot();
    let files = ["folded.txt", "dhat.json", "flames.svg"].map(|name| depot.beside().join(name));
    let [folded, dhat, svg] = files.each_ref().map(|file| file.to_str().unwrap());
    let ran = depot.perfassert(&["explain", "lists_items", "--folded", folded, "--dhat", dhat, "--svg", svg]);
    let ran = ran.exits(0).tells(&["explaining api::lists_items", "wrote"]);
    check(
        &ran.out,
        &[
            "perfassert: depot api lists_items: 66 allocations, 8.9 KiB; 64 temporary, 2 retained (4.1 KiB); 5 queries",
            "",
            "allocs bytes grown queries",
            "50 500 B temporary tests/api.rs:6 > labels src/lib.rs:12 > label src/lib.rs:8",
            "9 4.0 KiB 8 temporary tests/api.rs:8 > numbers src/lib.rs:23",
            "5 340 B 5 temporary tests/api.rs:10 > load src/lib.rs:29",
            "5 └ SELECT name FROM items WHERE id = ?",
            "2 4.1 KiB retained tests/api.rs:7",
            "1 4.0 KiB retained ├ shelve src/lib.rs:16",
            "1 96 B retained └ shelve src/lib.rs:17",
            "",
            "help: look at src/lib.rs:8 first: 75 % of the allocations",
            "help: make room once at src/lib.rs:23: 8 of 8 reallocations make a block larger there; with_capacity or reserve, where \
             the size is known",
        ],
    );
    assert_eq!(
        fs::read_to_string(folded).unwrap(),
        "lists_items tests/api.rs:10;load src/lib.rs:29 5\n\
         lists_items tests/api.rs:6;labels src/lib.rs:12;label src/lib.rs:8 50\n\
         lists_items tests/api.rs:7;shelve src/lib.rs:16 1\n\
         lists_items tests/api.rs:7;shelve src/lib.rs:17 1\n\
         lists_items tests/api.rs:8;numbers src/lib.rs:23 9\n"
    );
    is_for_the_viewer_of_dhat(&fs::read_to_string(dhat).unwrap());
    is_xml(&fs::read_to_string(svg).unwrap());
}

/// As `dh_view.html` asks for it: every number of a point, and its frames in the table.
#[track_caller]
fn is_for_the_viewer_of_dhat(text: &str) {
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!((&file["dhatFileVersion"], &file["mode"]), (&2.into(), &"rust-heap".into()));
    let frames = file["ftbl"].as_array().unwrap();
    let points = file["pps"].as_array().unwrap();
    let number = |point: &serde_json::Value, key: &str| point[key].as_u64().unwrap();
    for point in points {
        for key in ["tb", "tbk", "tl", "mb", "mbk", "gb", "gbk", "eb", "ebk"] {
            number(point, key);
        }
        for frame in point["fs"].as_array().unwrap() {
            assert!(frames[usize::try_from(frame.as_u64().unwrap()).unwrap()].is_string());
        }
    }
    let sum = |key| points.iter().map(|point| number(point, key)).sum::<u64>();
    assert_eq!((sum("tbk"), sum("ebk")), (66, 2));
    let has = |text: &str| frames.iter().any(|frame| frame.as_str().unwrap() == text);
    assert!(has("label (src/lib.rs:8)") && has("[root]"), "{frames:?}");
    // The hook that looked is nobody's frame.
    assert!(!frames.iter().any(|frame| frame.as_str().unwrap().contains("alloc::watched")), "{frames:?}");
}

#[track_caller]
fn is_xml(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    assert!(text.contains("<svg ") && text.contains("label src/lib.rs:8 (50 allocations"), "{text}");
}

#[test]
fn a_hundred_thousand_allocations_are_one_row() {
    let ran = Project::depot().perfassert(&["explain", "in_bulk", "--metric", "bytes"]).exits(0);
    check(
        &ran.out,
        &[
            "perfassert: depot api lists_items_in_bulk: 100,000 allocations, 976.6 KiB, all temporary",
            "",
            "allocs bytes",
            "100,000 976.6 KiB temporary tests/api.rs:17 > labels src/lib.rs:12 > label src/lib.rs:8",
            "",
            "help: look at src/lib.rs:8 first: all of the bytes",
        ],
    );
}

#[test]
fn against_a_commit_only_what_differs_is_shown() {
    let depot = Project::depot();
    depot.branch(
        "src/lib.rs",
        "    let mut numbers = Vec::new();",
        "    // All of them.\n    let mut numbers = Vec::with_capacity(1000);",
    );
    depot.edit(
        "src/lib.rs",
        "    (0..n).map(|n| label(n).len()).sum()",
        "    let n = n + 10;\n    (0..n).map(|n| label(n).len()).sum()",
    );
    depot.edit("tests/api.rs", "0..5", "0..7");
    let svg = depot.beside().join("difference.svg");
    let ran = depot
        .perfassert(&["explain", "lists_items", "--baseline", "main", "--svg", svg.to_str().unwrap()])
        .exits(0);
    let commit = depot.git(&["rev-parse", "main"]);
    check(
        &ran.out,
        &[
            &format!(
                "perfassert: depot api lists_items against {} (merge base of main): +4 allocations, +140 B, +2 queries",
                &commit[..9]
            ),
            "",
            "allocs bytes grown queries",
            "+10 +100 B tests/api.rs:6 > labels src/lib.rs:13 > label src/lib.rs:8",
            "-8 -96 B -8 tests/api.rs:8",
            "-9 -4.0 KiB -8 ├ numbers src/lib.rs:25",
            "+1 +3.9 KiB └ numbers src/lib.rs:23",
            "+2 +136 B +2 tests/api.rs:10 > load src/lib.rs:31",
            "+2 └ SELECT name FROM items WHERE id = ?",
            "",
            "help: look at src/lib.rs:8 first: 10 more allocations",
        ],
    );
    assert!(fs::read_to_string(svg).unwrap().contains("; +"));
}

#[test]
fn a20_a_diff_names_the_functions_that_allocate_more() {
    let depot = Project::depot();
    depot.branch(
        "src/lib.rs",
        "    format!(\"item {n}\")",
        "    let n = n.to_string();\n    format!(\"item {n}\")",
    );
    let functions = [
        "depot api lists_items_in_bulk   100000 -> 200000 allocs  (+100000)  changed in this branch",
        "  +100000  src/lib.rs:8  label  (was 100000)",
        "depot api lists_items           66 -> 116 allocs  (+50), budget 10",
        "help: who calls them: cargo perfassert explain lists_items_in_bulk --baseline main",
    ];
    depot.perfassert(&["diff", "main", "lists"]).exits(100).says(&functions);
    // Also where the baseline's counts are known: for these it is built.
    depot.perfassert(&["diff", "main", "lists"]).exits(100).says(&["measured before"]).says(&functions);
}

#[test]
fn what_cannot_be_explained_is_said() {
    let depot = Project::depot();
    depot.perfassert(&["explain", "lists"]).exits(2).tells(&[
        "`lists` is 2 tests",
        "name one of them:",
        "api::lists_items\n",
        "api::lists_items_in_bulk",
    ]);
    depot
        .perfassert(&["explain", "no_such"])
        .exits(4)
        .tells(&["no test has `no_such` in its path", "api::breaks"]);
    depot
        .perfassert(&["explain", "breaks"])
        .exits(101)
        .tells(&["it was to break", "the test failed by itself"]);
    let mut marked = depot.perfassert_command(&["explain", "is_not_measured"]);
    Ran::of(marked.env("PERFASSERT_MEASURE", "marked")).exits(4).tells(&["nothing was measured"]);
    depot
        .perfassert(&["explain", "is_not_measured"])
        .exits(0)
        .says(&["depot api is_not_measured: 0 allocations, 0 B"]);
    depot.perfassert(&["explain", "breaks", "lists"]).exits(2).tells(&["leave out `lists`"]);
}
