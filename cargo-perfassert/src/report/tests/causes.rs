//! One cause, one finding: what one statement from one line did, endpoint by endpoint and test by test.

use perfassert_record::record::Site;
use perfassert_record::record::Statement;

use super::*;
use crate::explain::{Risen, Weight};
use crate::render::{json, markdown};

const AUDIT: &str = "INSERT INTO audit (path) VALUES (?)";
const MEANT: &str =
    "     help: if this is meant, say why in the pull request: once merged it is what is compared with";

/// Puts a statement on another line, of another function.
fn from(line: u32, function: &str) -> impl Fn(&mut Statement) {
    let site = Site { file: "src/audit.rs".into(), line, function: function.to_owned() };
    move |statement| statement.sites = vec![site.clone()]
}

fn compared(before: &[Record], after: &[Record]) -> Report {
    let changes = diff(&Run::repeated(before.to_vec()), &Run::repeated(after.to_vec()));
    report(&changes, &Policy::default(), Context::default())
}

#[test]
fn d59_one_new_statement_from_one_line_in_eight_endpoints_is_one_finding() {
    let endpoints = [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f"), (7, "g"), (8, "h")];
    let side = |audit: &[(u64, &str, u32)]| -> Vec<Record> {
        let of = |(n, name): &(u64, &str)| {
            let statements: Vec<_> = [(*n, "SELECT 1", 31)].iter().chain(audit).copied().collect();
            test(&format!("orders::{name}")).requests(&format!("GET /{name}"), 1, &statements)
        };
        endpoints.iter().map(of).collect()
    };
    let (before, mut after) = (side(&[]), side(&[(1, AUDIT, 42)]));
    after[6] = after[6].clone().budget(Metric::Queries, 7, Some("GET /g")).outcome(over());
    check(
        &before,
        &after,
        "
1 regression: 8 tests compared

more  GET /h   8 -> 9 queries in one request  (+1)  changed in this branch
         1x  INSERT INTO audit (path) VALUES (?)  (new)
             src/orders.rs:42  orders::list
     in 8 endpoints:
        GET /h   8 -> 9 queries in one request  (+1)
        GET /g   7 -> 8 queries in one request  (+1), budget 7
        GET /f   6 -> 7 queries in one request  (+1)
        GET /e   5 -> 6 queries in one request  (+1)
        GET /d   4 -> 5 queries in one request  (+1)
        GET /c   3 -> 4 queries in one request  (+1)
        GET /b   2 -> 3 queries in one request  (+1)
        GET /a   1 -> 2 queries in one request  (+1)
     seen by: shop api orders::{h, a, b, c, d, e, f, g}
     help: if this is meant, raise the budget: #[max_queries(8, endpoint = \"GET /g\")]
",
    );
    let report = compared(&before, &after);
    let mut text = Vec::new();
    markdown(&report, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("- in 8 endpoints:\n  - `GET /h`: 8 -&gt; 9 queries in one request  (+1)\n"),
        "{text}"
    );
    let mut text = Vec::new();
    json(&report, &mut text).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let finding = &json["findings"][0];
    assert_eq!((&finding["endpoint"], &finding["after"]), (&"GET /h".into(), &9.into()));
    let row = |n: usize| {
        let row = &finding["rows"][n];
        (row["endpoint"].as_str(), row["before"].as_i64(), row["after"].as_i64(), row["budget"].as_i64())
    };
    assert_eq!(row(0), (Some("GET /h"), Some(8), Some(9), None));
    assert_eq!(row(1), (Some("GET /g"), Some(7), Some(8), Some(7)));
    assert_eq!(finding["rows"].as_array().unwrap().len(), 8);
}

#[test]
fn d59_what_one_endpoint_has_besides_is_a_finding_of_its_own() {
    let before = |name: &str| test(name).requests(&format!("GET /{name}"), 1, &[ORDERS]);
    let after = |name: &str, more: &[(u64, &str, u32)]| {
        let statements: Vec<_> = [ORDERS, (1, AUDIT, 9)].iter().chain(more).copied().collect();
        let mut record = test(name).requests(&format!("GET /{name}"), 1, &statements);
        record.endpoints[0].counts.insert(Metric::Allocs, 60);
        record.of_statement(AUDIT, from(9, "audit::write"))
    };
    let with_allocs = |mut record: Record| {
        record.endpoints[0].counts.insert(Metric::Allocs, 50);
        record
    };
    check(
        &[before("a"), with_allocs(before("b")), with_allocs(before("c"))],
        &[after("a", &[]), after("b", &[(10, LINES, 40)]), after("c", &[])],
        &format!(
            "
2 regressions: 3 tests compared

N+1  GET /b   1 -> 12 queries in one request  (+11), of which this statement 0 -> 10
        10x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
     also: 50 -> 60 allocs in one request  (+10)
     seen by: shop api b
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
{MEANT}

more  GET /a   1 -> 2 queries in one request  (+1)
         1x  INSERT INTO audit (path) VALUES (?)  (new)
             src/audit.rs:9  audit::write
     in 3 endpoints:
        GET /a   1 -> 2 queries in one request  (+1)
        GET /c   1 -> 2 queries in one request  (+1); 50 -> 60 allocs in one request  (+10)
        GET /b   1 -> 12 queries in one request  (+11), of which this statement 0 -> 1
     seen by: shop api: a, b, c
{MEANT}
"
        ),
    );
}

/// Two lines are two causes, though the statement is the same.
#[test]
fn d59_the_same_statement_from_another_line_is_another_finding() {
    let before = |name: &str| test(name).requests(&format!("GET /{name}"), 1, &[ORDERS]);
    let after =
        |name: &str, line| test(name).requests(&format!("GET /{name}"), 1, &[ORDERS, (2, LINES, line)]);
    let report = compared(&[before("a"), before("b")], &[after("a", 40), after("b", 50)]);
    assert_eq!(report.findings.len(), 2, "{}", shown(&report));
}

#[test]
fn d60_an_endpoint_with_two_implementations_shows_both_lines() {
    let before = |name| test(name).requests(LIST, 1, &[ORDERS]);
    let after = |name, n, line| test(name).requests(LIST, 1, &[ORDERS, (n, LINES, line)]);
    check(
        &[before("old"), before("new")],
        &[after("old", 9, 40), after("new", 4, 50)],
        &format!(
            "
1 regression: 2 tests compared

N+1  GET /orders   1 -> 10 queries in one request  (+9)
         9x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
             src/orders.rs:50  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     seen by: shop api: old, new
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
{MEANT}
"
        ),
    );
}

#[test]
fn d61_a_budget_that_fails_is_told_whatever_test_leads() {
    let before = |name| test(name).requests(LIST, 1, &[ORDERS]);
    let after = |name, n| test(name).requests(LIST, 1, &[ORDERS, (n, LINES, 40)]);
    let limited = |name, n| after(name, n).budget(Metric::Queries, 4, Some(LIST)).outcome(over());
    check(
        &[before("a"), before("b")],
        &[after("a", 9), limited("b", 5)],
        "
1 regression: 2 tests compared

N+1  GET /orders   1 -> 10 queries in one request  (+9)
         9x  SELECT sku FROM lines WHERE order_id = ?  (new, N+1)
             src/orders.rs:40  orders::list
         1x  SELECT id FROM orders  (unchanged)
             src/orders.rs:31  orders::list
     also: GET /orders in shop api b, 1 -> 6 queries in one request  (+5), budget 4
     seen by: shop api: a, b
     help: load them in one statement: WHERE order_id = ANY(?), WHERE order_id IN (...), or a JOIN
     help: if this is meant, raise the budget: #[max_queries(6, endpoint = \"GET /orders\")]
",
    );
}

#[test]
fn an_n_plus_one_that_is_gone_is_headed_by_the_greatest_fall() {
    let side = |n: u64, name: &str, endpoint| match n {
        0 => test(name).requests(
            endpoint,
            1,
            &[ORDERS, (1, "SELECT sku FROM lines WHERE order_id = ANY(?)", 41)],
        ),
        n => test(name).requests(endpoint, 1, &[ORDERS, (n, LINES, 40)]),
    };
    check(
        &[side(4, "few", "GET /few"), side(30, "many", LIST)],
        &[side(0, "few", "GET /few"), side(0, "many", LIST)],
        "
no regression: 2 tests compared

N+1 gone  GET /orders   31 -> 2 queries in one request  (-29)
         1x  SELECT sku FROM lines WHERE order_id = ANY(?)  (new)
             src/orders.rs:41  orders::list
         0x  SELECT sku FROM lines WHERE order_id = ?  (gone, was 30x)
             src/orders.rs:40  orders::list
     in 2 endpoints:
        GET /orders   31 -> 2 queries in one request  (-29)
        GET /few      5 -> 2 queries in one request  (-3)
     seen by: shop api: many, few
",
    );
}

#[test]
fn one_function_that_allocates_more_is_one_finding() {
    let risen = |functions: &[(&str, u32, i64)]| {
        let risen = functions.iter().map(|(function, line, more)| Risen {
            function: (*function).to_owned(),
            site: (*line > 0).then(|| ("src/orders.rs".to_owned(), *line)),
            before: Weight::default(),
            after: Weight { allocs: *more, ..Weight::default() },
        });
        risen.collect::<Vec<_>>()
    };
    let of = |name: &str, allocs| test(name).counts(Metric::Allocs, allocs);
    let places = [
        (of("a", 0).test, risen(&[("orders::label", 42, 4), ("orders::sort", 9, 1)])),
        (of("b", 0).test, risen(&[("orders::sort", 9, 16), ("orders::label", 42, 14)])),
        (of("c", 0).test, risen(&[("json::text", 0, 7)])),
        (of("d", 0).test, risen(&[("json::text", 0, 6)])),
    ];
    let changes = diff(
        &Run::new(vec![of("a", 10), of("b", 10), of("c", 10), of("d", 10)]),
        &Run::new(vec![of("a", 15), of("b", 40), of("c", 17), of("d", 16)]),
    );
    let report =
        report(&changes, &Policy::default(), Context { places: places.into(), ..Context::default() });
    let text = shown(&report);
    let expected = format!(
        "3 regressions: 4 tests compared

more  shop api b   10 -> 40 allocs  (+30)
        +16  src/orders.rs:9  orders::sort  (new)
        +14  src/orders.rs:42  orders::label  (new)
     in 2 tests:
        shop api b   10 -> 40 allocs  (+30)
        shop api a   10 -> 15 allocs  (+5)
{MEANT}

more  shop api c   10 -> 17 allocs  (+7)
"
    );
    assert!(text.starts_with(&expected), "{text}");
}

/// A gate against N+1s fails in many tests for what stands in one line of their set-up.
#[test]
fn set_up_that_many_tests_share_is_told_once() {
    let of = |name: &str, n| {
        let failed = Outcome::OverBudget(vec![format!("N+1: {n}x the same statement")]);
        test(name).queries(&[(n, "INSERT INTO \"t\" (a) VALUES (?)", 7)]).outcome(failed)
    };
    check(
        &[],
        &[of("migrates::a", 6), of("migrates::b", 5), of("migrates::c", 5), test("other")],
        r#"
1 regression: 0 tests compared

over budget  shop api migrates::a
     N+1: 6x the same statement
         6x  INSERT INTO "t" (a) VALUES (?)  (new, N+1)
             src/orders.rs:7  orders::list
     in 3 tests:
        shop api migrates::{a, b, c}
     help: 3 of 4 tests do this outside of requests: if it is their set-up, leave it out with `perfassert::unmeasured`, or allow it in perfassert.toml:
           [[allow]]
           statement = "INSERT INTO \"t\" (a) VALUES (?)"
           reason = "set-up of 3 tests"

new tests:
     shop api migrates::a
     shop api migrates::b
     shop api migrates::c
     shop api other
"#,
    );
}
