//! `cargo perfassert run`, and what to run.

use crate::project::{Project, Ran};

#[test]
fn the_table() {
    let shop = Project::shop();
    let ran = shop.perfassert(&["run"]).exits(0);
    assert_eq!(
        ran.out,
        "test                     requests   queries     allocs\n\
         shop api lists_orders                     1          0\n\
         \x20 GET /orders                   1         1          0\n\
         shop api shows_an_order                   1        100\n\
         \x20 GET /orders/{id}              1         1        100\n"
    );
    let runs = shop.root.join("target/perfassert/runs");
    let last = std::fs::read_to_string(runs.join("last")).unwrap();
    let (records, damage) = perfassert::record::read_file(&runs.join(last)).unwrap();
    let names: Vec<_> = records.iter().map(|record| record.test.name.as_str()).collect();
    assert_eq!((names, damage.len()), (vec!["lists_orders", "shows_an_order"], 0));
}

#[test]
fn for_programs_and_for_a_summary() {
    let shop = Project::shop();
    let json = shop.perfassert(&["run", "--format", "json"]).exits(0).out;
    let run: serde_json::Value = serde_json::from_str(&json).unwrap();
    let (first, second) = (&run["tests"][0], &run["tests"][1]);
    let check =
        |found: &serde_json::Value, expected: serde_json::Value| assert_eq!(*found, expected, "{json}");
    check(&run["format"], 1.into());
    check(&first["test"]["name"], "lists_orders".into());
    check(&first["outcome"], "passed".into());
    check(&second["counts"], serde_json::json!({ "queries": 1, "allocs": 100 }));
    check(&second["endpoints"][0]["endpoint"], "GET /orders/{id}".into());
    let statement = &second["endpoints"][0]["statements"][0];
    check(&statement["sql"], "SELECT id, total FROM orders WHERE id = ?".into());
    check(&statement["sites"][0]["file"], "src/lib.rs".into());
    let markdown = shop.perfassert(&["run", "--format", "markdown", "shows"]).exits(0);
    assert_eq!(
        markdown.out,
        "| test | requests | queries | allocs | |\n|---|--:|--:|--:|---|\n\
         | `shop api shows_an_order` |  | 1 | 100 |  |\n\
         | &emsp;`GET /orders/{id}` | 1 | 1 | 100 |  |\n"
    );
}

#[test]
fn its_exit_codes() {
    let shop = Project::shop();
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "test.max_queries(0);\n        test.request(\"GET /orders\", s",
    );
    shop.perfassert(&["run"]).exits(100).says(&["over budget"]);
    shop.edit("tests/api.rs", "test.max_queries(0);", "assert!(false);");
    shop.perfassert(&["run"]).exits(101).says(&["failed"]).tells(&["failed: lists_orders"]);
    shop.edit("tests/api.rs", "assert!(false);", "std::process::abort();");
    shop.perfassert(&["run", "lists"]).exits(101);
    shop.perfassert(&["run", "--no-such-option"]).exits(2).tells(&["--no-such-option"]);
    let of_nextest = shop.perfassert(&["run", "-E", "all()"]).exits(2);
    of_nextest.tells(&["--filterset is not taken", "cargo install cargo-nextest --locked"]);
    shop.perfassert(&["run", "--doc"]).exits(2).tells(&["--doc is not taken: ", "help: run them apart"]);
}

/// Q62: what was written otherwise than the code has it.
#[test]
fn what_met_nothing_in_all_tests() {
    let shop = Project::shop();
    let allow = |sql: &str| format!("[[allow]]\nstatement = {sql:?}\nreason = \"few\"\n");
    let (typo, met) = (allow("SELECT id FROM order"), allow("select id, customer_id, total from orders"));
    shop.write("perfassert.toml", &format!("drivers = [\"our-mysq\", \"serde\"]\n{typo}{met}"));
    let unmet = [
        "met nothing: [[allow]] SELECT id FROM order: no test executes it",
        "met nothing: drivers = [\"our-mysq\"]: no package is called so",
    ];
    let ran = shop.perfassert(&["run"]).exits(0).tells(&unmet);
    assert_eq!(ran.err.matches("met nothing").count(), 2, "{}", ran.err);
    shop.perfassert(&["diff", "HEAD"]).exits(0).says(&[
        "met nothing: is it written as the code has it?",
        "[[allow]] SELECT id FROM order: no test executes it",
    ]);
    // Of some tests it says nothing.
    let ran = shop.perfassert(&["run", "lists"]).exits(0);
    assert!(!ran.err.contains("met nothing"), "{}", ran.err);
}

