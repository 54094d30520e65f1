//! What is printed, and for whom.

use crate::project::{Project, Ran};

const LIST: &str = "db.query(\"SELECT id, customer_id, total FROM orders\");";

/// A branch with a regression.
fn worse() -> Project {
    let shop = Project::shop();
    shop.branch("src/lib.rs", LIST, &format!("{LIST}\n    db.query(\"SELECT count(*) FROM orders\");"));
    shop
}

#[test]
fn d37_the_summary_of_a_job_is_appended_to() {
    let shop = worse();
    let summary = shop.beside().join("summary.md");
    std::fs::write(&summary, "what was there\n").unwrap();
    let markdown = Ran::of(
        shop.perfassert_command(&["diff", "main", "--format", "markdown"])
            .env("GITHUB_STEP_SUMMARY", &summary),
    )
    .exits(100)
    .says(&[
        "### perfassert: failed\n\n**1 regression** against main (merge base ",
        "#### more: `GET /orders`",
    ]);
    let appended = std::fs::read_to_string(&summary).unwrap();
    assert_eq!(appended, format!("what was there\n{}", markdown.out));
    // Whatever is printed; and where it cannot be written, that is said.
    let again =
        Ran::of(shop.perfassert_command(&["diff", "main"]).env("GITHUB_STEP_SUMMARY", &summary)).exits(100);
    assert!(again.out.starts_with("perfassert: 1 regression"), "{}", again.out);
    assert_eq!(std::fs::read_to_string(&summary).unwrap().matches("### perfassert: failed").count(), 2);
    let nowhere = shop.beside().join("no/such/directory");
    Ran::of(shop.perfassert_command(&["diff", "main"]).env("GITHUB_STEP_SUMMARY", &nowhere))
        .exits(101)
        .tells(&["writing", "no/such/directory"]);
}

/// Where a value from the environment is sent to the database.
const SENDS_A_TOKEN: &str = "
fn find_session() {
    perfassert::endpoint(\"GET /session\", || {
        let token = std::env::var(\"TOKEN\").unwrap();
        for i in 0..3 {
            perfassert::query(&format!(\"SELECT id FROM sessions WHERE token = '{token}' AND id > {token}{i}\"));
        }
        perfassert::query(&format!(\"SELECT \\\"{token}\"));
    });
}

#[perfassert::max_queries(0)]
#[perfassert::no_n_plus_one]
#[perfassert::snapshot]
#[test]
fn finds_a_session() {
    find_session();
}
";

#[test]
fn d39_a_secret_literal_is_in_no_output() {
    const SECRET: &str = "48151623421108";
    let ledger = Project::ledger();
    let tests = std::fs::read_to_string(ledger.root.join("tests/api.rs")).unwrap();
    ledger.git(&["switch", "--quiet", "--create", "branch"]);
    ledger.write("tests/api.rs", &format!("{tests}{SENDS_A_TOKEN}"));
    let check = |mut command: std::process::Command, code| {
        let ran = Ran::of(command.env("TOKEN", SECRET)).exits(code);
        ran.shows(&["SELECT id FROM sessions WHERE token = ? AND id > ?"]).shows_nothing_of(&[SECRET]);
    };
    let mut test = ledger.command("cargo");
    test.args(["test", "--quiet"]);
    check(test, 101);
    for format in ["terminal", "markdown", "json"] {
        check(ledger.perfassert_command(&["diff", "main", "--format", format]), 100);
    }
    // Nor in a file: records, runs that were saved, what waits for review.
    let files_with = |text: &str| {
        let mut grep = ledger.command("grep");
        grep.args(["--recursive", "--files-with-matches", "--exclude-dir=debug", "--exclude-dir=.git", text]);
        Ran::of(&mut grep).out
    };
    let written = files_with("FROM sessions WHERE token = ?");
    assert!(written.contains("target/perfassert/runs/") && written.contains(".snap.new"), "{written}");
    assert_eq!(files_with(SECRET), "");
}

/// What comes from a test, a reference or a file of settings, and would say something else than it is.
#[test]
fn d72_control_characters_bidi_and_markdown() {
    let shop = Project::shop();
    let (escape, bidi) = ("\\u{1b}[2J", "\\u{202e}");
    shop.branch(
        "src/lib.rs",
        LIST,
        &format!(
            "println!(\"\\u{{1b}}]0;owned\\u{{7}} \\u{{1b}}[31mred\\u{{1b}}[0m\");\n    {LIST}\n    \
             db.query(\"SELECT `a`, \\\"{bidi}x{escape}\\\" FROM [b](http://c) WHERE @d\");"
        ),
    );
    shop.edit("tests/api.rs", "GET /orders\", s", &format!("GET /{escape}{bidi}`o`\", s"));
    shop.git(&["branch", "m@in_x", "main"]);
    shop.write("perfassert.toml", "drivers = [\"our\\u001b[2J-driver\"]\n");
    for format in ["terminal", "markdown", "json"] {
        let mut command =
            shop.perfassert_command(&["diff", "m@in_x", "--format", format, "--color", "always"]);
        let ran = Ran::of(command.args(["--", "--nocapture"])).exits(100);
        let all = format!("{}{}", ran.out, ran.err);
        for unclean in ["\u{1b}[2J", "\u{1b}]", "\u{7}", "\u{202e}"] {
            assert!(!all.contains(unclean), "{unclean:?} in {format}:\n{all:?}");
        }
        let json = if format == "json" { "\\" } else { "" };
        let ran = ran.says(&[&format!("{json}\\u{{202e}}x{json}\\u{{1b}}[2J")]);
        assert!(ran.err.contains("\u{1b}[31mred\u{1b}[0m"), "{:?}", ran.err);
        if format == "markdown" {
            ran.says(&["against m&#64;in\\_x (merge base", "``SELECT `a`, \""]);
        }
    }
}
