//! The other side: built apart from the branch, cached, cleaned up.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::project::{Project, Ran};

const ALLOCATE: &str = "db.allocate(100)";

#[test]
fn d26_a_baseline_without_perfassert() {
    let shop = Project::shop();
    let files = |paths: &[&str]| {
        paths.iter().map(|path| std::fs::read_to_string(shop.root.join(path)).unwrap()).collect::<Vec<_>>()
    };
    let paths = ["Cargo.toml", "src/lib.rs", "tests/api.rs"];
    let with = files(&paths);
    shop.write("Cargo.toml", "[package]\nname = \"shop\"\nedition = \"2024\"\n");
    shop.write("src/lib.rs", "");
    shop.write("tests/api.rs", "");
    shop.commit("without");
    shop.git(&["switch", "--quiet", "--create", "branch"]);
    paths.iter().zip(&with).for_each(|(path, text)| shop.write(path, text));
    shop.commit("with");
    shop.perfassert(&["diff", "main"]).exits(0).says(&[
        "no baseline: ",
        "does not use perfassert yet",
        "new tests:",
    ]);
    shop.perfassert(&["diff", "main", "--require-baseline"])
        .exits(3)
        .tells(&["there is no baseline", "does not use perfassert yet"]);
}

/// A checkout has no file that git ignores: the build says that it lacks some, and the list has them copied.
#[test]
fn d52_ignored_files_that_the_build_needs() {
    let shop = Project::shop();
    shop.write(".gitignore", "/target\n.env*\n/src/generated/\n/notes/\n");
    shop.write(".env", "# local\nSHOP_ROWS=2\n");
    shop.write("src/generated/sql.rs", "pub const LINES: &str = \"SELECT sku FROM lines\";\n");
    shop.write("notes/sql.rs", "");
    shop.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=.env\");\n    \
         let set = std::fs::read_to_string(\".env\").unwrap_or_default();\n    \
         let rows = set.lines().find_map(|line| line.strip_prefix(\"SHOP_ROWS=\"));\n    \
         println!(\"cargo::rustc-env=ROWS={}\", rows.expect(\"SHOP_ROWS is not set\"));\n}\n",
    );
    shop.edit("src/lib.rs", "pub mod db;", "pub mod db;\n#[path = \"generated/sql.rs\"]\nmod sql;");
    shop.edit(
        "src/lib.rs",
        "    db.query(\"SELECT id, customer_id, total FROM orders\");",
        "    for _ in 0..env!(\"ROWS\").parse().unwrap() {\n        db.query(sql::LINES);\n    }",
    );
    shop.commit("what is generated");
    shop.perfassert(&["diff", "main"]).exits(3).tells(&[
        "the tests do not compile without what git ignores: .env\n",
        "in perfassert.toml:\n    copy = [\".env\"]\n",
    ]);
    shop.write("perfassert.toml", "copy = [\".env\", \"generated/**\"]\n");
    shop.perfassert(&["diff", "main"]).exits(3).tells(&[
        "copy = [\"generated/**\"] matches no file that git leaves out",
        "without what git ignores: src/generated/**\n",
        "copy = [\"src/generated/**\"]\n",
    ]);
    shop.write(
        "Cargo.toml",
        &(std::fs::read_to_string(shop.root.join("Cargo.toml")).unwrap()
            + "\n[workspace.metadata.perfassert]\ncopy = [\"src/generated/**\"]\n"),
    );
    shop.write("perfassert.toml", "copy = [\".env\"]\n");
    let counted = ": 2 tests compared";
    shop.perfassert(&["diff", "main"])
        .exits(0)
        .says(&["rebuilt", counted])
        .shows_nothing_of(&["matches no file"]);
    shop.perfassert(&["diff", "main"]).exits(0).says(&["measured before", counted]);
    // Its counts are those of other contents.
    shop.write(".env", "SHOP_ROWS=3\n");
    shop.perfassert(&["diff", "main"]).exits(0).says(&["rebuilt", counted]);
    shop.write("perfassert.toml", "copy = [\"../../secret\"]\n");
    shop.perfassert(&["diff", "main"]).exits(2).tells(&["\"../../secret\" leads out of the repository"]);
}

