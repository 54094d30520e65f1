//! Limits for several tests at once: for all of them, and in `[[limit]]` for those of some names.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::counts::Metric;
use crate::spec::{Gate, MaxAllocs, MaxCount, MaxQueries};
use crate::sql::Kind;

/// What one entry limits, for tests and endpoints of some names.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    /// `api::orders::*`: the path of the test with its crate, or without; any test if absent.
    tests: Option<String>,
    /// `GET /orders*`; the whole test if absent.
    endpoint: Option<String>,
    max_queries: Option<Queries>,
    max_allocs: Option<Allocs>,
    max_count: Option<Counters>,
}

/// `30`, or `{ max = 30, select = 20 }`: the options of `#[max_queries]`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(try_from = "toml_07::Value")]
pub(super) struct Queries {
    max: Option<u64>,
    select: Option<u64>,
    insert: Option<u64>,
    update: Option<u64>,
    delete: Option<u64>,
    ddl: Option<u64>,
    copy: Option<u64>,
    other: Option<u64>,
}

/// `1000`, or `{ max = 1000, bytes = 65536 }`: the options of `#[max_allocs]` that a whole suite can have.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(try_from = "toml_07::Value")]
pub(super) struct Allocs {
    max: Option<u64>,
    bytes: Option<u64>,
    peak: Option<u64>,
    live: Option<u64>,
}

/// `{ "cache.miss" = 3 }`: counters of the user's own, as `#[max_count]` limits them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(try_from = "toml_07::Value")]
pub(super) struct Counters(BTreeMap<String, u64>);

/// The numbers of a limit by their names, all of which are among `known`; `max` for one without a name.
fn numbers(value: toml_07::Value, known: &[&str]) -> Option<BTreeMap<String, u64>> {
    let table = match value {
        toml_07::Value::Table(table) => table,
        other => toml_07::Table::from_iter([("max".to_owned(), other)]),
    };
    let numbers = by_name(table)?;
    numbers.keys().all(|name| known.contains(&name.as_str())).then_some(numbers)
}

/// The numbers of a table, if they are limits.
fn by_name(table: toml_07::Table) -> Option<BTreeMap<String, u64>> {
    let number = |value: &toml_07::Value| value.as_integer().and_then(|n| u64::try_from(n).ok());
    table.into_iter().map(|(name, value)| Some((name, number(&value)?))).collect()
}

impl TryFrom<toml_07::Value> for Queries {
    type Error = &'static str;

    fn try_from(value: toml_07::Value) -> Result<Self, &'static str> {
        let known = ["max", "select", "insert", "update", "delete", "ddl", "copy", "other"];
        let numbers =
            numbers(value, &known).ok_or("`max_queries` is a number, or { max = 30, select = 20, .. }")?;
        let [max, select, insert, update, delete, ddl, copy, other] =
            known.map(|name| numbers.get(name).copied());
        Ok(Queries { max, select, insert, update, delete, ddl, copy, other })
    }
}

impl TryFrom<toml_07::Value> for Allocs {
    type Error = &'static str;

    fn try_from(value: toml_07::Value) -> Result<Self, &'static str> {
        let known = ["max", "bytes", "peak", "live"];
        let numbers = numbers(value, &known)
            .ok_or("`max_allocs` is a number, or { max = 1000, bytes = 65536, peak = 8192, live = 0 }")?;
        let [max, bytes, peak, live] = known.map(|name| numbers.get(name).copied());
        Ok(Allocs { max, bytes, peak, live })
    }
}

impl TryFrom<toml_07::Value> for Counters {
    type Error = &'static str;

    fn try_from(value: toml_07::Value) -> Result<Self, &'static str> {
        let table = if let toml_07::Value::Table(table) = value { Some(table) } else { None };
        table.and_then(by_name).map(Counters).ok_or("`max_count` is { \"cache.miss\" = 3, .. }")
    }
}

impl Limit {
    /// For every test, what is set outside of any entry.
    pub(super) fn of_all(
        max_queries: Option<Queries>,
        max_allocs: Option<Allocs>,
        max_count: Option<Counters>,
    ) -> Self {
        Limit { max_queries, max_allocs, max_count, ..Limit::default() }
    }

    /// Whether it limits anything.
    pub(super) fn is_empty(&self) -> bool {
        self.max_queries.is_none() && self.max_allocs.is_none() && self.max_count.is_none()
    }

    /// Whether it would limit counters of an endpoint: there are none.
    pub(super) fn counts_in_an_endpoint(&self) -> bool {
        self.endpoint.is_some() && self.max_count.is_some()
    }

    /// Whether it limits a count that is taken where it is asked for.
    pub(crate) fn needs_memory(&self) -> bool {
        self.max_allocs.as_ref().is_some_and(|limits| limits.peak.is_some() || limits.live.is_some())
    }

    /// Whether it is for the test of this path in its crate.
    pub(crate) fn is_for(&self, crate_name: &str, path: &str) -> bool {
        let tests = self.tests.as_deref().unwrap_or("*");
        matches(tests, path) || matches(tests, &format!("{crate_name}::{path}"))
    }
}