#[test]
fn what_most_tests_repeat_in_their_set_up_is_told_once() {
    let shop = Project::shop();
    let migrated: String = ["a", "b", "c"]
        .iter()
        .map(|name| format!("\n#[test]\nfn {name}() {{\n    measured(\"shop\", \"api\", {name:?}, |test| shop::migrate(test.db()));\n}}\n"))
        .collect();
    let migrate = "\npub fn migrate(db: &mut Db) {\n    for _ in 0..5 {\n        db.query(\"INSERT INTO \\\"steps\\\" (n) VALUES (?)\");\n    }\n}\n";
    shop.edit("src/lib.rs", "use db::Db;\n", &format!("use db::Db;\n{migrate}"));
    shop.edit("tests/api.rs", "use shop::db::measured;\n", &format!("use shop::db::measured;\n{migrated}"));
    let ran = shop.perfassert(&["run"]).exits(0).tells(&[
        "repeated in each of 3 tests: INSERT INTO \"steps\" (n) VALUES (?)\n      src/lib.rs:",
        "help: 3 of 5 tests do this outside of requests: if it is their set-up, leave it out with `perfassert::unmeasured`",
        "[[allow]]\n      statement = \"INSERT INTO \\\"steps\\\" (n) VALUES (?)\"\n      reason = \"set-up of 3 tests\"\n",
    ]);
    assert_eq!(ran.err.matches("[[allow]]").count(), 1, "{}", ran.err);
}

#[test]
fn d49_nothing_measured() {
    let shop = Project::shop();
    shop.perfassert(&["run", "--", "no_such_test"])
        .exits(4)
        .tells(&["nothing was measured", "#[perfassert::max_queries(5)]"]);
    shop.perfassert(&["diff", "main", "--", "no_such_test"]).exits(4).tells(&["nothing was measured"]);
    shop.write("Cargo.toml", "[package]\nname = \"shop\"\nedition = \"2024\"\n");
    shop.write("src/lib.rs", "");
    shop.write("tests/api.rs", "");
    shop.perfassert(&["run"])
        .exits(4)
        .tells(&["no package of this workspace depends on perfassert", "cargo add --dev perfassert"]);
}

/// What a crash has cut off can be looked at when the run is over.
#[test]
fn a_damaged_record_is_kept() {
    let shop = Project::shop();
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "let dir = std::env::var_os(\"PERFASSERT_RECORD_DIR\").unwrap();\n        \
         std::fs::write(std::path::Path::new(&dir).join(\"cut.jsonl\"), \"{\\\"format\\\":2,\").unwrap();\n        \
         test.request(\"GET /orders\", s",
    );
    let ran = shop.perfassert(&["run"]).exits(101).tells(&["perfassert: damaged record: "]);
    let (_, told) = ran.err.split_once("damaged record: ").unwrap();
    let (file, _) = told.split_once(":1: ").unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), "{\"format\":2,");
    let left = std::fs::read_dir(shop.root.join("target")).unwrap().flatten();
    assert_eq!(left.filter(|entry| entry.file_name().to_string_lossy().contains("records-")).count(), 0);
}

/// Of what `cargo test` takes, too: what is shown of cargo and of the tests.
#[test]
fn what_is_shown() {
    let shop = Project::shop();
    let optimised = "perfassert: the first build compiles perfassert and what reads debug information";
    let verbose =
        shop.perfassert(&["run", "-v", "--color", "always", "--no-fail-fast", "--ignore-rust-version"]);
    verbose.exits(0).says(&["\u{1b}[1mshop api lists_orders"]).tells(&[
        "--crate-name shop",
        "test lists_orders ... ",
        optimised,
    ]);
    shop.write(
        "src/lib.rs",
        &(std::fs::read_to_string(shop.root.join("src/lib.rs")).unwrap() + "\n// again\n"),
    );
    let quiet = shop.perfassert(&["run", "-q", "--message-format", "short"]).exits(0).says(&["lists_orders"]);
    assert_eq!(quiet.err, "");
    shop.perfassert(&["run"]).exits(0).shows_nothing_of(&[optimised]);
    // What fails is shown, and known by its name.
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "panic!(\"no such table\");\n        test.request(\"GET /orders\", s",
    );
    shop.perfassert(&["run", "--quiet"]).exits(101).tells(&["failed: lists_orders", "no such table"]);
}

