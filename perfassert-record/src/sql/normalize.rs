//! [`normalize`] and [`statements`]: everything that can be known of a statement from its text.

use super::batch::is_series;
use super::classify::Classifier;
use super::dialect::Reading;
use super::drivers;
use super::hash;
use super::lexer::Lexer;
use super::token::TokenKind;
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
    /// several rows of `VALUES`, an array parameter as in `= ANY(?)`, or one condition or `SELECT` after another that differ
    /// in their values only: `(a = ? AND b = ?) OR (a = ? AND b = ?)`.
    pub batched: bool,
    /// The number of rows in the `VALUES` of an `INSERT`.
    pub rows: Option<u64>,
    /// How many statements the text holds. 0 for a text of comments and white space.
    pub statements: u32,
}

impl Normalized {
    /// What was normalised elsewhere, as one statement that is not batched: `text` has no value in it.
    #[must_use]
    pub fn new(text: String, fingerprint: Fingerprint, kind: Kind, class: Class) -> Self {
        Normalized { text, fingerprint, kind, class, batched: false, rows: None, statements: 1 }
    }
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
        batched: written.batched || is_series(&written.text),
        text: written.text,
        kind,
        class,
        rows: written.rows,
        statements,
    }
}

/// Normalises each statement of a text by itself.
///
/// A text of one statement, or of none, is what [`normalize`] says of it. Of a text that is known as a whole, as that with
/// which deadpool recycles a connection, every statement has the text's class.
///
/// # Examples
///
/// ```
/// use perfassert::sql::{Kind, statements};
///
/// let statements = statements("insert into log values (1); select count(*) from log;");
/// let kinds: Vec<Kind> = statements.iter().map(|statement| statement.kind).collect();
/// assert_eq!(kinds, [Kind::Insert, Kind::Select]);
/// assert_eq!(statements[1].text, "SELECT count(*) FROM log");
/// ```
#[must_use]
pub fn statements(sql: &str) -> Vec<Normalized> {
    let whole = normalize(sql);
    if whole.statements < 2 {
        return vec![whole];
    }
    let of_whole = drivers::known(&whole.text);
    let mut statements = Vec::with_capacity(whole.statements as usize);
    let (mut writer, mut classifier) = (Writer::with_capacity(0), Classifier::default());
    for token in Lexer::new(sql, Reading::of(sql)) {
        if token.kind == TokenKind::Semicolon && !classifier.is_in_body() {
            let (writer, classifier) =
                (std::mem::replace(&mut writer, Writer::with_capacity(0)), std::mem::take(&mut classifier));
            statements.extend(one_of_several(writer, classifier, of_whole));
        } else {
            classifier.push(&token);
            writer.push(token);
        }
    }
    statements.extend(one_of_several(writer, classifier, of_whole));
    statements
}

/// `None` between two semicolons that have nothing between them.
fn one_of_several(
    writer: Writer<'_>,
    classifier: Classifier<'_>,
    of_whole: Option<Class>,
) -> Option<Normalized> {
    let (class, kind, statements) = classifier.finish();
    let written = writer.finish();
    (statements > 0).then(|| Normalized {
        fingerprint: hash::fingerprint(&written.text),
        class: of_whole.or(drivers::known(&written.text)).unwrap_or(class),
        batched: written.batched || is_series(&written.text),
        text: written.text,
        kind,
        rows: written.rows,
        statements,
    })
}
