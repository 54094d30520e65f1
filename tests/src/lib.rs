//! The cross-crate suite. The examples of the README and of the book are its documentation tests: each chapter stands here, and
//! `house/links.rs` holds that none is missing.
//!
//! A block whose tests are to run says `test_harness`; without it a function with `#[test]` is not even compiled.

macro_rules! documents {
    ($($name:ident = $path:literal;)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($path)]
            mod $name {}
        )*
    };
}

documents! {
    readme = "../../README.md";
    allocations = "../../docs/book/src/allocations.md";
    attributes = "../../docs/book/src/attributes.md";
    benchmarks = "../../docs/book/src/benchmarks.md";
    child_processes = "../../docs/book/src/child-processes.md";
    ci = "../../docs/book/src/ci.md";
    comparison = "../../docs/book/src/comparison.md";
    drivers = "../../docs/book/src/drivers.md";
    existing_suites = "../../docs/book/src/existing-suites.md";
    explain = "../../docs/book/src/explain.md";
    frameworks = "../../docs/book/src/frameworks.md";
    how_it_works = "../../docs/book/src/how-it-works.md";
    introduction = "../../docs/book/src/introduction.md";
    limits = "../../docs/book/src/limits.md";
    n_plus_one = "../../docs/book/src/n-plus-one.md";
    policy = "../../docs/book/src/policy.md";
    quick_start = "../../docs/book/src/quick-start.md";
    reports = "../../docs/book/src/reports.md";
    scaling = "../../docs/book/src/scaling.md";
    snapshots = "../../docs/book/src/snapshots.md";
    stability = "../../docs/book/src/stability.md";
    subcommand = "../../docs/book/src/subcommand.md";
    threads = "../../docs/book/src/threads.md";
    troubleshooting = "../../docs/book/src/troubleshooting.md";
}
