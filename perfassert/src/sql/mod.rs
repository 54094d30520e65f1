//! SQL as it can be compared: normalised text, what the statement does ([`Kind`]), why it was sent ([`Class`]),
//! and its identity ([`Fingerprint`]).

mod catalog;
mod classify;
mod context;
mod drivers;
mod fold;
mod hash;
mod keyword;
mod lexer;
mod names;
mod normalize;
mod reading;
mod scan;
mod spacing;
mod tables;
mod token;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use normalize::{Normalized, normalize};
pub use words::{Class, Fingerprint, Kind, UnknownWord};

/// The version of the rules that make normalised text and fingerprints.
///
/// Stored with every record: counts of different versions are compared, statements are not.
///
/// - 1: the first.
pub const VERSION: u32 = 1;
