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
    /// The text, with `?` for every literal and placeholder. It has no value in it, so it can be shown and stored.
    pub text: String,
    /// The identity of the text.
    pub fingerprint: Fingerprint,
    /// What the statement does. Of several statements in one text, the first that writes decides, else the first.
    pub kind: Kind,
    /// Why it was sent. Of several statements in one text, a migration tool's decides, then the application's.
    ///
    /// Texts with one fingerprint have one class, but for a ping: that shows only in the text as it was sent.
    pub class: Class,
    /// It does for many rows what another statement does for one: it has an `IN` list or `ARRAY` of several values,
    /// several rows of `VALUES`, or an array parameter as in `= ANY(?)`.
    pub batched: bool,
    /// The number of rows in the `VALUES` of an `INSERT`.
    pub rows: Option<u64>,
    /// How many statements the text holds. 0 for a text of comments and white space.
    pub statements: u32,
}

/// Normalises the text of a statement, of several with semicolons between them, or of none.
///
/// Any text will do, also one that no database accepts. The rules are those of the [module](super).
///
/// # Examples
///
/// ```
/// use perfassert::sql::{Class, Kind, normalize};
///
/// let insert = normalize("insert into users(id, name) values (1, 'Ann'), (2, 'Bob')");
/// assert_eq!(insert.text, "INSERT INTO users (id, name) VALUES (?, ?)");
/// assert_eq!(insert.kind, Kind::Insert);
/// assert_eq!(insert.rows, Some(2));
/// assert!(insert.batched);
///
/// let savepoint = normalize("SAVEPOINT _sqlx_savepoint_1");
/// assert_eq!(savepoint.text, "SAVEPOINT ?");
/// assert_eq!(savepoint.class, Class::Transaction);
/// ```
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