#[test]
fn doctests_are_left_out() {
    let shop = Project::shop();
    shop.edit("src/lib.rs", "pub mod db;", "/// ```\n/// panic!();\n/// ```\npub mod db;");
    let ran = shop.perfassert(&["run"]).exits(0);
    assert!(!ran.err.contains("Doc-tests"), "{}", ran.err);
}

/// A virtual workspace whose packages have a test of the same name.
fn workspace() -> Project {
    let shop = Project::shop();
    let perfassert = std::fs::read_to_string(shop.root.join("Cargo.toml")).unwrap();
    let dependencies = perfassert.split("[dependencies]").nth(1).unwrap().to_owned();
    let test = |package: &str, n: &str| {
        format!(
            "#[test]\nfn same() {{\n    shop::db::measured({package:?}, \"api\", \"same\", |test| {{\n        for _ in 0..{n} {{\n            test.db().query(\"SELECT 1\");\n        }}\n    }});\n}}\n"
        )
    };
    for (package, n) in [("cart", "1"), ("stock", "2")] {
        shop.write(&format!("{package}/Cargo.toml"), &format!("[package]\nname = {package:?}\nedition = \"2024\"\n[lib]\ntest = false\n[dependencies]\nshop = {{ path = \"..\" }}\n"));
        shop.write(&format!("{package}/src/lib.rs"), "");
        shop.write(&format!("{package}/tests/api.rs"), &test(package, n));
    }
    shop.write("Cargo.toml", &format!("[workspace]\nmembers = [\"cart\", \"stock\"]\n{}", format_args!("[package]\nname = \"shop\"\nedition = \"2024\"\n[lib]\ntest = false\n[dependencies]{dependencies}")));
    assert!(
        shop.command("cargo").args(["metadata", "--format-version=1"]).output().unwrap().status.success()
    );
    shop.commit("a workspace");
    shop
}

#[test]
fn d32_packages_and_members() {
    let shop = workspace();
    shop.branch("stock/tests/api.rs", "0..2", "0..3");
    shop.perfassert(&["diff", "main", "-p", "cart"]).exits(0).says(&["1 test compared"]);
    shop.perfassert(&["diff", "main", "--workspace", "--exclude", "cart"])
        .exits(100)
        .says(&["3 tests compared", "more  stock api same   2 -> 3 queries  (+1)"]);
    shop.perfassert(&["run", "--workspace", "--test", "api", "same"])
        .exits(0)
        .says(&["cart api same", "stock api same"]);
    // Cargo knows no such package: that is said once, and last.
    let typo = shop.perfassert(&["run", "-p", "stok"]).exits(101);
    assert!(typo.err.starts_with("error: package ID specification `stok` did not match"), "{}", typo.err);
    assert!(!typo.err.contains("perfassert:"), "{}", typo.err);
    // From inside a member that one alone is measured, on both sides; a manifest that is named decides from anywhere.
    let inside = |dir: &std::path::Path, arguments: &[&str]| {
        let output = shop.perfassert_command(arguments).current_dir(dir).output().unwrap();
        assert_eq!(output.status.code(), Some(100), "{}", String::from_utf8_lossy(&output.stderr));
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            out.contains(": 1 test compared") && out.contains("more  stock api same   2 -> 3 queries"),
            "{out}"
        );
    };
    inside(&shop.root.join("stock"), &["diff", "main"]);
    inside(&shop.root.join("cart"), &["diff", "main", "--manifest-path", "../stock/Cargo.toml"]);
    // A package that the branch adds has no counterpart, and is no error.
    shop.edit("Cargo.toml", "\"stock\"]", "\"stock\", \"parcel\"]");
    shop.write(
        "parcel/Cargo.toml",
        "[package]\nname = \"parcel\"\nedition = \"2024\"\n[dependencies]\nshop = { path = \"..\" }\n",
    );
    shop.write("parcel/src/lib.rs", "");
    shop.write("parcel/tests/api.rs", "#[test]\nfn new() {\n    shop::db::measured(\"parcel\", \"api\", \"new\", |test| test.db().query(\"SELECT 1\"));\n}\n");
    shop.perfassert(&["diff", "main", "-p", "parcel"])
        .exits(0)
        .says(&["has none of these packages or tests yet", "new tests:\n     parcel api new"]);
}

