//! SQL as it can be compared: normalised text, what the statement does ([`Kind`]), why it was sent ([`Class`]),
//! and its identity ([`Fingerprint`]).
//!
//! ```
//! use perfassert::sql::{Kind, normalize};
//!
//! let one = normalize("select id, name from users where id in ($1)");
//! let two = normalize("SELECT id, name FROM users WHERE id IN (7, 8) -- trace 4bf92f35");
//! assert_eq!(one.text, "SELECT id, name FROM users WHERE id IN (?)");
//! assert_eq!(one.fingerprint, two.fingerprint);
//! assert_eq!(one.kind, Kind::Select);
//! ```
//!
//! # Rules
//!
//! The dialect of a text is not known, so there is one set of rules for PostgreSQL, MySQL and SQLite. Where they
//! disagree, a rule first keeps every literal out of the text, and only then tries to keep statements apart.
//!
//! - Every literal and placeholder is `?`, with its sign. `TRUE` and `FALSE` are literals, except after `IS`; `NULL` and
//!   `DEFAULT` are where they stand for an item of a list, and words elsewhere.
//! - An item of an `IN` list, of `ARRAY[...]` or of the rows of `VALUES` is left out if it is written like an earlier one.
//! - `"..."` is a name next to a dot, after words such as `FROM` and `INTO`, and after `AS`. Elsewhere it is one only if
//!   the text shows a dialect in which it can be (such a name, `$1`, or `::`), the name has no special characters, and no
//!   operator, `LIKE` or list asks for a value there. Otherwise it is a literal, as in MySQL.
//! - A backslash before a quote is read both ways, and the reading that makes sense to the end of the text is taken. If
//!   that does not decide, everything up to the end is one literal. The same goes for a string that is never closed.
//! - `--` starts a comment, with or without a space behind it. `#` does too, except as PostgreSQL's JSON operators `#>`,
//!   `#>>` and `#-` between an operand and a value; its XOR is taken for a comment. `/*! ... */` and hints are comments.
//!   Comments nest, unless one is never closed that way.
//! - `?`, `?|` and `?&` are operators between a name or a parenthesis and an operand, placeholders elsewhere.
//! - The names of savepoints, cursors and prepared statements are `?`, and so is that of a database that is created, dropped or
//!   altered, and that of a schema, table or another object that looks as if it were made up for the run: `test_1f3a9c2b07`. A database
//!   of `#[sqlx::test]`'s is `_sqlx_test`.
//! - Words that are keywords in every dialect are in capitals, other unquoted words in small letters.
//!
//! # Classes
//!
//! A statement is the application's unless its text says otherwise, and in doubt it is the application's:
//!
//! - transaction control and the commands of a session are known by their first words;
//! - a query is a catalog look-up if it names a table of the catalog after `FROM` or `JOIN`, and no other table.
//!   Without a schema only the well-known names count (`pg_type`, `sqlite_master`), so a table `types` or `pg_orders` is
//!   the application's;
//! - a statement belongs to a migration tool if it names that tool's own table, or takes the advisory lock of sqlx's
//!   migrator word for word;
//! - a ping is an empty text, one with the comment `ping`, or diesel's `SELECT 1 -- binds: []`. A plain `SELECT 1` is the
//!   application's.
//!
//! # Implementation
//!
//! A lexer (with its context, and a reading of the text's dialect) gives tokens; a writer turns them into text and folds
//! lists; a classifier looks at the same tokens. Each is one pass, so that any text takes linear time.
//! Normalising a normal text changes nothing, except that `"name"` may become `?` when a `$1` or `::name` was what told
//! the dialect.

mod advice;
mod batch;
mod catalog;
mod classify;
mod context;
mod dialect;
mod drivers;
mod fold;
mod hash;
mod keyword;
mod lexer;
mod names;
mod normalize;
mod place;
mod random;
mod reading;
mod scan;
mod spacing;
mod tables;
mod token;
pub(crate) mod values;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use advice::{advice, advice_on_duplicates};
pub use normalize::{Normalized, normalize, statements};
pub use words::{Class, Fingerprint, Kind, UnknownWord};

/// The version of the rules that make normalised text and fingerprints.
///
/// Stored with every record: counts of different versions are compared, statements are not.
///
/// - 1: the first.
/// - 2: names that are made up for the run are `?`.
pub const VERSION: u32 = 2;
