//! Why the numbers of a gate mean nothing, and what to do about it.

use crate::counts::Metric;
use crate::inconclusive::Inconclusive;
use crate::observation::Observation;
use crate::spec::Gate;
use crate::sql::Class;

pub(super) fn nothing_iterated() -> Inconclusive {
    Inconclusive::to_everything(
        "the test limits the allocations per iteration, and never called `perfassert::per_iter`",
        "call it with the hot path: perfassert::per_iter(100, || parse(&line))",
    )
}

pub(crate) fn allocator_not_installed() -> Inconclusive {
    Inconclusive::to_everything(
        "the counting allocator is not the one that this program runs on",
        "turn on the default feature `allocator` of perfassert; where it is off for another member of the workspace,\n\
         add two lines to this test program:\n\
         #[global_allocator]\n\
         static GLOBAL: perfassert::Alloc = perfassert::Alloc::system();\n\
         one that has an allocator of its own wraps it: perfassert::Alloc<Jemalloc> = perfassert::Alloc::new(Jemalloc)",
    )
}

pub(super) fn no_source() -> Inconclusive {
    Inconclusive::to_queries(
        "this build of perfassert listens to no driver, and `perfassert::query` was not called",
        "turn on the feature of the driver, for example: perfassert = { version = \"0.1\", features = [\"sqlx\"] }",
    )
}

pub(super) fn nothing_observed(gate: &Gate, observed: &Observation) -> Inconclusive {
    let of_the_test = observed.test.count(&Metric::Queries);
    if let Some(endpoint) = gate.endpoint().filter(|_| of_the_test > 0) {
        return spawned(endpoint, of_the_test);
    }
    let sources = &observed.sources;
    let (subject, none) = match (gate, gate.endpoint()) {
        (_, Some(endpoint)) => {
            (format!("`{endpoint}`"), format!("#[max_queries(0, endpoint = \"{endpoint}\")]"))
        }
        (Gate::Scaling(_), None) => {
            ("the test".to_owned(), "#[max_queries(0)], and no `queries` in #[scaling]".to_owned())
        }
        (_, None) => ("the test".to_owned(), "#[max_queries(0)]".to_owned()),
    };
    Inconclusive::to_queries(
        format!(
            "no query of {subject} was observed; perfassert listens to: {}",
            if sources.is_empty() { "perfassert::query".to_owned() } else { sources.join(", ") }
        ),
        format!(
            "if it sends any, look for what hides them: `log_statements(LevelFilter::Off)`, `sqlx_logging(false)`,\n\
             or a driver whose feature of perfassert is not on\n\
             if it is to send none, say so: {none}"
        ),
    )
}

/// What a handler spawns is the test's, unless it carries a span of the request.
fn spawned(endpoint: &str, of_the_test: i64) -> Inconclusive {
    let queries = if of_the_test == 1 { "1 query".to_owned() } else { format!("{of_the_test} queries") };
    Inconclusive::to_queries(
        format!("no query of `{endpoint}` was observed; the test as a whole saw {queries}"),
        format!(
            "what a handler spawns counts for the test: let it carry the span, `tokio::spawn(work.in_current_span())`,\n\
             or hand it over by perfassert::carry_async(work)\n\
             if the endpoint is to send none, say so: #[max_queries(0, endpoint = \"{endpoint}\")]"
        ),
    )
}

pub(super) fn never_requested(endpoint: &str, observed: &Observation) -> Inconclusive {
    let seen = observed.endpoints();
    let (seen, help) = if seen.is_empty() {
        let help = format!(
            "{WRAP}\nwhere its server runs on threads that are not the test's, send `perfassert::traceparent()` along"
        );
        ("no endpoint was seen".to_owned(), help)
    } else {
        let help = match meant(endpoint, &seen) {
            Some(meant) => format!("an endpoint is its method and route pattern: endpoint = \"{meant}\""),
            None => format!("name one that the test calls, or call `{endpoint}`"),
        };
        (format!("seen were: {}", seen.join(", ")), help)
    };
    Inconclusive::to_everything(format!("no request reached `{endpoint}`; {seen}"), help)
}

pub(super) fn unattributed(observed: &Observation) -> Option<Inconclusive> {
    let mut unattributed =
        observed.unattributed.iter().filter(|entry| entry.statement.class == Class::Application);
    let first = unattributed.clone().next()?;
    let count: u64 = unattributed.by_ref().map(|entry| entry.count).sum();
    let queries = if count == 1 { "1 query".to_owned() } else { format!("{count} queries") };
    Some(Inconclusive::to_queries(
        format!(
            "{queries} ran on threads that no open test has started, and may be this test's; the first: {}",
            first.statement.text
        ),
        CARRY,
    ))
}

