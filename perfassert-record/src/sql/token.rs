//! The pieces of a statement.

use super::keyword::Keyword;

/// A piece of a statement, when white space and comments are gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    /// The piece as it was written.
    pub(super) text: &'a str,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word that means something to us.
    Keyword(Keyword),
    /// A word that can only be a command: the first of a statement, or one of transaction control.
    Command,
    /// Any other word: the name of a table, a column, a function, a type.
    Name,
    /// A quoted name, with its quotes.
    Quoted,
    /// A literal or a placeholder.
    Value,
    /// `-` or `+` with no operand before it.
    Sign,
    /// An operator.
    Operator,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `::`
    Cast,
    /// `:` in a slice.
    Colon,
    /// `;`
    Semicolon,
}

impl TokenKind {
    /// Whether an operand ends with this token, so that an operator follows.
    pub(super) const fn ends_operand(self) -> bool {
        match self {
            TokenKind::Keyword(keyword) => keyword.ends_operand(),
            TokenKind::Name
            | TokenKind::Quoted
            | TokenKind::Value
            | TokenKind::Close
            | TokenKind::CloseBracket => true,
            _ => false,
        }
    }
}

impl<'a> Token<'a> {
    /// The name that this token spells, without its quotes.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self.kind {
            TokenKind::Name | TokenKind::Command => Some(self.text),
            TokenKind::Quoted => self.text.get(1..self.text.len() - 1),
            _ => None,
        }
    }
}
