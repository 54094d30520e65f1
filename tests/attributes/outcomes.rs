//! A test's own outcome is kept, and one that failed leaves no counts (Q47).

use perfassert::record::Outcome;

use crate::child;

#[test]
fn the_tests_own_outcome_is_kept_and_recorded() {
    let run = child::run("outcomes::tests::", 0);
    let mut seen = Vec::new();
    let mut check = |name: &str, outcome, (recorded, has_counts): &(Outcome, bool), said: &str| {
        let name = format!("outcomes::tests::{name}");
        let record = run.record(&name);
        assert_eq!((run.printed.outcome(&name), &record.outcome), (outcome, recorded), "{name}");
        assert_eq!(record.counts.iter().next().is_some(), *has_counts, "{name}: {:?}", record.counts);
        assert_eq!(record.statements.is_empty(), !*has_counts, "{name}: {:?}", record.statements);
        assert_eq!(run.printed.message(&name), said, "{name}");
        seen.push(name);
    };
    let (passed, failed) = ((Outcome::Passed, true), (Outcome::Failed, false));
    let over_budget = (Outcome::OverBudget(vec!["1 query, budget 0  (+1)".to_owned()]), true);
    check("passes", "ok", &passed, "");
    check("passes_with_a_result", "ok", &passed, "");
    check("passes_asynchronously", "ok", &passed, "");
    check("panics", "FAILED", &failed, "its own");
    check("panics_asynchronously", "FAILED", &failed, "its own");
    check("panics_over_the_budget", "FAILED", &failed, "its own");
    check("panics_in_a_task", "FAILED", &failed, "its own");
    check("returns_an_error", "FAILED", &failed, "");
    check("returns_an_error_asynchronously", "FAILED", &failed, "");
    check("returns_an_error_over_the_budget", "FAILED", &failed, "");
    check("returns_an_exit_code", "FAILED", &failed, "");
    check("panics_as_it_should", "ok", &passed, "");
    check("panics_asynchronously_as_it_should", "ok", &passed, "");
    // Q63: a panic of the gates would be taken for the one that is to come.
    for (name, column) in [
        ("panics_over_the_budget_as_it_should", 8),
        ("panics_over_the_budget_asynchronously", 14),
        ("panics_over_the_budget_on_threads", 14),
    ] {
        check(
            name,
            "FAILED",
            &over_budget,
            &format!(
                "its own
perfassert: outcomes::tests::{name} exceeded its budget
  1 query, budget 0  (+1)

       1x  SELECT id FROM orders
           tests/attributes/outcomes.rs:LINE  outcomes::tests::query

  help: if this is meant, raise the budget: #[max_queries(1)]

perfassert: the test panicked as it should; it fails by returning instead
note: test did not panic as expected at tests/attributes/outcomes.rs:LINE:{column}"
            ),
        );
    }
    check("one_case_panics::case_1", "ok", &passed, "");
    check("one_case_panics::case_2", "ok", &passed, "");
    check("does_not_panic_as_expected", "FAILED", &failed, "");
    check("does_not_panic_over_the_budget", "FAILED", &failed, "");
    check("does_not_panic_asynchronously", "FAILED", &failed, "");
    assert_eq!(seen.len(), run.names().count(), "each test is looked at");
    let errors = run.printed.0.matches("Error: \"its own\"").count();
    assert_eq!(errors, 3, "each error is shown\n{}", run.printed.0);
}

mod tests {
    use std::process::ExitCode;

    use perfassert::{max_allocs, max_queries, no_n_plus_one};
    use rstest::rstest;

    fn query() {
        perfassert::query("SELECT id FROM orders");
    }

    #[max_queries(1)]
    #[no_n_plus_one]
    #[test]
    #[ignore = "run by the suite"]
    fn passes() {
        query();
    }

    #[max_queries(1)]
    #[test]
    #[ignore = "run by the suite"]
    fn passes_with_a_result() -> Result<(), String> {
        query();
        Ok(())
    }

    #[max_queries(1)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn passes_asynchronously() {
        query();
    }

    #[max_queries(1)]
    #[test]
    #[ignore = "run by the suite"]
    fn panics() {
        query();
        panic!("its own");
    }

    #[max_queries(1)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn panics_asynchronously() {
        query();
        panic!("its own");
    }

    #[max_queries(1)]
    #[max_allocs(0)]
    #[test]
    #[ignore = "run by the suite"]
    fn panics_over_the_budget() {
        query();
        query();
        panic!("its own");
    }

    #[max_queries(1)]
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "run by the suite"]
    async fn panics_in_a_task() {
        let task = tokio::spawn(async { query() });
        task.await.expect("the task ends");
        panic!("its own");
    }

    #[max_queries(1)]
    #[test]
    #[ignore = "run by the suite"]
    fn returns_an_error() -> Result<(), &'static str> {
        query();
        Err("its own")
    }

    #[max_queries(1)]
    #[tokio::test]
    #[ignore = "run by the suite"]
    async fn returns_an_error_asynchronously() -> Result<(), &'static str> {
        query();
        Err("its own")
    }

    #[max_queries(0)]
    #[test]
    #[ignore = "run by the suite"]
    fn returns_an_error_over_the_budget() -> Result<(), &'static str> {
        query();
        Err("its own")
    }

    #[max_queries(1)]
    #[test]
    #[ignore = "run by the suite"]
    fn returns_an_exit_code() -> ExitCode {
        query();
        ExitCode::from(7)
    }

    #[max_queries(1)]
    #[test]
    #[should_panic(expected = "its own")]
    #[ignore = "run by the suite"]
    fn panics_as_it_should() {
        query();
        panic!("its own");
    }

    #[tokio::test]
    #[should_panic(expected = "its own")]
    #[max_queries(1)]
    #[ignore = "run by the suite"]
    async fn panics_asynchronously_as_it_should() {
        query();
        panic!("its own");
    }

    #[should_panic(expected = "its own")]
    #[max_queries(0)]
    #[test]
    #[ignore = "run by the suite"]
    fn panics_over_the_budget_as_it_should() {
        query();
        panic!("its own");
    }

    #[tokio::test]
    #[max_queries(0)]
    #[should_panic]
    #[ignore = "run by the suite"]
    async fn panics_over_the_budget_asynchronously() {
        query();
        tokio::task::yield_now().await;
        panic!("its own");
    }

    #[should_panic(expected = "its own")]
    #[tokio::test(flavor = "multi_thread")]
    #[max_queries(0)]
    #[ignore = "run by the suite"]
    async fn panics_over_the_budget_on_threads() {
        tokio::spawn(async { query() }).await.unwrap();
        panic!("its own");
    }

    #[rstest]
    #[case(1)]
    #[should_panic(expected = "its own")]
    #[case(2)]
    #[ignore = "run by the suite"]
    #[max_queries(1)]
    fn one_case_panics(#[case] n: u32) {
        query();
        assert!(n < 2, "its own");
    }

    #[max_queries(1)]
    #[test]
    #[should_panic]
    #[ignore = "run by the suite"]
    fn does_not_panic_as_expected() {
        query();
    }

    #[should_panic]
    #[test]
    #[max_queries(0)]
    #[ignore = "run by the suite"]
    fn does_not_panic_over_the_budget() {
        query();
    }

    #[tokio::test]
    #[max_queries(0)]
    #[should_panic]
    #[ignore = "run by the suite"]
    async fn does_not_panic_asynchronously() {
        query();
    }
}