/// What was kept and cut since is measured anew; so is what was counted under other conditions.
#[test]
fn d79_a_baseline_that_was_cut_is_measured_anew() {
    let shop = Project::shop();
    shop.perfassert(&["diff", "main"]).exits(0).says(&["rebuilt"]);
    shop.perfassert(&["diff", "main"]).exits(0).says(&["measured before"]);
    let records = shop.root.join("target/perfassert/baseline/records");
    let mut files = std::fs::read_dir(records).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|it| it == "jsonl")).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let (first, _) = text.split_once('\n').unwrap();
    std::fs::write(&file, format!("{first}\n")).unwrap();
    shop.perfassert(&["diff", "main"]).exits(0).says(&["rebuilt): 2 tests compared"]);
    shop.perfassert(&["diff", "main"]).exits(0).says(&["measured before"]);
}

#[test]
fn a_baseline_is_kept_for_its_conditions() {
    let shop = Project::shop();
    shop.edit("tests/api.rs", "    measured(\"shop\", \"api\", \"lists_orders\", |test| {", "    measured(\"shop\", \"api\", \"lists_orders\", |test| {\n        if std::env::var_os(\"DATABASE_URL\").is_some() { test.db().query(\"SELECT 1\"); }");
    shop.commit("a database");
    let diff = |variables: &[(&str, &str)], expected: &str| {
        let mut command = shop.perfassert_command(&["diff", "main"]);
        Ran::of(command.envs(variables.iter().copied())).exits(0).says(&[expected, ": 2 tests compared"]);
    };
    diff(&[("GITHUB_RUN_ID", "1")], "rebuilt");
    diff(&[("GITHUB_RUN_ID", "2")], "measured before");
    diff(&[("DATABASE_URL", "postgres://localhost/shop")], "rebuilt");
    diff(&[("DATABASE_URL", "postgres://localhost/shop")], "measured before");
    // What cargo is told in a file outside the repository.
    std::fs::create_dir_all(shop.beside().join(".cargo")).unwrap();
    std::fs::write(shop.beside().join(".cargo/config.toml"), "[env]\nPAGE = '10'\n").unwrap();
    diff(&[], "rebuilt");
    diff(&[], "measured before");
}

#[test]
fn d27_one_target_directory_for_both_is_never_shared() {
    let shop = Project::shop();
    shop.branch("src/lib.rs", ALLOCATE, "db.allocate(1000)");
    let shared = shop.beside().join("shared");
    let run = || {
        let mut command = shop.perfassert_command(&["diff", "main", "--rebuild"]);
        command
            .env("CARGO_TARGET_DIR", &shared)
            .env("CARGO_BUILD_BUILD_DIR", shared.join("build"))
            .output()
            .unwrap()
    };
    for _ in 0..2 {
        let output = run();
        assert_eq!(output.status.code(), Some(100), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("100 -> 1000 allocs"));
    }
}

