//! Where a space stands in normalised text, whatever the white space of the original.

use super::keyword::Keyword;
use super::token::TokenKind;

/// Whether a space belongs between two pieces. A comma brings its own.
///
/// `in_relation`: a name before a parenthesis is that of a table, as in `INSERT INTO users (id)`, not of a function.
pub(super) fn between(last: TokenKind, next: TokenKind, in_relation: bool) -> bool {
    use TokenKind as T;
    match (last, next) {
        (T::Open | T::OpenBracket | T::Dot | T::Cast | T::Comma, _) => false,
        (_, T::Dot | T::Cast) => false,
        (last, T::Colon | T::OpenBracket) => !last.ends_operand() && last != T::Keyword(Keyword::Array),
        (T::Keyword(keyword), T::Open) => !keyword.is_called(),
        (T::Name | T::Quoted, T::Open) => in_relation,
        _ => true,
    }
}
