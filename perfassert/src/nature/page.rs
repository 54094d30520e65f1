//! Whether a statement asks for one page after another.

/// Whether a normalised text takes a part of an ordered whole: by an offset, or from a key on.
///
/// `... WHERE id = ? LIMIT ?` is no page but the first of what belongs to one row.
pub(crate) fn is_page(text: &str) -> bool {
    let has = |words: &str| text.contains(words);
    let is_limited = has(" LIMIT ?") || has(" FETCH FIRST ") || has(" FETCH NEXT ");
    if has(" OFFSET ?") || has(" LIMIT ?, ?") {
        return true;
    }
    let from_a_key = [" > ?", " < ?", ") > (?", ") < (?"].into_iter().any(has);
    is_limited && from_a_key && has(" ORDER BY ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::normalize;

    #[track_caller]
    fn check(sql: &str, expected: bool) {
        let text = normalize(sql).text;
        assert_eq!(is_page(&text), expected, "{text}");
    }

    #[test]
    fn pages_are_told_from_the_first_few_of_a_row() {
        check("SELECT id FROM t ORDER BY id LIMIT 10 OFFSET 20", true);
        check("SELECT id FROM t WHERE shop = 1 ORDER BY id LIMIT $1 OFFSET $2", true);
        check("SELECT id FROM t ORDER BY id LIMIT 20, 10", true);
        check("SELECT id FROM t ORDER BY id OFFSET 20 ROWS FETCH NEXT 10 ROWS ONLY", true);
        check("SELECT id FROM t WHERE id > $1 ORDER BY id LIMIT 10", true);
        check(
            "SELECT id FROM t WHERE (placed_at, id) < ($1, $2) ORDER BY placed_at DESC, id DESC LIMIT 10",
            true,
        );
        check("SELECT id FROM t WHERE id > $1 ORDER BY id FETCH FIRST 10 ROWS ONLY", true);
        check("SELECT id FROM t WHERE post = $1 LIMIT 1", false);
        check("SELECT id FROM t WHERE post = $1 ORDER BY id LIMIT 3", false);
        check("SELECT id FROM t WHERE post = $1 AND id > $2 ORDER BY id LIMIT 3", true);
        check("SELECT id FROM t WHERE id > $1", false);
        check("SELECT id FROM t", false);
    }
}
