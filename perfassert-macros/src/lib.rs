//! The attributes of `perfassert`. Use them through that crate, which re-exports and documents them in context.
//!
//! Each goes through `parse`, `valid` and `expand`, and expands to one call of the library.
//!
//! Each takes the option `crate` beside its own: the path of the library where the manifest has it by another name, or not at all.

mod expand;
mod item;
mod parse;
mod runtime_wrapped;
mod setup;
mod size;
mod valid;

use proc_macro::TokenStream;

use crate::valid::Attribute;

/// Limits how many application statements a test sends to its databases.
///
/// ```no_run,test_harness
/// use perfassert::max_queries;
/// # mod my { pub use ::perfassert; }
///
/// #[max_queries(5)]                                     // the whole test
/// #[max_queries(5, select = 3, insert = 1)]             // by kind
/// #[max_queries(2, endpoint = "GET /orders/{id}")]      // each request of that endpoint; may stand several times
/// #[test]
/// fn shows_an_order() { /* ... */ }
///
/// #[max_queries(0)]                                     // none at all
/// #[test]
/// fn answers_from_the_cache() { /* ... */ }
///
/// #[max_queries(5, crate = my::perfassert)]             // where the library is, if not at `::perfassert`; every attribute has it
/// #[test]
/// fn lists_orders() { /* ... */ }
/// ```
///
/// The kinds are `select`, `insert`, `update`, `delete`, `ddl`, `copy` and `other`.
/// Transaction control, the set-up of connections, catalog look-ups, pings and migrations are not counted.
///
/// # Panics
///
/// The test panics when it sent more, with the statements, their counts and call sites; and when it could not be seen what
/// it sent, with the reason. Observing nothing under a positive budget is such a reason.
#[proc_macro_attribute]
pub fn max_queries(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Attribute::MaxQueries, args, item)
}

/// Limits how often a test allocates.
///
/// ```no_run,test_harness
/// use perfassert::max_allocs;
///
/// #[max_allocs(1000, bytes = "64 KiB", peak = "1 MiB", live = 0)]
/// #[max_allocs(200, endpoint = "GET /orders/{id}")]
/// #[test]
/// fn shows_an_order() { /* ... */ }
///
/// #[max_allocs(per_iter = 3)]                           // each iteration of `perfassert::per_iter` in the test
/// #[test]
/// fn splits_a_line() {
///     perfassert::per_iter(100, || "127.0.0.1 GET /".split(' ').count());
/// }
/// ```
///
/// What counts is a call that obtains memory: `alloc`, `alloc_zeroed` and a growing `realloc`, on every thread of the test.
/// `bytes` is what they asked for in all, `peak` the highest sum of live bytes, `live` what is left at the end.
/// Sizes are numbers of bytes, or texts with a unit: `B`, `kB`, `KiB`, `MB`, `MiB`, `GB`, `GiB`.
///
/// # Panics
///
/// The test panics when it allocated more, when the counting allocator is not installed, and when `per_iter` is limited and
/// `perfassert::per_iter` was never called.
#[proc_macro_attribute]
pub fn max_allocs(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Attribute::MaxAllocs, args, item)
}

/// Limits a counter of your own, see `perfassert::counter`.
///
/// ```test_harness
/// #[perfassert::max_count("cache.miss" = 3)]
/// #[test]
/// fn reads_through_the_cache() {
///     perfassert::counter("cache.miss").add(1);
/// }
/// ```
///
/// # Panics
///
/// The test panics when it counted more.
#[proc_macro_attribute]
pub fn max_count(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Attribute::MaxCount, args, item)
}

/// Fails a test in which a statement repeats from one line, once per row: the N+1.
///
/// ```no_run,test_harness
/// use perfassert::no_n_plus_one;
///
/// #[no_n_plus_one]                                      // or (threshold = 10)
/// #[test]
/// fn lists_orders() { /* ... */ }
/// ```
///
/// Each request of an endpoint, each section, and the rest of the test are judged by themselves. The threshold is 3.
/// Statements that take a list are batches and never accused. Neither are retries and pages, unless the rows of another
/// statement say otherwise. One that is repeated with the same values is a duplicate, and accused with other advice.
///
/// With two rows there are two executions, which are too few to tell: `#[scaling]` runs the test with more.
/// `[[allow]]` in `perfassert.toml` lets a statement repeat, with a reason; `no_n_plus_one = true` there judges all tests.
///
/// # Panics
///
/// The test panics when a statement was executed `threshold` times or more from one line by the same calls, and when no
/// query was observed at all.
#[proc_macro_attribute]
pub fn no_n_plus_one(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Attribute::NoNPlusOne, args, item)
}

