//! Every order of the attributes with every test attribute.
//!
//! Each module is one group: the same body under the same test attribute, so that the counts of its tests are equal.
//! Each test is run twice: with as many queries as its budget allows, and with one more.

mod actix;
mod plain;
mod rstest;
mod sqlx;
mod test_case;
mod test_log;
mod tokio;

use std::collections::BTreeMap;

use perfassert::Metric;
use perfassert::record::Outcome;

use crate::child::{self, Run};
use crate::work::{BUDGET, LEAST};

#[test]
fn at_the_budget_they_pass() {
    each_test(BUDGET, |run, name| {
        let record = run.record(name);
        let queries = record.counts.get(&Metric::Queries);
        let passed = run.printed.outcome(name) == "ok" && record.outcome == Outcome::Passed;
        (passed && queries == Some(4)).then_some(()).ok_or_else(|| format!("{:?}", record.counts))
    });
}

#[test]
fn one_over_the_budget_they_fail_and_say_so() {
    each_test(BUDGET + 1, |run, name| {
        let over = Outcome::OverBudget(vec!["5 queries, budget 4  (+1)".to_owned()]);
        let failed = run.printed.outcome(name) == "FAILED" && run.record(name).outcome == over;
        let said = run.printed.message(name).contains(" exceeded its budget\n  5 queries, budget 4  (+1)\n");
        (failed && said).then_some(()).ok_or_else(|| format!("{:?}", run.record(name).outcome))
    });
}

#[test]
fn they_count_the_same_allocations_within_a_group() {
    let mut groups: BTreeMap<String, (String, Option<i64>)> = BTreeMap::new();
    each_test(LEAST, |run, name| {
        let allocs = run.record(name).counts.get(&Metric::Allocs);
        let first = groups.entry(group(name).to_owned()).or_insert_with(|| (name.to_owned(), allocs));
        // On several threads tokio itself allocates once more or less, as it comes.
        let several = ["::multi_thread::", "::workers::"].iter().any(|group| name.contains(group));
        let apart = first.1.zip(allocs).map(|(a, b)| a.abs_diff(b));
        let same = apart.is_some_and(|apart| apart <= if several { 2 } else { 0 });
        same.then_some(()).ok_or_else(|| format!("{allocs:?} allocations, but {first:?}"))
    });
}

/// Runs all with as much work, and gathers what `check` has to say.
fn each_test(work: u32, mut check: impl FnMut(&Run, &str) -> Result<(), String>) {
    let run = child::run("orders::", work);
    let mut wrong = Vec::new();
    for name in run.names() {
        if let Err(what) = check(&run, name) {
            wrong.push(format!(
                "{name} {}: {what}\n{}",
                run.printed.outcome(name),
                run.printed.message(name)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The modules of a test: `orders::tokio::current_thread`.
fn group(name: &str) -> &str {
    let third = name.match_indices("::").nth(2).map_or(name.len(), |(at, _)| at);
    &name[..third]
}