/// How an application tells of its endpoints, with the features that this build has.
const WRAP: &str = match (cfg!(feature = "tower"), cfg!(feature = "actix-web")) {
    (true, false) => {
        "wrap the application in the test, after its routes: `app.layer(perfassert::tower::EndpointLayer::new())`"
    }
    (false, true) => {
        "wrap the application in the test, after its routes: `app.wrap(perfassert::actix::Endpoints::new())`"
    }
    (true, true) => {
        "wrap the application in the test, after its routes: `app.layer(perfassert::tower::EndpointLayer::new())`,\n\
         or of actix-web `app.wrap(perfassert::actix::Endpoints::new())`"
    }
    (false, false) => {
        "turn on the feature of perfassert for the framework (`axum`, `actix-web`, `tower`) and wrap the application,\n\
         or put `perfassert::endpoint(\"GET /orders\", || ...)` around the handler"
    }
};

/// What to do about threads that serve several tests.
const CARRY: &str = "hand work to a pool or runtime in a `static` by perfassert::carry(|| ...) or perfassert::carry_async(...),\n\
                     start it inside the test, or run one test per process: cargo nextest run";

pub(super) fn unattributed_allocs(observed: &Observation) -> Option<Inconclusive> {
    let count = observed.unattributed_allocs;
    (count > 0).then(|| {
        let allocations = if count == 1 { "1 allocation was".to_owned() } else { format!("{count} allocations were") };
        let cause = format!(
            "{allocations} made on a pool of the whole process while other tests were open, and may be this test's"
        );
        Inconclusive::to_allocations(cause, CARRY)
    })
}

/// A counter that is limited, and not to 0.
pub(super) fn never_counted(counter: &str, observed: &Observation) -> Inconclusive {
    let counted: Vec<_> = observed
        .test
        .counts
        .iter()
        .filter_map(|(metric, _)| match metric {
            Metric::Counter(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let counted = if counted.is_empty() {
        "no counter was".to_owned()
    } else {
        format!("counted were: {}", counted.join(", "))
    };
    Inconclusive::to_everything(
        format!("nothing counted `{counter}` in the test; {counted}"),
        format!(
            "name one that the code counts: perfassert::counter(\"{counter}\").add(1)\n\
             if it may well stay at 0, count that, too: .add(0); if it has to, say so: #[max_count(\"{counter}\" = 0)]"
        ),
    )
}

/// The endpoint of those that were seen which somebody may have meant: without its method, in other letters, with another name for a
/// parameter or a value in its place.
fn meant<'a>(endpoint: &str, seen: &[&'a str]) -> Option<&'a str> {
    let (method, path) = split(endpoint);
    seen.iter().copied().find(|seen| {
        let (theirs, pattern) = split(seen);
        method.is_none_or(|method| theirs.is_some_and(|theirs| theirs.eq_ignore_ascii_case(method)))
            && is_alike(path, pattern)
    })
}

/// Method and path.
fn split(endpoint: &str) -> (Option<&str>, &str) {
    let word = endpoint.split_once(' ').filter(|(word, _)| word.chars().all(char::is_alphabetic));
    word.map_or((None, endpoint), |(method, path)| (Some(method), path))
}

fn is_alike(path: &str, pattern: &str) -> bool {
    let segments = |path: &str| path.trim_matches('/').split('/').map(str::to_lowercase).collect::<Vec<_>>();
    let (path, pattern) = (segments(path), segments(pattern));
    let is_parameter = |segment: &str| segment.starts_with(['{', ':', '*', '<']);
    path.len() == pattern.len()
        && path
            .iter()
            .zip(&pattern)
            .all(|(here, there)| here == there || is_parameter(there) && !here.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_is_meant() {
        let seen =
            ["GET /orders", "GET /orders/{id}", "POST /orders", "job send-invoices", "shop.Orders/List"];
        let check = |endpoint: &str, expected| assert_eq!(meant(endpoint, &seen), expected, "{endpoint}");
        check("/orders", Some("GET /orders"));
        check("get /orders/", Some("GET /orders"));
        check("POST /Orders", Some("POST /orders"));
        check("GET /orders/:id", Some("GET /orders/{id}"));
        check("GET /orders/7", Some("GET /orders/{id}"));
        check("orders/{order_id}", Some("GET /orders/{id}"));
        check("job Send-Invoices", Some("job send-invoices"));
        check("send-invoices", Some("job send-invoices"));
        check("/shop.Orders/List", Some("shop.Orders/List"));
        check("DELETE /orders", None);
        check("GET /customers", None);
        check("GET /orders/7/lines", None);
        check("", None);
    }
}