/// Compares the counts of a test, and of each endpoint that it calls, with those that are committed.
///
/// ```no_run,test_harness
/// #[perfassert::snapshot]
/// #[tokio::test]
/// async fn lists_orders() {
///     // calls the application
/// }
/// ```
///
/// The snapshot is one of insta's, in `snapshots/` beside the test: `cargo insta review` shows what changed, and `INSTA_UPDATE`
/// says what is written. In CI nothing is. It takes the feature `snapshot`.
///
/// Queries, statements and your own counters are equal or not. Allocations are compared with the same target, profile and
/// minor version of the compiler, and may be fewer, but not one more; where stacks cannot be looked at (elsewhere than on Linux with glibc),
/// only in a process that runs this one test, as under `cargo nextest run`.
///
/// # Panics
///
/// The test panics when the counts differ from the committed ones, when there are none yet, when they cannot be read, and when
/// it could not be seen what was executed. Under `cargo perfassert`, which compares by itself, nothing is checked.
#[proc_macro_attribute]
pub fn snapshot(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Attribute::Snapshot, args, item)
}

/// Runs a test with several sizes, and fails it when its counts grow faster with the size than they may.
///
/// ```no_run,test_harness
/// use perfassert::scaling;
/// # struct Shop;
/// # impl Shop { async fn list(&self) {} }
/// # async fn shop_with(_: usize) -> Shop { Shop }
///
/// #[scaling(n = [1, 4, 16], queries = "constant", allocs = "linear")]
/// #[tokio::test]
/// async fn lists_orders(n: usize) {
///     let shop = perfassert::unmeasured_async(shop_with(n)).await; // n orders; not counted
///     shop.list().await;
/// }
/// ```
///
/// The test takes the size as its last parameter, behind what `#[sqlx::test]` gives it. The attribute stands above the test
/// attribute, or beneath another of ours that does, as `#[test]` and most others refuse a function that takes a size.
///
/// | order | the count may grow |
/// |---|---|
/// | `"constant"` | not at all |
/// | `"logarithmic"` | as log n |
/// | `"linear"` | as n, from any offset: `1 + n`, `2 + 3n`, `n/100` |
/// | `"quadratic"` | as n² |
///
/// What grows more slowly passes. The sizes are 1, 4 and 16 if none are named. Three of them tell orders apart, and far apart they do so
/// better; a list that is loaded in chunks of 100 looks constant below 100. Counts are compared as they are, but for
/// collections that double as they grow: they allocate at some sizes and not at others, up to eight times at once.
///
/// Each size runs by itself, one after the other, with a runtime and a database of its own where the test attribute makes one.
/// The smallest runs twice: what is done once per process is in the first of both and charged to no size. Other attributes of
/// ours on the test, its snapshot and its record are about the largest size.
///
/// # Panics
///
/// The test panics when a count grows faster, with the counts at all sizes and the statements that grow. It panics when the test is not
/// deterministic: less with more, or other queries when the smallest size runs again. Then there is something that outlives one
/// size and serves the next. And it panics when a size could not be seen, or when none of them sent a query.
///
/// A size that could not be seen is named, and so is one with which the test itself fails.
#[proc_macro_attribute]
pub fn scaling(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Attribute::Scaling, args, item)
}

/// The second stage of an attribute on an `async` function: expands after the test attribute, on the function that this
/// made, and covers the runtime and everything else in it.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __around(test: TokenStream, item: TokenStream) -> TokenStream {
    expand::around(test.into(), item.into()).into()
}

fn attribute(attribute: Attribute, args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(attribute, args.into(), item.into()).into()
}
