//! Query and allocation budgets for ordinary Rust tests.
//!
//! ```
//! # #[cfg(feature = "macros")] mod tests {
//! use perfassert::max_allocs;
//!
//! #[max_allocs(1)]
//! #[test]
//! fn joins_without_a_detour() {
//!     assert_eq!(["a", "b"].concat(), "ab");
//! }
//! # }
//! ```
//!
//! The attributes stand on ordinary tests, in any order with `#[test]`, `#[tokio::test]`, `#[sqlx::test]` and their kin.
//! They count what the test's threads and tasks did, and fail the test with the statements, the numbers and the lines of
//! code. Functions measure what no attribute reaches: [`measure`], [`unmeasured`], [`endpoint`], [`counter`], [`carry`],
//! [`per_iter`].
//!
//! The book in `docs/book` of the repository has a chapter for each question, and one that explains the messages.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `macros` | yes | the attributes |
//! | `allocator` | yes | installs the counting allocator; turn it off to wrap your own in [`Alloc`] |
//! | `inherit-threads` | yes | threads and processes belong to the test that starts them (Linux with glibc) |
//! | `call-sites` | yes | lines of code, whose code allocated (Linux with glibc), and `toml-files`; drivers turn it on |
//! | `toml-files` | | `perfassert.toml` is read, and the tables of `Cargo.toml`; `call-sites` and `snapshot` have it |
//! | `sqlx` | | queries of sqlx, and of sea-orm through it |
//! | `diesel` | | queries of diesel and diesel-async: see the module `diesel` |
//! | `rusqlite` | | queries of rusqlite, and of what else opens connections of SQLite; there is nothing to add |
//! | `tokio-postgres` | | queries of tokio-postgres and `postgres`: see the module `tokio_postgres` for the one line to add |
//! | `tower` | | `tower::EndpointLayer`: counts per endpoint |
//! | `axum` | | the same, with axum's route patterns as names; `axum-07` for axum 0.7 |
//! | `actix-web` | | `actix::Endpoints`: counts per endpoint of actix-web 4 |
//! | `tracing-events` | | spans, by which work on another thread counts for an endpoint; `sqlx` and `tokio-postgres` have it |
//! | `criterion` | | allocations of benchmarks of criterion: see the module `criterion` |
//! | `divan` | | allocations of benchmarks of divan: see the module `divan` |
//! | `snapshot` | | `#[perfassert::snapshot]`: the counts as snapshots of insta |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(clippy::test_attr_in_doctest, reason = "the attributes stand on tests")]

#[cfg(feature = "actix-web")]
pub mod actix;
mod alloc;
#[cfg(any(feature = "criterion", feature = "divan"))]
mod bench;
mod callers;
pub mod child;
mod children;
#[cfg(feature = "toml-files")]
mod config;
#[cfg(feature = "call-sites")]
mod crates;
#[cfg(feature = "criterion")]
pub mod criterion;
#[cfg(feature = "diesel")]
pub mod diesel;
#[cfg(feature = "divan")]
pub mod divan;
mod enter;
mod explain;
mod functions;
mod gate;
mod inconclusive;
mod invitation;
mod lock;
mod mix;
mod nature;
mod observation;
mod per_iter;
#[cfg(any(feature = "actix-web", feature = "tower"))]
mod request;
mod rules;
mod scaling;
mod scope;
mod site;
#[cfg(feature = "snapshot")]
mod snapshot;
pub mod source;
mod spec;
mod test;
#[cfg(feature = "tower")]
pub mod tower;
mod trace;
#[cfg(inherit_threads)]
mod unmarked;
mod workspace;

pub use alloc::Alloc;
pub use counts::{Counts, Metric};
pub use functions::{
    Counter, carry, carry_async, carry_each, counter, endpoint, endpoint_async, measure, measure_async,
    query, unmeasured, unmeasured_async,
};
pub use per_iter::{PerIter, per_iter};
#[cfg(all(feature = "macros", feature = "snapshot"))]
pub use perfassert_macros::snapshot;
#[cfg(feature = "macros")]
pub use perfassert_macros::{max_allocs, max_count, max_queries, no_n_plus_one, scaling};
use perfassert_record::json;
#[doc(inline)]
pub use perfassert_record::{counts, record, sql};
pub use record::Site;
#[cfg(feature = "tracing-events")]
#[doc(inline)]
pub use source::subscriber;
#[cfg(feature = "tokio-postgres")]
#[doc(inline)]
pub use source::tokio_postgres;
pub use trace::traceparent;

/// What the attributes expand to. Not public API: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::__assert_snapshot;
    pub use crate::scaling::{Size, scaling, sized, sized_async};
    pub use crate::spec::{
        Gate, MaxAllocs, MaxCount, MaxQueries, NoNPlusOne, Order, Scaling, Test, limit, parent,
    };
    pub use crate::test::{Outcome, around, body, run};
    #[cfg(feature = "snapshot")]
    pub use insta;
    #[cfg(feature = "macros")]
    pub use perfassert_macros::__around;
}

/// A call of insta's macro where the test stands: that is what tells insta where the file belongs.
#[cfg(feature = "snapshot")]
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_snapshot {
    () => {
        ::core::option::Option::Some(|name: &str, text: &str| {
            $crate::__private::insta::assert_snapshot!(name, text);
        })
    };
}

#[cfg(not(feature = "snapshot"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_snapshot {
    () => {
        ::core::option::Option::None
    };
}
