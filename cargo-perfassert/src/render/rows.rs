//! What a cause did to each endpoint and each test.

use perfassert_record::record::TestId;

use super::words::{LISTED, also, numbers, part, seen_by};
use crate::report::{Finding, Row};

/// How many rows that are over a limit are shown, at most.
const OVER_LIMITS: usize = 50;

/// The rows of a finding that has several: a title, and for each row the place and what rose there. Tests with the same counts share a line.
pub(super) fn rows(finding: &Finding) -> Option<(String, Vec<[String; 2]>)> {
    let Finding { rows, metric, .. } = finding;
    if rows.len() < 2 {
        return None;
    }
    let mut lines: Vec<(&Row, String, Vec<TestId>)> = Vec::new();
    for row in rows {
        let is_endpoint = row.endpoint.is_some();
        let numbers = |metric| numbers(metric, row.before, row.after, row.counted, row.budget);
        let numbers = metric.as_ref().map(numbers).unwrap_or_default() + &part(finding, row);
        let beside = row.also.iter().map(also);
        let text = [numbers].into_iter().chain(beside).collect::<Vec<_>>().join("; ");
        let is_same = |line: &&mut (&Row, String, Vec<TestId>)| {
            !is_endpoint && line.0.endpoint.is_none() && line.1 == text
        };
        match lines.iter_mut().find(is_same) {
            Some(line) => line.2.extend(row.tests.iter().cloned()),
            None => lines.push((row, text, row.tests.clone())),
        }
    }
    // Whatever is over a limit is told.
    let is_told = |row: &Row| row.budget.is_some() || row.also.iter().any(|also| also.budget.is_some());
    let mut over = 0;
    let (shown, rest): (Vec<_>, Vec<_>) = lines.into_iter().enumerate().partition(|(index, (row, ..))| {
        over += usize::from(is_told(row));
        *index < LISTED || (is_told(row) && over <= OVER_LIMITS)
    });
    let name = |row: &Row, tests: &[TestId]| row.endpoint.clone().unwrap_or_else(|| seen_by(tests));
    let mut shown: Vec<_> =
        shown.into_iter().map(|(_, (row, text, tests))| [name(row, &tests), text]).collect();
    if !rest.is_empty() {
        shown.push([format!("and {} more", rest.len()), String::new()]);
    }
    Some((title(rows), shown))
}

/// `in 8 endpoints and 1 test:`
fn title(rows: &[Row]) -> String {
    let endpoints = rows.iter().filter(|row| row.endpoint.is_some()).count();
    let number = |n, what: &str| match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{n} {what}s")),
    };
    let both = [number(endpoints, "endpoint"), number(rows.len() - endpoints, "test")];
    format!("in {}:", both.into_iter().flatten().collect::<Vec<_>>().join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_without_what_they_have_in_common() {
        let check = |tests: &[[&str; 3]], expected: &str| {
            let tests = tests.iter().map(|[package, target, name]| TestId {
                package: (*package).to_owned(),
                target: (*target).to_owned(),
                name: (*name).to_owned(),
                case: None,
            });
            assert_eq!(seen_by(&tests.collect::<Vec<_>>()), expected);
        };
        check(&[["shop", "api", "orders::lists"]], "shop api orders::lists");
        check(&[["shop", "api", "lists"], ["shop", "api", "shows"]], "shop api: lists, shows");
        check(
            &[["shop", "api", "a::orders::lists"], ["shop", "api", "a::orders::shows"]],
            "shop api a::orders::{lists, shows}",
        );
        check(
            &[["shop", "api", "orders::lists"], ["shop", "api", "carts::lists"]],
            "shop api: orders::lists, carts::lists",
        );
        check(&[["shop", "shop", "a::lists"], ["shop", "shop", "a::shows"]], "shop a::{lists, shows}");
        check(&[["shop", "api", "lists"], ["shop", "web", "lists"]], "shop: api lists, web lists");
        check(&[["shop", "api", "lists"], ["cart", "api", "lists"]], "shop api lists, cart api lists");
    }
}
