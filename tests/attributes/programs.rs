//! Allocators: what `#[max_allocs]` does in a program that has another one than ours (A6, A7).
//!
//! Cargo unites the features of everything that it builds at once, so such a program is a project of its own.

use std::path::Path;
use std::process::Command;

use perfassert_test_support::scrub;

use crate::child::Printed;

#[test]
fn another_allocator_is_noticed_or_counted_through() {
    let printed = cargo_test("other-allocator");
    let check = |name: &str, outcome: &str, message: &str| {
        assert_eq!(printed.outcome(name), outcome, "{name}\n{}", printed.0);
        assert_eq!(printed.message(name), message.trim(), "{name}");
    };
    check(
        "none::is_never_passed_unseen",
        "FAILED",
        "
perfassert: none::is_never_passed_unseen could not be measured
  the counting allocator is not the one that this program runs on

  help: turn on the default feature `allocator` of perfassert; where it is off for another member of the workspace,
        add two lines to this test program:
        #[global_allocator]
        static GLOBAL: perfassert::Alloc = perfassert::Alloc::system();
        one that has an allocator of its own wraps it: perfassert::Alloc<Jemalloc> = perfassert::Alloc::new(Jemalloc)",
    );
    check("none::leaves_other_gates_alone", "ok", "");
    // It compiles: the library brings no type along that this could mean as well.
    check("none::leaves_comparisons_alone", "ok", "");
    check("counting::passes_at_the_limit", "ok", "");
    check(
        "counting::fails_over_the_limit",
        "FAILED",
        "
perfassert: counting::fails_over_the_limit exceeded its budget
  3 allocations, budget 2  (+1)

  help: set-up that is not to count goes into perfassert::unmeasured(|| ...)
  help: if this is meant, raise the budget: #[max_allocs(3)]",
    );
    check("counting::both_count_the_same", "ok", "");
}

/// The same work is counted the same over each, and each is handed what the program asks for, call by call.
#[test]
fn every_allocator_is_counted_through() {
    let printed = cargo_test("inner-allocators");
    let check = |name: &str| assert_eq!(printed.outcome(name), "ok", "{name}\n{}", printed.0);
    for over in ["over_system", "over_mimalloc", "over_jemalloc"] {
        check(&format!("{over}::counts_are_the_same"));
        check(&format!("{over}::budgets_are_exact"));
        check(&format!("{over}::a_block_may_end_on_another_thread"));
    }
    check("each_call_is_forwarded_as_it_is");
    check("so_is_each_call_that_is_measured");
    check("both_count_the_same");
}

/// Runs the tests of a project in `tests/fixtures`.
fn cargo_test(project: &str) -> Printed {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(project).join("Cargo.toml");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(project);
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--quiet", "--locked", "--no-fail-fast", "--manifest-path"]).arg(manifest);
    command.arg("--target-dir").arg(target).args(["--", "--format=pretty"]);
    scrub(&mut command);
    Printed::by(&mut command)
}
