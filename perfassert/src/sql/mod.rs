//! SQL as it can be compared: normalised text, what the statement does ([`Kind`]), why it was sent ([`Class`]),
//! and its identity ([`Fingerprint`]).

mod words;

pub use words::{Class, Fingerprint, Kind, UnknownWord};

/// The version of the rules that make normalised text and fingerprints.
///
/// Stored with every record: counts of different versions are compared, statements are not.
///
/// - 1: the first.
pub const VERSION: u32 = 1;
