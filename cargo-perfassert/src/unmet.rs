//! What met nothing in a run of all tests, and was most likely written otherwise than the code has it: a statement that may repeat, a
//! driver, a counter that has to stay at 0. A limit above 0 fails by itself where nobody counts.

use std::collections::BTreeSet;

use perfassert_record::counts::Metric;
use perfassert_record::record::{Outcome, Record};

use crate::measure::{Measured, Selection};
use crate::settings::Settings;
use crate::workspace::Workspace;

/// In words, each once. Nothing where not every test of the workspace was run and seen.
#[must_use]
pub fn unmet(workspace: &Workspace, selection: &Selection, measured: &Measured) -> Vec<String> {
    let records = &measured.run.records;
    let is_seen = |record: &Record| matches!(record.outcome, Outcome::Passed | Outcome::OverBudget(_));
    if !measured.is_whole() || !runs_all(workspace, selection) || !records.iter().all(is_seen) {
        return Vec::new();
    }
    let settings: Vec<_> = Settings::of_each(workspace).into_values().collect();
    let mut words = allowed(&settings, records);
    words.extend(drivers(&settings, workspace));
    words.extend(counters(records));
    words.into_iter().collect()
}

/// Whether these are the tests of all members.
fn runs_all(workspace: &Workspace, selection: &Selection) -> bool {
    let members = &workspace.metadata.workspace_members;
    let is_at_root = workspace.manifest.is_none() && workspace.dir == workspace.root();
    let tests_all = || is_at_root && workspace.metadata.workspace_default_members.len() == members.len();
    !selection.names_some() && (selection.workspace || members.len() == 1 || tests_all())
}

fn allowed(settings: &[Settings], records: &[Record]) -> BTreeSet<String> {
    let of_record = |record: &Record| {
        let of_endpoints = record.endpoints.iter().flat_map(|endpoint| &endpoint.statements);
        record
            .statements
            .iter()
            .chain(of_endpoints)
            .map(|statement| statement.fingerprint)
            .collect::<Vec<_>>()
    };
    let executed: BTreeSet<_> = records.iter().flat_map(of_record).collect();
    let entries = settings.iter().flat_map(|settings| &settings.allowed);
    let unmet = entries.filter(|(fingerprint, _)| !executed.contains(fingerprint));
    unmet.map(|(_, (statement, _))| format!("[[allow]] {statement}: no test executes it")).collect()
}

fn drivers(settings: &[Settings], workspace: &Workspace) -> BTreeSet<String> {
    let is_there = |name: &str| {
        let alike = |package: &str| package.replace('-', "_") == name.replace('-', "_");
        workspace.metadata.packages.iter().any(|package| alike(&package.name))
    };
    let named = settings.iter().flat_map(|settings| &settings.drivers);
    let unmet = named.filter(|name| !is_there(name));
    unmet.map(|name| format!("drivers = [{name:?}]: no package is called so")).collect()
}

fn counters(records: &[Record]) -> BTreeSet<String> {
    let limited = records.iter().flat_map(|record| {
        let counters = record.budgets.iter().map(|budget| &budget.metric);
        counters
            .filter(|metric| matches!(metric, Metric::Counter(_)))
            .map(|metric| (&record.test.package, metric))
    });
    let is_counted = |package: &str, metric: &Metric| {
        let of_package = records.iter().filter(|record| record.test.package == package);
        of_package.clone().any(|record| record.counts.get(metric).is_some())
    };
    let unmet = limited.filter(|(package, metric)| !is_counted(package, metric));
    unmet
        .map(|(package, metric)| match metric {
            Metric::Counter(name) => format!("max_count of {name:?} in {package}: nothing counts it"),
            other => format!("{other} in {package}: nothing counts it"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use perfassert_record::sql::normalize;

    use super::*;
    use crate::test_records::{Build, test};

    const MISS: &str = "cache.miss";

    #[test]
    fn a_counter_that_no_test_of_its_package_counts() {
        let limits = |name: &str| test("limits").budget(Metric::Counter(name.to_owned()), 0, None);
        let counts = |package: &str| {
            let mut record = test("counts").counts(Metric::Counter(MISS.to_owned()), 3);
            record.test.package = package.to_owned();
            record
        };
        let check = |records: &[Record], expected: &[&str]| {
            assert_eq!(counters(records).into_iter().collect::<Vec<_>>(), expected);
        };
        let unmet = ["max_count of \"cache.miss\" in shop: nothing counts it"];
        check(&[], &[]);
        check(&[limits(MISS)], &unmet);
        check(&[limits(MISS), counts("till")], &unmet);
        check(&[limits(MISS), counts("shop")], &[]);
    }

    #[test]
    fn a_statement_that_no_test_executes() {
        let settings = |sql: &str| {
            let allowed = (normalize(sql).fingerprint, (sql.to_owned(), "few".to_owned()));
            [Settings { allowed: [allowed].into(), ..Settings::default() }]
        };
        let sql = "SELECT rate FROM currencies WHERE code = ?";
        let mut record = test("rates").requests("GET /rates", 1, &[(1, sql, 3)]);
        record.statements.clear();
        record.endpoints[0].statements[0].fingerprint = normalize(sql).fingerprint;
        let unmet = ["[[allow]] SELECT rat: no test executes it".to_owned()];
        assert_eq!(
            allowed(&settings("select rate from currencies where code = $1"), &[record.clone()]),
            [].into()
        );
        assert_eq!(allowed(&settings("SELECT rat"), &[record]), unmet.into());
    }
}
