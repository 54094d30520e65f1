//! What a test run of perfassert leaves on disk, and what it takes to write and to read that: counts, records, snapshots,
//! explanations, and SQL without its values.
//!
//! The library writes it and `cargo-perfassert` reads it; each depends on exactly this crate's version, as it is an inside of theirs.
//! Users have [`counts`], [`record`] and [`sql`] from `perfassert`, under the same names, and need not depend on this crate.
//!
//! # What is stable
//!
//! The formats on disk, each of which has a version: [`record::VERSION`], [`record::explain::VERSION`], and [`sql::VERSION`] of the rules
//! that make fingerprints. Older ones are read, newer ones refused. What `perfassert` passes on to its users is as stable as the rest of
//! its interface; everything else here changes without notice.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `toml-files` | | `record::snapshot`: snapshots are read and written |

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod attributes;
pub mod counts;
pub mod json;
pub mod record;
pub mod sql;
pub mod text;

pub use sql::values::hash_values;