/// The gates that `limits` are for the test of this path in its crate, which calls these endpoints and has `own` gates. The first that
/// limits a number of a test or an endpoint decides; what an attribute limits is the attribute's.
pub(crate) fn gates(
    limits: &[Limit],
    crate_name: &str,
    path: &str,
    endpoints: &[&str],
    own: &[Gate],
) -> Vec<Gate> {
    let mut taken: Vec<(Option<String>, Metric)> = own
        .iter()
        .flat_map(|gate| {
            let endpoint = gate.endpoint().map(str::to_owned);
            gate.limits().into_iter().map(move |(metric, _)| (endpoint.clone(), metric))
        })
        .collect();
    let mut gates = Vec::new();
    for limit in limits.iter().filter(|limit| limit.is_for(crate_name, path)) {
        let of: Vec<Option<&str>> = match &limit.endpoint {
            None => vec![None],
            Some(pattern) => {
                endpoints.iter().filter(|name| matches(pattern, name)).map(|name| Some(*name)).collect()
            }
        };
        for endpoint in of {
            for gate in
                limit.gates(endpoint, |metric| taken.contains(&(endpoint.map(str::to_owned), metric.clone())))
            {
                taken.extend(
                    gate.limits().into_iter().map(|(metric, _)| (endpoint.map(str::to_owned), metric)),
                );
                gates.push(gate);
            }
        }
    }
    gates
}

impl Limit {
    /// As gates of an endpoint or of the test, but for what is limited already.
    fn gates(&self, endpoint: Option<&str>, is_limited: impl Fn(&Metric) -> bool) -> Vec<Gate> {
        // A gate is an attribute's as a rule, and lives as long as the program.
        let endpoint = endpoint.map(|name| &*name.to_owned().leak());
        let left = |metric: Metric, max: Option<u64>| max.filter(|_| !is_limited(&metric));
        let kind = |kind, max| left(Metric::QueriesOf(kind), max);
        let queries = self.max_queries.as_ref().map(|limits| {
            Gate::MaxQueries(MaxQueries {
                max: left(Metric::Queries, limits.max),
                select: kind(Kind::Select, limits.select),
                insert: kind(Kind::Insert, limits.insert),
                update: kind(Kind::Update, limits.update),
                delete: kind(Kind::Delete, limits.delete),
                ddl: kind(Kind::Ddl, limits.ddl),
                copy: kind(Kind::Copy, limits.copy),
                other: kind(Kind::Other, limits.other),
                endpoint,
                is_for_all: true,
            })
        });
        let allocs = self.max_allocs.as_ref().map(|limits| {
            Gate::MaxAllocs(MaxAllocs {
                max: left(Metric::Allocs, limits.max),
                bytes: left(Metric::Bytes, limits.bytes),
                peak: left(Metric::BytesPeak, limits.peak),
                live: left(Metric::BytesLive, limits.live),
                endpoint,
                is_for_all: true,
                ..MaxAllocs::NONE
            })
        });
        let counter = |(name, max): (&String, &u64)| {
            let max = left(Metric::Counter(name.clone()), Some(*max))?;
            let counter = &*name.clone().leak();
            Some(Gate::MaxCount(MaxCount { counter, max, is_for_all: true }))
        };
        let counters = self.max_count.iter().flat_map(|limits| limits.0.iter().filter_map(counter));
        queries.into_iter().chain(allocs).chain(counters).filter(|gate| !gate.limits().is_empty()).collect()
    }
}

/// Whether `name` is what `pattern` says, in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        let check = |pattern: &str, name: &str, expected: bool| {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        };
        check("orders::list", "orders::list", true);
        check("orders::list", "orders::lists", false);
        check("orders::*", "orders::list::case_1", true);
        check("orders::*", "reorders::list", false);
        check("*", "", true);
        check("*::list", "api::orders::list", true);
        check("api::*::list*", "api::orders::list::case_1", true);
        check("*a*a", "a", false);
        check("GET /orders/{id}", "GET /orders/{id}", true);
    }

    /// The limits of the test `api::orders::list`, which calls two endpoints.
    #[track_caller]
    fn check(text: &str, own: &[Gate], expected: &[&str]) {
        #[derive(Deserialize)]
        struct File {
            limit: Vec<Limit>,
        }
        let File { limit } = toml_07::from_str(text).unwrap();
        let gates = gates(&limit, "api", "orders::list", &["GET /orders", "POST /orders"], own);
        let shown = gates.iter().flat_map(|gate| {
            let of = gate.endpoint().map(|of| format!(" of {of}")).unwrap_or_default();
            gate.limits().into_iter().map(move |(metric, max)| format!("{metric}{of}: {max}"))
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn the_first_that_limits_a_number_decides() {
        check("limit = [{ max_queries = 30 }]", &[], &["queries: 30"]);
        check(
            "limit = [{ tests = 'items::*', max_queries = 3 }, { max_queries = 30 }]",
            &[],
            &["queries: 30"],
        );
        check(
            "limit = [{ tests = 'orders::*', max_queries = 3 }, { max_queries = { max = 30, insert = 2 }, max_allocs = 9 }]",
            &[],
            &["queries: 3", "queries.insert: 2", "allocs: 9"],
        );
        check("limit = [{ tests = 'api::*', max_allocs = { bytes = 4096 } }]", &[], &["bytes: 4096"]);
        check(
            "limit = [{ endpoint = 'GET *', max_queries = 4 }, { endpoint = '*', max_queries = 9 }]",
            &[],
            &["queries of GET /orders: 4", "queries of POST /orders: 9"],
        );
        check(
            "limit = [{ max_allocs = { peak = 8192, live = 0 }, max_count = { 'cache.miss' = 3 } }]",
            &[],
            &["bytes.peak: 8192", "bytes.live: 0", "count.cache.miss: 3"],
        );
        let own = Gate::MaxQueries(MaxQueries { max: Some(70), ..MaxQueries::NONE });
        check("limit = [{ max_queries = { max = 30, select = 20 } }]", &[own], &["queries.select: 20"]);
    }
}