/// A baseline is kept package by package: what it has of those asked for is not measured again.
#[test]
fn d32_a_kept_baseline_serves_a_part_of_it() {
    let shop = workspace();
    shop.branch("stock/tests/api.rs", "0..2", "0..1 + 1");
    let diff = |arguments: &[&str], expected: &str| {
        let ran = shop.perfassert(&[&["diff", "main"], arguments].concat()).exits(0);
        ran.says(&[expected]).says_nothing_of(&["removed tests"])
    };
    diff(&["-p", "cart"], "rebuilt): 1 test compared");
    // What it lacks is measured, and added.
    diff(&["--workspace"], "rebuilt): 4 tests compared").tells(&["measured before, but for shop, stock\n"]);
    diff(&["--workspace"], "measured before): 4 tests compared");
    diff(&["-p", "stock", "-p", "cart"], "measured before): 2 tests compared");
    let mut inside = shop.perfassert_command(&["diff", "main"]);
    Ran::of(inside.current_dir(shop.root.join("cart/src")))
        .exits(0)
        .says(&["measured before): 1 test compared"]);
    // What was asked for of a part is not lost to another.
    diff(&["-p", "cart", "--rebuild"], "rebuilt): 1 test compared");
    diff(&["--workspace", "--exclude", "shop"], "measured before): 2 tests compared");
    // A package that the branch removes is one of all.
    shop.edit("Cargo.toml", "\"cart\", ", "");
    shop.git(&["rm", "-r", "--quiet", "cart"]);
    let removed = "removed tests:\n     cart api same";
    let all = || shop.perfassert(&["diff", "main", "--workspace"]).exits(0);
    all().says(&["3 tests compared", removed]);
    all().says(&["measured before): 3 tests compared", removed]);
}

/// With nextest, where it is installed, the same is found.
#[test]
fn nextest() {
    let shop = Project::shop();
    let installed = shop.command("cargo").args(["nextest", "--version"]).output().unwrap().status.success();
    if !installed {
        return;
    }
    shop.edit(
        "tests/api.rs",
        "use shop::db",
        "#[test]\nfn plain() {\n    assert!(std::env::var_os(\"FAIL\").is_none());\n}\n\nuse shop::db",
    );
    shop.edit(
        "tests/api.rs",
        "test.request(\"GET /orders\", s",
        "test.max_queries(0);\n        test.request(\"GET /orders\", s",
    );
    let nextest = ["run", "--runner", "nextest"];
    shop.perfassert(&nextest).exits(100).says(&["over budget"]).tells(&["Nextest run ID"]);
    let output = shop.perfassert_command(&nextest).env("FAIL", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(101));
    assert!(String::from_utf8_lossy(&output.stderr).contains("failed: shop::api plain"));
    shop.perfassert(&["run", "--runner", "nextest", "-E", "test(shows)"]).exits(0).says(&["shows_an_order"]);
    shop.perfassert(&["run", "--runner", "nextest", "--", "no_such_test"]).exits(4);
}

/// Its process ends as if all were well.
#[test]
fn d80_a_test_that_exits_before_it_is_judged() {
    let ledger = Project::ledger();
    let measured = |code: &str| {
        format!(
            "#[perfassert::max_queries(5)]\n#[test]\nfn lists_entries() {{\n    ledger::list_entries();\n{code}}}\n\n\
             #[perfassert::max_queries(5)]\n#[test]\nfn shows_an_entry() {{\n    ledger::show_entry();\n}}\n"
        )
    };
    ledger.write("tests/api.rs", &measured(""));
    ledger.commit("budgets");
    ledger.branch("tests/api.rs", &measured(""), &measured("    std::process::exit(0);\n"));
    // Test by test the harness itself is missed.
    ledger
        .perfassert(&["run"])
        .exits(101)
        .tells(&["failed: lists_entries", "its process ended before it did"]);
    // With a runner of the user's own all tests are in one process.
    let mut together = ledger.perfassert_command(&["run"]);
    together.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", "env");
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        Ran::of(&mut together).exits(101);
    }
    if !ledger.command("cargo").args(["nextest", "--version"]).output().unwrap().status.success() {
        return;
    }
    let ran = ledger.perfassert(&["run", "--runner", "nextest"]).exits(101);
    ran.says(&["shows_an_entry"]).tells(&["no record: ledger api lists_entries", "std::process::exit"]);
    ledger
        .perfassert(&["diff", "main", "--runner", "nextest"])
        .exits(101)
        .says(&["1 test without a record against main", "std::process::exit", "ledger api lists_entries"])
        .says_nothing_of(&["removed tests"]);
    // On the other side nothing was counted to compare with.
    ledger.edit("tests/api.rs", "    std::process::exit(0);\n", "");
    ledger
        .perfassert(&["diff", "HEAD", "--runner", "nextest"])
        .exits(0)
        .says(&["no record on the baseline, not compared:\n     ledger api lists_entries"]);
}

