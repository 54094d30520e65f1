//! diesel and diesel-async, next to an instrumentation of your own.
//!
//! Nothing is to be done where the application has none: each connection, of any database, tells perfassert what it
//! executes, from the moment it is made. It counts for the test or endpoint of the thread that executes.
//!
//! A connection has one instrumentation. Where the application sets a default, call [`watch_default`] behind it or put
//! [`watch`] around it; where it sets that of one connection, put [`watch`] around it. Both leave it at work.
//!
//! ```
//! use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
//! use perfassert::diesel::watch;
//!
//! let log = || Some(Box::new(watch(|event: InstrumentationEvent<'_>| println!("{event:?}"))) as _);
//! set_default_instrumentation(log).unwrap();
//! ```
//!
//! # What is counted
//!
//! - A statement counts when diesel starts it, also if it fails. That it failed is noted, as far as diesel tells: on SQLite
//!   not of a stream that breaks off at a later row.
//! - Texts of `batch_execute` count as many statements as they hold.
//! - `BEGIN`, `COMMIT`, `ROLLBACK` and savepoints, what a connection is set up with, the look-up of types, and the pings of
//!   r2d2, deadpool, bb8 and mobc are kept apart from the application's. A ping is known by its text, so
//!   `sql_query("SELECT 1")` and `diesel::select(1.into_sql::<Integer>())` are taken for one. `batch_execute("SELECT 1")`
//!   is not.
//! - diesel-async starts a query when the future is made: one that is never polled counts.
//! - On PostgreSQL diesel-async executes by tokio-postgres. Where perfassert's feature of that name is on, a statement still
//!   counts once: what tokio-postgres prepares or sends while diesel has the very same text under way in that test is
//!   diesel's. That feature wants to be heard in every program that contains the driver, so call
#![cfg_attr(feature = "tokio-postgres", doc = "  [`tokio_postgres::init`](crate::tokio_postgres::init)")]
#![cfg_attr(not(feature = "tokio-postgres"), doc = "  `tokio_postgres::init`")]
//!   in the set-up.
//! - With diesel-async's `SyncConnectionWrapper` statements run on a blocking thread. It belongs to the test and not to the
//!   endpoint that waits for it, and has no line of your code on its stack.
//! - A statement that cannot be written, such as an `UPDATE` that sets nothing, is not sent, and does not count.
//!
//! # What cannot be seen
//!
//! - A default that is replaced, and not watched, is noticed at both ends of a test's body, and gates on queries fail: from
//!   then on any connection may have been made unseen.
//! - An instrumentation that one connection is given, without [`watch`], is not noticed.
//! - What diesel-async has begun and the application has given up stays under way: a query that the same test sends by
//!   tokio-postgres itself, word for word the same, is taken for it.

pub use crate::source::diesel::{Watched, watch, watch_default};
