//! How a text is to be read where dialects differ, decided by what the text itself shows.
//!
//! A wrong guess would not only merge or split statements: the rest of a string, taken for code, would be shown. So a
//! backslash before a quote is read both ways to the end of the text. The wrong reading of valid SQL leaves something
//! behind that no SQL has, since each such backslash shifts the quotes behind it by one. If that does not settle it, the
//! string is taken to go on to the end of the text.

use super::lexer::Lexer;

/// What a backslash before a quote means in a string without a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backslash {
    /// Itself, as in standard SQL: `'a\'` is complete.
    Plain,
    /// It escapes the quote, as in MySQL: `'a\'b'` is one string.
    Escapes,
    /// Both readings make sense, or none. What follows such a string may be part of it.
    Unknown,
}

/// How to read a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) backslash: Backslash,
    /// `"` quotes names, not strings.
    pub(super) quotes_names: bool,
}

/// What a text shows while it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signs {
    /// A string ends with a backslash, or goes on after a backslash and a quote.
    pub(super) disputed: bool,
    /// Something that no SQL has, or that nobody writes: an open end, a backslash on its own, a word glued to a string.
    pub(super) implausible: bool,
    /// Something that only dialects have in which `"` quotes names: `"a"."b"`, `FROM "a"`, `$1`, `::`.
    pub(super) quotes_names: bool,
}

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
