//! Tests and their limits as a file of sources declares them: a snapshot has the counts of its test, and no limits.

use std::collections::BTreeSet;

use perfassert_record::record::Budget;
use syn::{Item, ItemFn};

use super::attributes;

/// What stands in one file.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// Limits, by the path of the function that they stand on: `tests::lists_orders`.
    limits: Vec<(String, Vec<Budget>)>,
    /// The paths of the functions that have an attribute, as each test has.
    tests: Vec<String>,
    /// The words of what is made by macros.
    made: BTreeSet<String>,
}

impl Declared {
    /// As far as they are numbers, and not constants or hidden in a macro. There are none in what is not Rust.
    pub(crate) fn parse(text: &str) -> Self {
        let mut declared = Declared::default();
        match syn::parse_file(text) {
            Ok(file) => declared.add("", &file.items),
            Err(_) => declared.made.extend(words(text)),
        }
        declared
    }

    /// Whether the test with this path in its crate may stand here. In doubt, as where a macro makes tests, it may.
    pub(crate) fn may_have(&self, test: &str) -> bool {
        let name = test.rsplit("::").next().unwrap_or(test);
        self.tests.iter().any(|path| is_named(test, path)) || self.made.contains(name)
    }

    /// Those of the test with this path in its crate, of which the file may be a module.
    pub(crate) fn of(&self, test: &str) -> &[Budget] {
        let named = self.limits.iter().filter(|(path, _)| is_named(test, path));
        named.max_by_key(|(path, _)| path.len()).map_or(&[], |(_, budgets)| budgets)
    }

    fn add(&mut self, modules: &str, items: &[Item]) {
        for item in items {
            match item {
                Item::Fn(function) => {
                    let path = format!("{modules}{}", function.sig.ident);
                    if !function.attrs.is_empty() {
                        self.tests.push(path.clone());
                    }
                    self.limits.push((path, budgets(function)));
                }
                Item::Macro(call) => self.made.extend(words(&call.mac.tokens.to_string())),
                Item::Mod(module) => {
                    let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                    self.add(&format!("{modules}{}::", module.ident), items);
                }
                _ => {}
            }
        }
    }
}

/// Whether the function at `path` in its file may be the test with this path in its crate.
fn is_named(test: &str, path: &str) -> bool {
    test.strip_suffix(path).is_some_and(|modules| modules.is_empty() || modules.ends_with("::"))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').map(str::to_owned)
}

fn budgets(function: &ItemFn) -> Vec<Budget> {
    let limits = function.attrs.iter().flat_map(|attribute| {
        let name = attribute.path().segments.last().map(|segment| segment.ident.to_string());
        attributes::limits(&name.unwrap_or_default(), &attribute.meta)
    });
    limits
        .filter_map(|limit| Some(Budget { metric: limit.metric, max: limit.max?, endpoint: limit.endpoint }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        use perfassert::max_queries;

        #[max_queries(5, select = 3, insert = 1)]
        #[perfassert::max_queries(2, endpoint = "GET /orders")]
        #[tokio::test]
        async fn lists_orders() {}

        #[cfg(test)]
        mod tests {
            #[perfassert::max_allocs(1_000, bytes = "64 KiB", peak = "2 kB", live = 0, per_iter = 3)]
            #[perfassert::max_count("cache.miss" = 3)]
            #[test]
            fn lists_orders() {}

            #[max_queries(LIMIT)]
            #[max_queries(7)]
            #[ignore = "slow"]
            fn pages() {}
        }
    "#;

    #[track_caller]
    fn check(test: &str, expected: &[&str]) {
        let declared = Declared::parse(FILE);
        let shown = |budget: &Budget| {
            let of = budget.endpoint.as_ref().map(|endpoint| format!(" of {endpoint}")).unwrap_or_default();
            format!("{}{of}: {}", budget.metric, budget.max)
        };
        let found: Vec<_> = declared.of(test).iter().map(shown).collect();
        assert_eq!(found, expected, "{test}");
    }

    #[test]
    fn limits_are_those_of_the_function_with_the_tests_path() {
        check(
            "lists_orders",
            &["queries: 5", "queries.select: 3", "queries.insert: 1", "queries of GET /orders: 2"],
        );
        let allocs = [
            "allocs: 1000",
            "bytes: 65536",
            "bytes.peak: 2000",
            "bytes.live: 0",
            "allocs.per-iter: 3",
            "count.cache.miss: 3",
        ];
        check("tests::lists_orders", &allocs);
        check("orders::tests::lists_orders", &allocs);
        check("orders::tests::pages", &["queries: 7"]);
        check("pages", &[]);
        check("relists_orders", &[]);
    }

    #[test]
    fn d77_tests_that_may_stand_here() {
        let check = |text: &str, test: &str, expected: bool| {
            assert_eq!(Declared::parse(text).may_have(test), expected, "{test} in {text}");
        };
        check(FILE, "lists_orders", true);
        check(FILE, "orders::tests::pages", true);
        check(FILE, "pages", false);
        check("fn sums() {}", "sums", false);
        check("proptest! { #[test] fn sums(n in 0..9) {} }", "orders::sums", true);
        check("proptest! { #[test] fn sums(n in 0..9) {} }", "orders::sum", false);
        check("fn lists_orders( {", "lists_orders", true);
    }

    #[test]
    fn what_is_not_rust_has_no_limits() {
        assert!(Declared::parse("fn lists_orders( {").of("lists_orders").is_empty());
    }
}
