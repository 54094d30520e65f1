//! The same as Markdown.

use perfassert_record::record::Record;

use super::{LINES, LIST, ORDERS};
use crate::diff::diff;
use crate::git::Touched;
use crate::render::{MARKDOWN_LIMIT, markdown};
use crate::report::{Context, Policy, report};
use crate::runs::Run;
use crate::test_records::{Build, test};

fn text(before: Vec<Record>, after: Vec<Record>) -> String {
    let touched = Touched::parse("+++ src/orders.rs\n@@ -40 +42 @@\n");
    let changes = diff(&Run::repeated(before), &Run::repeated(after));
    let report = report(&changes, &Policy::default(), Context { touched, ..Context::default() });
    let mut text = Vec::new();
    markdown(&report, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_reviewer_sees_what_the_terminal_shows() {
    let text = text(
        vec![test("lists").requests(LIST, 1, &[ORDERS])],
        vec![test("lists").requests(LIST, 1, &[ORDERS, (10, LINES, 42)]).requests("GET /a|b", 1, &[])],
    );
    assert_eq!(
        text,
        "### perfassert: failed\n\
         \n\
         **1 regression**: 1 test compared\n\
         \n\
         #### N+1: `GET /orders`\n\
         \n\
         **1 -&gt; 11 queries in one request  (+10)**; changed in this branch\n\
         \n\
         - 10x `SELECT sku FROM lines WHERE order_id = ?` (new, N+1)\n  \
           - `src/orders.rs:42` `orders::list`\n\
         - 1x `SELECT id FROM orders` (unchanged)\n  \
           - `src/orders.rs:31` `orders::list`\n\
         - seen by: shop api lists\n\
         \n\
         > help: load them in one statement: WHERE order\\_id = ANY(?), WHERE order\\_id IN (...), or a JOIN  \n\
         > help: if this is meant, say why in the pull request: once merged it is what is compared with  \n\
         \n\
         <details><summary>new endpoints (1)</summary>\n\
         \n\
         - GET /a\\|b in shop api lists\n\
         \n\
         </details>\n"
    );
}

#[test]
fn nothing_changed() {
    let same = || vec![test("lists").requests(LIST, 1, &[ORDERS])];
    assert_eq!(text(same(), same()), "### perfassert: passed\n\nno regression: 1 test compared\n");
}

#[test]
fn d36_two_thousand_findings_are_a_comment() {
    let side = |n: u64| -> Vec<Record> {
        let each = (0..2000).map(|i| {
            let endpoint = format!("GET /a/rather/long/path/to/a/resource/of/the/shop/{i}/{{id}}");
            let line = 42 + u32::try_from(i).unwrap();
            test(&format!("number_{i}")).requests(&endpoint, 1, &[(n, "SELECT `a|b` FROM c", line)])
        });
        each.collect()
    };
    let text = text(side(1), side(3));
    assert!(text.len() <= MARKDOWN_LIMIT, "{}", text.len());
    // The room is used.
    assert!(text.len() > MARKDOWN_LIMIT - 1000, "{}", text.len());
    assert!(text.contains("**2000 regressions**: 2000 tests compared"), "{}", &text[..200]);
    assert_eq!(text.matches("\n#### ").count(), 10);
    assert!(text.contains("- 3x ``SELECT `a|b` FROM c`` (was 1x"), "{}", &text[..1000]);
    let (_, last) = text.trim_end().rsplit_once('\n').unwrap();
    let left_out: usize = last.split(' ').next().unwrap().parse().unwrap();
    let rows = text.matches("| more | ").count();
    assert_eq!(rows + 10 + left_out, 2000, "{last}");
}

#[test]
fn what_stands_in_a_test_is_no_markup() {
    let (before, after) = (test("<b>@team"), test("<b>@team"));
    let sql = "SELECT \"</details>\" FROM \"@team\"";
    let text =
        text(vec![before.requests("GET <a>", 1, &[])], vec![after.requests("GET <a>", 1, &[(1, sql, 42)])]);
    assert!(text.contains("#### new: `GET <a>`"), "{text}");
    assert!(text.contains("seen by: shop api &lt;b&gt;&#64;team"), "{text}");
    assert!(text.contains("`SELECT \"</details>\" FROM \"@team\"`"), "{text}");
}
