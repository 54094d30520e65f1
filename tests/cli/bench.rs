//! Benchmarks as tests: allocations per iteration, in the table and as a gate (A22).

use crate::project::Project;

/// All of them and the test, as both runners find them.
const TABLE: &str = "\
test                                requests   queries     allocs
hot api words                                        -         33
hot sampled batched                                  -          5  per iteration
hot sampled reused                                   -          0  per iteration
hot sampled words, all (of them)/2                   -          3  per iteration
hot sampled words, all (of them)/4                   -          5  per iteration
hot tabled tabled::words                             -          3  per iteration
hot tabled tabled::words_of::2                       -          3  per iteration
hot tabled tabled::words_of::4                       -          5  per iteration
hot timed words                                      -          3  per iteration
";

#[test]
fn a22_each_harness_counts_what_measure_counts() {
    let hot = Project::hot();
    let ran = hot.perfassert(&["run", "--benches", "--tests"]).exits(0);
    assert_eq!(ran.out, TABLE, "{}", ran.err);
    hot.perfassert(&["run", "--bench", "tabled", "--", "words_of", "--skip", "::4"])
        .exits(0)
        .says(&["hot tabled tabled::words_of::2"])
        .says_nothing_of(&["words_of::4", "timed"]);
}

#[test]
fn a22_one_clone_more_in_a_hot_path_is_found() {
    let hot = Project::hot();
    hot.branch("src/lib.rs", "let separator =", "let line = &line.to_owned();\n    let separator =");
    hot.perfassert(&["diff", "main", "--benches", "--tests"])
        .exits(100)
        .says(&[
            "more  hot sampled words, all (of them)/4   5 -> 6 allocs per iteration  (+1)",
            "more  hot tabled tabled::words_of::2   3 -> 4 allocs per iteration  (+1)",
            "more  hot timed words   3 -> 4 allocs per iteration  (+1)",
            "more  hot api words   3 -> 4 allocs per iteration  (+1), budget 3",
            "help: if this is meant, raise the budget: #[max_allocs(per_iter = 4)]",
        ])
        .says_nothing_of(&["reused"]);
    hot.edit("src/lib.rs", "let line = &line.to_owned();", "");
    hot.perfassert(&["diff", "main", "--benches"]).exits(0).says(&["8 tests compared"]);
}

#[test]
fn a22_nextest() {
    let hot = Project::hot();
    let installed = hot.command("cargo").args(["nextest", "--version"]).output().unwrap().status.success();
    if installed {
        let ran = hot.perfassert(&["run", "--runner", "nextest", "--benches", "--tests"]).exits(0);
        assert_eq!(ran.out, TABLE, "{}", ran.err);
        hot.branch("src/lib.rs", "let separator =", "let line = &line.to_owned();\n    let separator =");
        // What changed is measured again, by its name.
        hot.perfassert(&["diff", "main", "--runner", "nextest", "--bench", "sampled"])
            .exits(100)
            .says(&["more  hot sampled words, all (of them)/2   3 -> 4 allocs per iteration  (+1)"])
            .tells(&["measuring again"]);
    }
}

#[test]
fn a22_a_benchmark_that_cannot_count_fails_and_says_why() {
    let hot = Project::hot();
    hot.edit("Cargo.toml", "'allocator', ", "");
    hot.perfassert(&["run", "--benches"]).exits(101).says(&["hot timed words", "inconclusive"]).tells(&[
        "perfassert: words could not be measured\n  the counting allocator is not the one that this program runs on",
        "turn on the default feature `allocator` of perfassert",
    ]);
}
