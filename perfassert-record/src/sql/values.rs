//! The values that stand in a text: what normalising takes out of it.

use std::hash::{Hash, Hasher};

use super::dialect::Reading;
use super::lexer::Lexer;
use super::token::TokenKind;

/// Hashes the values in a text, in any number of statements. Whether there are others, which are not in the text: it has placeholders.
#[must_use]
pub fn hash_values(sql: &str, hasher: &mut impl Hasher) -> bool {
    let mut has_placeholders = false;
    for token in Lexer::new(sql, Reading::of(sql)) {
        match token.kind {
            TokenKind::Value if is_placeholder(token.text) => has_placeholders = true,
            TokenKind::Value | TokenKind::Sign => token.text.hash(hasher),
            _ => {}
        }
    }
    has_placeholders
}

fn is_placeholder(value: &str) -> bool {
    match value.as_bytes() {
        [b'?' | b':' | b'@' | b'%', ..] => true,
        // `$tag$...$tag$` is a string.
        [b'$', rest @ ..] => rest.last() != Some(&b'$'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    fn values(sql: &str) -> (u64, bool) {
        let mut hasher = DefaultHasher::new();
        let has_placeholders = hash_values(sql, &mut hasher);
        (hasher.finish(), has_placeholders)
    }

    #[track_caller]
    fn check_equal(one: &str, other: &str, expected: bool) {
        assert_eq!(values(one) == values(other), expected, "{one} and {other}");
    }

    #[test]
    fn the_values_of_two_texts_are_compared() {
        check_equal("SELECT a FROM t WHERE id = 1", "select a  from t where id=1 /* trace 4bf92f35 */", true);
        check_equal("SELECT a FROM t WHERE id = 1", "SELECT a FROM t WHERE id = 2", false);
        check_equal("SELECT a FROM t WHERE id = -1", "SELECT a FROM t WHERE id = 1", false);
        check_equal("SELECT a FROM t WHERE a = 'x'", "SELECT a FROM t WHERE a = 'X'", false);
        check_equal("SELECT a FROM t WHERE id IN (1, 2)", "SELECT a FROM t WHERE id IN (1, 2, 3)", false);
        check_equal("SELECT a FROM t WHERE a = TRUE", "SELECT a FROM t WHERE a = FALSE", false);
    }

    #[track_caller]
    fn check_placeholders(sql: &str, expected: bool) {
        assert_eq!(values(sql).1, expected, "{sql}");
    }

    #[test]
    fn placeholders_are_told_from_literals() {
        for sql in ["?", "?1", "$1", ":name", "@p0", "$name", "1 AND b = $2"] {
            check_placeholders(&format!("SELECT a FROM t WHERE a = {sql}"), true);
        }
        for sql in ["'?'", "'$1'", "1", "$$x$$", "$tag$x$tag$", "1 AND b = ':c'"] {
            check_placeholders(&format!("SELECT a FROM t WHERE a = {sql}"), false);
        }
    }
}
