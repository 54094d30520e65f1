//! `cargo test`, test by test.

use crate::project::{Project, Ran};

/// A test that does what is done once per process, and allocates a hundred times besides.
fn warmed(name: &str) -> String {
    format!(
        "#[test]\nfn {name}() {{\n    measured(\"shop\", \"api\", {name:?}, |test| {{\n        \
         WARM.get_or_init(|| test.db().allocate(1000));\n        test.db().allocate(100);\n    }});\n}}\n"
    )
}

fn with_tests(tests: &str) -> Project {
    let shop = Project::shop();
    shop.write("tests/api.rs", &format!("#[allow(unused_imports)]\nuse shop::db::measured;\n{tests}"));
    shop
}

/// Everything on standard error from where the tests of `api` began, without times.
fn told(ran: &Ran) -> String {
    let (_, told) = ran.err.split_once("\nrunning ").unwrap_or_else(|| panic!("nothing ran:\n{}", ran.err));
    let lines = told.lines().map(|line| line.split("; finished in ").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_done_once_is_counted_in_each_test() {
    let shop = with_tests(&format!(
        "static WARM: std::sync::OnceLock<()> = std::sync::OnceLock::new();\n{}{}",
        warmed("a"),
        warmed("b")
    ));
    for order in [&["run"][..], &["run", "--", "--test-threads", "1"], &["run", "--", "b"]] {
        let ran = shop.perfassert(order).exits(0).says(&["shop api b                   0       1100"]);
        assert_eq!(ran.out.matches(" 1100\n").count(), ran.out.lines().count() - 1, "{}", ran.out);
    }
    // With a runner of the user's own all of them share a process, and that is said.
    let host = shop.command("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    shop.write(".cargo/config.toml", &format!("target.{host}.runner = [\"env\", \"MINE=1\"]\n"));
    shop.perfassert(&["run", "--", "--test-threads", "1"])
        .exits(0)
        .says(&["shop api a                   0       1100", "shop api b                   0        100"])
        .tells(&["run in one process, because ", ".cargo/config.toml sets a runner for ", "help: "]);
}

#[test]
fn a_failure_is_told_as_libtest_tells_it() {
    let shop = with_tests(
        "#[test]\nfn fails() {\n    println!(\"printed\");\n    std::process::Command::new(\"echo\").arg(\"uncaptured\").status().unwrap();\n    panic!(\"by itself\");\n}\n\
         #[test]\n#[should_panic]\nfn panics() {\n    panic!();\n}\n\
         #[test]\nfn aborts() {\n    std::process::abort();\n}\n\
         #[test]\n#[ignore = \"slow\"]\nfn ignored() {}\n",
    );
    let ran = shop.perfassert(&["run", "--", "--test-threads", "1"]).exits(101);
    let told = told(&ran);
    for text in [
        "4 tests\ntest aborts ... FAILED\nuncaptured\ntest fails ... FAILED\ntest ignored ... ignored, slow\n\
         test panics - should panic ... ok\n\nfailures:\n\n---- aborts ----\nits process ended before it did: signal: 6",
        "---- fails stdout ----\nprinted\n",
        "panicked at tests/api.rs",
        "\n\nfailures:\n    aborts\n    fails\n\ntest result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out\n",
        "perfassert: failed: aborts\nperfassert: failed: fails",
    ] {
        assert!(told.contains(text), "no `{text}` in\n{told}");
    }
}

#[test]
fn the_harness_s_options() {
    let test = |name: &str, rest: &str| {
        format!("#[test]\n{rest}\nfn {name}() {{\n    println!(\"{name} prints\");\n}}\n")
    };
    let shop = with_tests(&[test("one", ""), test("one_more", ""), test("slow", "#[ignore]")].concat());
    for (arguments, expected) in [
        (
            &["one"][..],
            "2 tests\ntest one ... ok\ntest one_more ... ok\n\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out",
        ),
        (&["one", "--exact"], "1 test\ntest one ... ok\n"),
        (&["--skip", "more"], "2 tests\ntest one ... ok\ntest slow ... ignored\n"),
        (&["--ignored"], "1 test\ntest slow ... ok\n"),
        (&["--include-ignored"], "3 tests\ntest one ... ok\ntest one_more ... ok\ntest slow ... ok\n"),
        (&["one", "--exact", "--nocapture"], "1 test\none prints\ntest one ... ok\n"),
        (
            &["one", "--exact", "--show-output"],
            "1 test\ntest one ... ok\n\nsuccesses:\n\n---- one stdout ----\none prints\n\n\nsuccesses:\n    one\n\ntest result: ok.",
        ),
        (&["none"], "0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out"),
        (&["one", "--exact", "--format", "terse"], "1 test\n."),
    ] {
        let ran = shop.perfassert(&[&["run", "--", "--test-threads", "1"], arguments].concat()).exits(4);
        let told = told(&ran);
        assert!(told.starts_with(expected), "{arguments:?}:\n{told}");
    }
    shop.perfassert(&["run", "--", "--format", "terse"])
        .exits(4)
        .tells(&["`--format` is not known test by test"]);
}

/// It runs once, with its arguments, whatever it makes of them.
#[test]
fn an_executable_without_a_harness() {
    let shop = with_tests("");
    let manifest = std::fs::read_to_string(shop.root.join("Cargo.toml")).unwrap();
    shop.write("Cargo.toml", &format!("{manifest}\n[[test]]\nname = \"own\"\nharness = false\n"));
    shop.write(
        "tests/own.rs",
        "fn main() {\n    println!(\"own runs with {:?}\", std::env::args().skip(1).collect::<Vec<_>>());\n    \
         shop::db::measured(\"shop\", \"own\", \"main\", |test| test.db().allocate(7));\n    \
         std::process::exit(i32::from(std::env::var_os(\"FAIL\").is_some()) * 3);\n}\n",
    );
    let ran =
        shop.perfassert(&["run", "--", "a"]).exits(0).says(&["shop own main                   0          7"]);
    assert_eq!(ran.err.matches("own runs with [\"a\"]").count(), 1, "{}", ran.err);
    let failed = shop.perfassert_command(&["run"]).env("FAIL", "1").output().unwrap();
    assert_eq!(failed.status.code(), Some(101), "{}", String::from_utf8_lossy(&failed.stderr));
}

/// It may hold the test's output open for ever.
#[test]
fn a_process_that_a_test_leaves_behind_is_not_waited_for() {
    let shop = with_tests(
        "#[test]\nfn leaves() {\n    measured(\"shop\", \"api\", \"leaves\", |_| {\n        \
         let _ = std::process::Command::new(\"sleep\").arg(\"60\").spawn().unwrap();\n    });\n}\n",
    );
    shop.perfassert(&["run"])
        .exits(0)
        .says(&["shop api leaves"])
        .tells(&["perfassert: leaves left a process behind, which holds its output open"]);
}
