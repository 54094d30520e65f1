//! How a text is to be read where dialects differ, decided by what the text itself shows.
//!
//! A wrong guess would not only merge or split statements: the rest of a string, taken for code, would be shown. So a
//! backslash before a quote is read both ways to the end of the text. The wrong reading of valid SQL leaves something
//! behind that no SQL has, since each such backslash shifts the quotes behind it by one. If that does not settle it, the
//! string is taken to go on to the end of the text.

use super::dialect::{Backslash, Reading};
use super::lexer::Lexer;

impl Reading {
    /// The reading that a text asks for.
    ///
    /// Nearly every text has neither a backslash nor a double quote, and is not looked at further.
    pub(super) fn of(sql: &str) -> Reading {
        let mut reading = Reading { backslash: Backslash::Plain, quotes_names: false };
        if sql.as_bytes().contains(&b'\\') {
            reading.backslash = backslash(sql);
        }
        if sql.as_bytes().contains(&b'"') {
            let mut lexer = Lexer::new(sql, reading);
            while !lexer.signs.quotes_names && lexer.next().is_some() {}
            reading.quotes_names = lexer.signs.quotes_names;
        }
        reading
    }
}

/// Reads the text both ways. If only one of them makes sense, that is it.
fn backslash(sql: &str) -> Backslash {
    let read = |backslash| {
        let mut lexer = Lexer::new(sql, Reading { backslash, quotes_names: false });
        while lexer.next().is_some() {}
        lexer.signs
    };
    let (plain, escapes) = (read(Backslash::Plain), read(Backslash::Escapes));
    if !plain.disputed && !escapes.disputed {
        return Backslash::Plain;
    }
    match (plain.implausible, escapes.implausible) {
        (false, true) => Backslash::Plain,
        (true, false) => Backslash::Escapes,
        _ => Backslash::Unknown,
    }
}
