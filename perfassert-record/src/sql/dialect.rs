//! Where dialects differ in how a text is read, and what in a text shows which one it is.

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
pub(super) struct DialectSigns {
    /// A string ends with a backslash, or goes on after a backslash and a quote.
    pub(super) disputed: bool,
    /// Something that no SQL has, or that nobody writes: an open end, a backslash on its own, a word glued to a string.
    pub(super) implausible: bool,
    /// Something that only dialects have in which `"` quotes names: `"a"."b"`, `FROM "a"`, `$1`, `::`.
    pub(super) quotes_names: bool,
}