#[test]
fn d29_a_baseline_that_does_not_compile() {
    let shop = Project::shop();
    shop.edit("src/lib.rs", ALLOCATE, "db.allocate(\"many\")");
    shop.commit("broken");
    shop.branch("src/lib.rs", "db.allocate(\"many\")", ALLOCATE);
    shop.perfassert(&["diff", "main"]).exits(3).tells(&[
        "mismatched types",
        "cannot be used: the tests do not compile",
        "help: the compiler's output is above",
    ]);
    assert_eq!(shop.git(&["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_branch_that_does_not_compile() {
    let shop = Project::shop();
    shop.edit("src/lib.rs", ALLOCATE, "db.allocate(\"many\")");
    shop.perfassert(&["diff", "main"]).exits(101).tells(&["mismatched types", "the tests do not compile"]);
}

/// Ctrl-C while the baseline is built: gone with everything, and the next diff works.
#[cfg(unix)]
#[test]
fn d30_an_interrupt_leaves_nothing() {
    let shop = Project::shop();
    // A build that takes longer than the test, on the baseline only.
    shop.write("build.rs", "fn main() { std::thread::sleep(std::time::Duration::from_secs(60)); }\n");
    shop.commit("slow");
    shop.git(&["switch", "--quiet", "--create", "branch"]);
    std::fs::remove_file(shop.root.join("build.rs")).unwrap();
    shop.commit("quick");
    let mut diff = shop
        .perfassert_command(&["diff", "main"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let note = shop.root.join("target/perfassert/baseline/worktree");
    let waited = Instant::now();
    let building = || std::fs::read_dir(shop.root.join("target/perfassert/baseline/target/debug/build"));
    while !building().is_ok_and(|entries| {
        entries.flatten().any(|it| it.file_name().to_string_lossy().starts_with("shop-"))
    }) {
        assert!(waited.elapsed() < Duration::from_secs(120), "the baseline's build did not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    let worktree = std::path::PathBuf::from(std::fs::read_to_string(&note).unwrap());
    assert!(worktree.exists());
    let interrupted = Instant::now();
    assert!(shop.command("kill").args(["-INT", &diff.id().to_string()]).status().unwrap().success());
    assert_eq!(diff.wait().unwrap().code(), Some(130));
    assert!(interrupted.elapsed() < Duration::from_secs(30), "it waited for the build");
    assert!(!worktree.exists() && !note.exists());
    assert_eq!(shop.git(&["worktree", "list"]).lines().count(), 1);
    // No lock is left: the next one starts, with a baseline that is quick.
    shop.perfassert(&["diff", "HEAD"]).exits(0);
}

/// A diff that was killed could clean nothing up; the next one does.
#[test]
fn d30_what_a_killed_diff_left_is_removed() {
    let shop = Project::shop();
    let left = shop.beside().join("perfassert-left");
    // The directories above the repository stand around it once more.
    let root = shop.root.canonicalize().unwrap();
    let worktree = left.join(root.strip_prefix("/").unwrap());
    shop.git(&["worktree", "add", "--quiet", "--detach", "--lock", worktree.to_str().unwrap()]);
    let home = shop.root.join("target/perfassert/baseline");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(home.join("worktree"), left.to_str().unwrap()).unwrap();
    shop.perfassert(&["diff", "main"]).exits(0);
    assert!(!left.exists());
    assert_eq!(shop.git(&["worktree", "list"]).lines().count(), 1);
}

/// What a branch commits below `target/` decides nothing, and has nothing removed.
#[cfg(unix)]
#[test]
fn d73_a_forged_baseline() {
    let shop = Project::shop();
    let victim = shop.beside().join("perfassert-of-somebody");
    std::fs::create_dir(&victim).unwrap();
    let note = "target/perfassert/baseline/worktree";
    shop.write(note, victim.to_str().unwrap());
    shop.git(&["add", "--force", note]);
    shop.commit("a note");
    let why = format!("git tracks {note}: what lies there is no baseline");
    shop.perfassert(&["diff", "main"]).exits(3).tells(&[&why, "git rm --cached -r"]);
    // However it is reached.
    std::fs::rename(shop.root.join("target"), shop.root.join("built")).unwrap();
    std::os::unix::fs::symlink("built", shop.root.join("target")).unwrap();
    shop.git(&["add", "--force", "target", "built/perfassert"]);
    shop.perfassert(&["diff", "main"]).exits(3).tells(&["git tracks built/perfassert/baseline/worktree"]);
    assert!(victim.exists());
}

#[test]
fn d30_two_at_once() {
    let shop = Project::shop();
    let start = || {
        shop.perfassert_command(&["diff", "main"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (first, second) = (start(), start());
    let outputs = [first.wait_with_output().unwrap(), second.wait_with_output().unwrap()];
    for output in &outputs {
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let built =
        outputs.iter().filter(|output| String::from_utf8_lossy(&output.stdout).contains("rebuilt")).count();
    assert_eq!(built, 1, "the second takes over what the first measured");
}

/// The registry's packages are compiled once for both sides, and the branch's own files stay as they are.
#[test]
fn the_baseline_compiles_the_workspace_s_own_packages_only() {
    let shop = Project::shop();
    let ran = shop.perfassert(&["diff", "main"]).exits(0);
    let compiled: Vec<&str> =
        ran.err.lines().filter_map(|line| line.trim().strip_prefix("Compiling ")).collect();
    let own = |line: &&str| {
        ["shop ", "perfassert ", "perfassert-record "].iter().any(|package| line.starts_with(package))
    };
    assert!(compiled.iter().all(own), "{compiled:?}");
    let fresh = shop
        .command("cargo")
        .args(["test", "--no-run", "--tests"])
        .args(crate::project::QUICK)
        .output()
        .unwrap();
    let fresh = String::from_utf8_lossy(&fresh.stderr).into_owned();
    assert!(!fresh.contains("Compiling"), "{fresh}");
}

#[cfg(unix)]
#[test]
fn d28_a_submodule_and_a_symlink() {
    let shop = Project::shop();
    let library = shop.sibling("library");
    std::fs::create_dir(&library.root).unwrap();
    library.git(&["init", "--quiet", "--initial-branch=main"]);
    library.write("sizes.txt", "100");
    library.commit("sizes");
    let allowed = ["-c", "protocol.file.allow=always"];
    // It has another one in itself.
    let inner = shop.sibling("inner");
    std::fs::create_dir(&inner.root).unwrap();
    inner.git(&["init", "--quiet", "--initial-branch=main"]);
    inner.write("factor.txt", "1");
    inner.commit("a factor");
    library
        .git(&[&allowed[..], &["submodule", "--quiet", "add", inner.root.to_str().unwrap(), "in"]].concat());
    library.commit("a factor from elsewhere");
    let url = library.root.to_str().unwrap().to_owned();
    shop.git(&[&allowed[..], &["submodule", "--quiet", "add", &url, "sizes"]].concat());
    shop.git(&[&allowed[..], &["submodule", "--quiet", "update", "--init", "--recursive"]].concat());
    std::os::unix::fs::symlink("sizes/sizes.txt", shop.root.join("size")).unwrap();
    shop.edit(
        "src/lib.rs",
        ALLOCATE,
        "db.allocate(include!(\"../size\") * include!(\"../sizes/in/factor.txt\"))",
    );
    shop.commit("sizes in a submodule, by a symlink");
    shop.branch("src/lib.rs", "factor.txt\"))", "factor.txt\") + 900)");
    // They are nowhere to be cloned from; what the user has is enough.
    let (gone, back) = (shop.beside().join("gone"), shop.git(&["config", "--local", "--list"]));
    std::fs::rename(&library.root, &gone).unwrap();
    std::fs::rename(&inner.root, shop.beside().join("inner-gone")).unwrap();
    shop.perfassert(&["diff", "main"]).exits(100).says(&["100 -> 1000 allocs"]);
    assert_eq!(shop.git(&["config", "--local", "--list"]), back);
    // Without that it is git's to clone, and to say why it cannot.
    shop.git(&["submodule", "--quiet", "deinit", "--force", "--all"]);
    std::fs::remove_dir_all(shop.root.join(".git/modules")).unwrap();
    shop.git(&["switch", "--quiet", "--detach", "HEAD"]);
    shop.edit("src/lib.rs", "include!(\"../size\") * include!(\"../sizes/in/factor.txt\")", "100");
    shop.perfassert(&["diff", "main", "--rebuild"])
        .exits(3)
        .tells(&["git submodule update --init --recursive -- ", "sizes"]);
}

/// Dependencies that are under version control, as `cargo vendor` leaves them.
#[test]
fn d53_vendored_dependencies() {
    let shop = Project::shop();
    let vendored = shop.command("cargo").args(["vendor", "--versioned-dirs"]).output().unwrap();
    assert!(vendored.status.success(), "{}", String::from_utf8_lossy(&vendored.stderr));
    shop.write(".cargo/config.toml", std::str::from_utf8(&vendored.stdout).unwrap());
    // Its files have what an ignored one may be called.
    shop.git(&["add", "--all", "--force", "vendor"]);
    shop.commit("vendored");
    shop.branch("src/lib.rs", ALLOCATE, "db.allocate(1000)");
    shop.perfassert(&["diff", "main"]).exits(100).says(&["2 tests compared", "100 -> 1000 allocs"]);
}

/// A lock file that is ignored is the branch's, for both sides.
#[test]
fn the_lock_file_is_taken_over_where_git_has_none() {
    let shop = Project::shop();
    shop.write(".gitignore", "/target\nCargo.lock\n");
    shop.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    shop.commit("no lock file");
    shop.perfassert(&["diff", "main", "--locked"]).exits(0).says(&["2 tests compared"]);
}
