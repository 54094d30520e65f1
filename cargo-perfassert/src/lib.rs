//! The subcommand `cargo perfassert`: runs a workspace's tests, reads the records that `perfassert` left, and
//! compares them with those of another commit.
//!
//! One direction of flow, one room for each idea:
//!
//! - [`cli`]: arguments in, exit code out
//! - [`clean`]: texts from elsewhere, without what a terminal obeys; pure
//! - [`measure`]: runs the tests of a workspace and reads their records
//! - [`isolate`]: runs each test of one executable in a process of its own
//! - [`runs`]: runs on disk
//! - [`spread`]: how far a count moves by itself
//! - [`repeat`]: several runs joined to one: the range of each count; pure
//! - [`allocators`]: programs with two global allocators, told from cargo's messages
//! - [`git`]: the commit to compare with, its worktree, the lines that a branch changed
//! - [`seed`]: fills a second target directory with what need not be compiled again
//! - [`baseline`]: the other side, measured at a commit and cached
//! - `copied`: files that git does not have and the other side's build needs
//! - [`committed`]: the other side, from the snapshots that a commit has
//! - `sources`: what the sources of a crate say of its tests
//! - `gates`: what the branch has loosened of single tests
//! - [`settings`]: what the branch has loosened for all tests
//! - [`unmet`]: what was set and met nothing
//! - [`diff`]: (baseline, current) to changes; pure
//! - [`set_up`]: what many tests repeat from one line; pure
//! - [`report`]: (changes, policy) to findings, ranked; pure
//! - [`explain`]: what one test did, as a tree of callers; pure
//! - [`render`]: the report as text or JSON, to a writer
//!
//! Invariant: nothing that computes also prints.
//! Standard output holds the report, standard error the progress.

#![forbid(unsafe_code)]

pub mod allocators;
pub mod baseline;
pub mod clean;
pub mod cli;
pub mod committed;
mod conditions;
mod copied;
pub mod diff;
pub mod error;
pub mod explain;
mod gates;
pub mod git;
pub mod isolate;
mod kept;
mod made_up;
pub mod measure;
pub mod process;
pub mod render;
pub mod repeat;
pub mod report;
pub mod runs;
pub mod seed;
pub mod set_up;
pub mod settings;
pub mod snapshots;
mod sources;
pub mod spread;
#[cfg(test)]
mod test_records;
pub mod unmet;
pub mod workspace;

pub use cli::main;
pub use error::Error;
