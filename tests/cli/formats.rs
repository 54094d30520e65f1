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
