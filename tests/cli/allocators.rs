//! A workspace of two members, of which one has a global allocator of its own (A6, A7).

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::project::{Project, Ran};

/// What a test program takes that has no allocator of its own, where perfassert's is off.
const LINES: [&str; 2] =
    ["#[global_allocator]", "static GLOBAL: perfassert::Alloc = perfassert::Alloc::system();"];

const PRICES: &str = "
#[perfassert::max_allocs(1)]
#[test]
fn one_price() {
    drop(std::hint::black_box(Box::new(1)));
}
";

/// It allocates as the system does.
const OWN: &str = "
use std::alloc::{GlobalAlloc, Layout, System};

struct Own;

// SAFETY: each method is the system's.
unsafe impl GlobalAlloc for Own {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}

";

const QUOTES: &str = "
#[global_allocator]
static GLOBAL: perfassert::Alloc<Own> = perfassert::Alloc::new(Own);

#[perfassert::max_allocs(2)]
#[test]
fn two_quotes() {
    for n in 0..2 {
        drop(std::hint::black_box(Box::new(n)));
    }
}
";

/// `pricing` has perfassert as it is by default, `quotes` without its allocator.
///
/// All projects are built in one directory, so that their dependencies are compiled once. Cargo takes the members of one for those of
/// another, and compares the times of their files: no other project may be built between writing these and building them.
fn workspace() -> (Project, File) {
    fs::create_dir_all(target()).unwrap();
    let lock = File::create(target().join("lock")).unwrap();
    lock.lock().unwrap();
    let project = Project::unbuilt();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let member = |name: &str, test: &str, text: &str, options: &str| {
        let path = repository.join("perfassert");
        project.write(
            &format!("{name}/Cargo.toml"),
            &format!(
                "[package]\nname = {name:?}\nedition = \"2024\"\n\n[lib]\ntest = false\ndoctest = false\n\n\
                 [dev-dependencies]\nperfassert = {{ path = {path:?}{options} }}\n"
            ),
        );
        project.write(&format!("{name}/src/lib.rs"), "");
        project.write(&format!("{name}/tests/{test}.rs"), text);
    };
    member("pricing", "prices", PRICES, "");
    member("quotes", "own", &format!("{OWN}{QUOTES}"), ", default-features = false, features = [\"macros\"]");
    project.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"pricing\", \"quotes\"]\n");
    project.write("Cargo.lock", &fs::read_to_string(repository.join("Cargo.lock")).unwrap());
    Ran::of(project.command("cargo").args(["metadata", "--format-version=1"])).exits(0);
    project.commit("a workspace");
    (project, lock)
}

/// What the subcommand optimises is not to be compiled a second time for `cargo test`.
const AS_CARGO_TEST: [&str; 8] = [
    "--config",
    "profile.dev.package.addr2line.opt-level=0",
    "--config",
    "profile.dev.package.backtrace.opt-level=0",
    "--config",
    "profile.dev.package.gimli.opt-level=0",
    "--config",
    "profile.dev.package.object.opt-level=0",
];

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-allocators")
}

fn perfassert(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.perfassert_command(arguments);
    Ran::of(command.args(AS_CARGO_TEST).arg("--target-dir").arg(target()))
}

fn cargo_test(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command("cargo");
    Ran::of(command.args(["test", "--no-fail-fast", "--target-dir"]).arg(target()).args(arguments))
}

#[test]
fn one_member_has_an_allocator_of_its_own() {
    let (project, _lock) = workspace();
    cargo_test(&project, &["--workspace", "--exclude", "quotes"]).exits(0);
    cargo_test(&project, &["--package", "quotes"]).exits(0);
    let without = "default-features = false, features = [\"macros\", \"inherit-threads\", \"call-sites\"] }";
    let told = [
        "the `#[global_allocator]` in this crate conflicts with global allocator in: perfassert",
        "the tests do not compile: `own` of quotes has two global allocators, one of them perfassert's",
        &format!("pricing/Cargo.toml: perfassert = {{ ..., {without}"),
        LINES[0],
        LINES[1],
    ];
    for command in [&["run"][..], &["diff", "main"], &["explain", "two_quotes"]] {
        perfassert(&project, command).exits(101).tells(&told);
    }

    // Without the feature both compile, and who has no counting allocator says so.
    project.edit("pricing/Cargo.toml", " }", &format!(", {without}"));
    cargo_test(&project, &["--workspace"]).exits(101).shows(&[
        "perfassert: one_price could not be measured",
        "the counting allocator is not the one that this program runs on",
        LINES[0],
        LINES[1],
        "test two_quotes ... ok",
    ]);

    project.write("pricing/tests/prices.rs", &format!("{PRICES}\n{}\n", LINES.join("\n")));
    cargo_test(&project, &["--workspace"])
        .exits(0)
        .shows(&["test one_price ... ok", "test two_quotes ... ok"]);
    let counted = perfassert(&project, &["run"]).exits(0).out;
    let allocs = |test: &str| {
        counted.lines().find(|line| line.starts_with(test)).and_then(|line| line.split_whitespace().last())
    };
    let of_both = [allocs("pricing prices one_price"), allocs("quotes own two_quotes")];
    assert_eq!(of_both, [Some("1"), Some("2")], "{counted}");
}

#[test]
fn a_library_has_one_that_its_tests_link() {
    let (project, _lock) = workspace();
    project.write("pricing/src/lib.rs", &format!("{OWN}\n#[global_allocator]\nstatic GLOBAL: Own = Own;\n"));
    project.edit("pricing/tests/prices.rs", PRICES, &format!("use pricing as _;\n{PRICES}"));
    perfassert(&project, &["run", "--package", "pricing"]).exits(101).tells(&[
        "the tests do not compile: `prices` of pricing has two global allocators, one of them perfassert's",
        "help: move that of the library pricing to `main.rs`, which no test links",
    ]);
}

#[test]
fn other_errors_are_the_compilers_alone() {
    let (project, _lock) = workspace();
    project.write("pricing/tests/prices.rs", "fn f() -> u8 {}");
    let ran = perfassert(&project, &["run", "--package", "pricing"]).exits(101);
    ran.tells(&["the tests do not compile\n  help: the compiler's output is above"]);
}
