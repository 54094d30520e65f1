//! [`normalize`]: everything that can be known of a statement from its text.

use super::classify::Classifier;
use super::drivers;
use super::hash;
use super::lexer::Lexer;
use super::reading::Reading;
use super::write::Writer;
use super::{Class, Fingerprint, Kind};

/// A statement without its values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Normalized {
    /// The text, with `?` for every literal and placeholder.
    pub text: String,
    /// The identity of the text.
    pub fingerprint: Fingerprint,
    /// What the statement does.
    pub kind: Kind,
    /// Why it was sent.
    pub class: Class,
    /// It does for many rows what another statement does for one: it has an `IN` list or `ARRAY` of several values,
    /// several rows of `VALUES`, or an array parameter as in `= ANY(?)`.
    pub batched: bool,
    /// The number of rows in the `VALUES` of an `INSERT`.
    pub rows: Option<u64>,
    /// How many statements the text holds. 0 for a text of comments and white space.
    pub statements: u32,
}

/// Normalises the text of a statement.
#[must_use]
pub fn normalize(sql: &str) -> Normalized {
    let mut writer = Writer::with_capacity(sql.len().min(4096));
    let mut classifier = Classifier::default();
    for token in Lexer::new(sql, Reading::of(sql)) {
        classifier.push(&token);
        writer.push(token);
    }
    let (class, kind, statements) = classifier.finish();
    let written = writer.finish();
    let class = match drivers::known(&written.text) {
        _ if drivers::is_ping(sql, &written.text) => Class::Ping,
        Some(known) => known,
        None => class,
    };
    Normalized {
        fingerprint: hash::fingerprint(&written.text),
        text: written.text,
        kind,
        class,
        batched: written.batched,
        rows: written.rows,
        statements,
    }
}
