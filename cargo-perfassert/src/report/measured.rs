//! The outcome of a run that is compared with nothing.

use crate::measure::Measured;
use crate::snapshots::SnapshotMismatch;

/// What `cargo perfassert run` shows.
#[derive(Clone, Copy, Debug)]
pub struct MeasuredReport<'a> {
    /// The records, and what kept others from being there.
    pub measured: &'a Measured,
    /// What was set and met nothing in a run of all tests, in words.
    pub unmet: &'a [String],
    /// The snapshots of tests without an attribute that are not as committed.
    pub snapshots: &'a [SnapshotMismatch],
    /// The whole in a number.
    pub exit_code: u8,
}