/// Its process ends before its scope is open: in a fixture, or before `main`.
#[cfg(target_os = "linux")]
#[test]
fn a_test_that_exits_before_it_begins() {
    let ledger = Project::ledger();
    let tests = "use perfassert::max_queries;\n\n\
                 #[max_queries(5)]\n#[test]\nfn lists_entries() {\n    ledger::list_entries();\n}\n\n\
                 #[max_queries(5)]\n#[test]\nfn shows_an_entry() {\n    ledger::show_entry();\n}\n\n\
                 #[test]\nfn is_not_measured() {}\n\n\
                 #[max_queries(5)]\n#[ignore = \"slow\"]\n#[test]\nfn is_ignored() {}\n\n\
                 #[cfg_attr(any(), max_queries(5))]\n#[test]\nfn is_measured_elsewhere() {}\n";
    ledger.write("tests/api.rs", tests);
    ledger.commit("budgets");
    if !ledger.command("cargo").args(["nextest", "--version"]).output().unwrap().status.success() {
        return;
    }
    ledger.perfassert(&["run", "--runner", "nextest"]).exits(0).shows_nothing_of(&["no record"]);
    let exit = "\n#[unsafe(link_section = \".init_array\")]\n#[used]\nstatic EXIT: extern \"C\" fn() = {\n    \
                extern \"C\" fn exit() {\n        \
                if std::env::args().any(|argument| argument == \"lists_entries\") {\n            \
                std::process::exit(0);\n        }\n    }\n    exit\n};\n";
    ledger.branch(
        "tests/api.rs",
        "use perfassert::max_queries;\n",
        &format!("use perfassert::max_queries;\n{exit}"),
    );
    ledger
        .perfassert(&["run", "--runner", "nextest"])
        .exits(101)
        .tells(&["no record: ledger api lists_entries"])
        .shows_nothing_of(&["no record: ledger api is_"]);
    ledger
        .perfassert(&["diff", "main", "--runner", "nextest"])
        .exits(101)
        .says(&["1 test without a record against main", "ledger api lists_entries"])
        .says_nothing_of(&["removed tests", "is_not_measured"]);
}

/// Offline there may be no packages of other platforms: no build here needs them.
#[cfg(unix)]
#[test]
fn packages_of_other_platforms_are_not_needed() {
    let shop = Project::shop();
    let lock = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("Cargo.lock");
    shop.write("Cargo.lock", &std::fs::read_to_string(lock).unwrap());
    let manifest = std::fs::read_to_string(shop.root.join("Cargo.toml")).unwrap();
    shop.write(
        "Cargo.toml",
        &format!("{manifest}\n[target.'cfg(windows)'.dependencies]\nwindows-link = \"*\"\n"),
    );
    let home = cargo_home_without(&shop.beside().join("cargo"), "windows-link-");
    let mut metadata = shop.command("cargo");
    metadata.args(["metadata", "--format-version=1"]).env("CARGO_HOME", &home);
    Ran::of(&mut metadata).exits(101).tells(&["windows-link"]);
    Ran::of(shop.perfassert_command(&["run"]).env("CARGO_HOME", &home))
        .exits(0)
        .says(&["shop api lists_orders"]);
}

/// What cargo has downloaded, but for the packages whose name begins so.
#[cfg(unix)]
fn cargo_home_without(home: &std::path::Path, package: &str) -> std::path::PathBuf {
    use std::os::unix::fs::symlink;
    let real = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let real =
        real.unwrap_or_else(|| std::path::Path::new(&std::env::var_os("HOME").unwrap()).join(".cargo"));
    let names = |dir: &std::path::Path| {
        let entries = std::fs::read_dir(dir).unwrap().map(Result::unwrap);
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let (cache, real_cache) = (home.join("registry/cache"), real.join("registry/cache"));
    for registry in names(&real_cache) {
        std::fs::create_dir_all(cache.join(&registry)).unwrap();
        for file in names(&real_cache.join(&registry)).iter().filter(|file| !file.starts_with(package)) {
            symlink(real_cache.join(&registry).join(file), cache.join(&registry).join(file)).unwrap();
        }
    }
    for dir in ["index", "src"] {
        symlink(real.join("registry").join(dir), home.join("registry").join(dir)).unwrap();
    }
    home.to_owned()
}
