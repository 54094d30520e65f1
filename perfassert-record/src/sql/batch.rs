//! Whether a text does the same for several keys, one written after the other.
//!
//! A list (`IN`, `VALUES`) is folded while it is written. A key of several columns has no list in every dialect: it becomes
//! `(a = ? AND b = ?) OR (a = ? AND b = ?)`, or one `SELECT` after another with `UNION ALL` between them.

/// Whether a normalised text has such a series.
pub(super) fn is_series(text: &str) -> bool {
    (text.contains(" OR ") && has_series_of_conditions(text))
        || (text.contains(" UNION ") && has_series_of_selects(text))
}

/// What may stand behind a condition, so that the last one of a series is told from what follows.
const BEHIND: &[&str] = &[" ORDER BY ", " GROUP BY ", " LIMIT ", " RETURNING ", " FOR UPDATE", " AND "];

fn has_series_of_conditions(text: &str) -> bool {
    let Some((_, conditions)) = text.rsplit_once(" WHERE ") else { return false };
    // How a query builder nests them says nothing.
    let bare: String = conditions.chars().filter(|char| !matches!(char, '(' | ')')).collect();
    let terms: Vec<&str> = bare.split(" OR ").collect();
    terms.windows(2).any(|two| are_alike(two[0], two[1]))
}

/// Whether one condition ends as the next one begins, and that is a comparison with values.
fn are_alike(one: &str, next: &str) -> bool {
    let ends = BEHIND.iter().flat_map(|behind| next.match_indices(behind)).map(|(end, _)| end);
    let mut parts = ends.chain([next.len()]).map(|end| &next[..end]);
    parts.any(|part| part.contains(" = ?") && is_end_of(part, one))
}

/// `id = ?` is no end of `parent_id = ?`.
fn is_end_of(part: &str, whole: &str) -> bool {
    whole.strip_suffix(part).is_some_and(|before| before.is_empty() || before.ends_with(' '))
}

fn has_series_of_selects(text: &str) -> bool {
    let alike = text.replace(" UNION ALL ", " UNION ");
    let selects: Vec<&str> = alike.split(" UNION ").collect();
    selects.windows(2).any(|two| {
        // Of the first one only the columns have names: `SELECT ? AS a UNION ALL SELECT ?`.
        let next = without_names(two[1]);
        let next = next.trim_matches(|char| matches!(char, '(' | ')'));
        let one = without_names(two[0]);
        let is_of_values = next.contains('?') && next.starts_with("SELECT ");
        is_of_values && starts_alike(one.trim_end_matches(')'), next)
    })
}

/// Whether `one` ends with `next`, or with all of it that stands before what is behind the whole series.
fn starts_alike(one: &str, next: &str) -> bool {
    const BEHIND: &[&str] = &[" ORDER BY ", " LIMIT ", " ON CONFLICT", " RETURNING ", " ON DUPLICATE ", ") "];
    let ends = BEHIND.iter().filter_map(|behind| next.find(behind)).chain([next.len()]);
    let mut parts = ends.map(|end| &next[..end]);
    parts.any(|part| part.contains('?') && one.ends_with(part))
}

/// The text without `AS name`.
fn without_names(text: &str) -> String {
    let mut pieces = text.split(" AS ");
    let mut bare = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_name = |char: char| char.is_alphanumeric() || "_\"`[]".contains(char);
        bare.push_str(piece.trim_start_matches(is_name));
    }
    bare
}

#[cfg(test)]
mod tests {
    use crate::sql::normalize;

    #[track_caller]
    fn check(sql: &str, expected: bool) {
        let normalized = normalize(sql);
        assert_eq!(normalized.batched, expected, "{}", normalized.text);
    }

    /// Q59
    #[test]
    fn keys_of_several_columns_make_a_batch() {
        check("SELECT id FROM t WHERE (a = $1 AND b = $2) OR (a = $3 AND b = $4)", true);
        check("SELECT id FROM t WHERE a = ? AND b = ? OR a = ? AND b = ? OR a = ? AND b = ?", true);
        check(
            "SELECT id FROM t WHERE shop = ? AND ((a = ? AND b = ?) OR (a = ? AND b = ?)) ORDER BY id",
            true,
        );
        check("SELECT id FROM t WHERE ((a = ? AND b = ?) OR (a = ? AND b = ?)) AND gone IS NULL", true);
        check("SELECT `id` FROM `t` WHERE (((`a` = ?) AND (`b` = ?)) OR ((`a` = ?) AND (`b` = ?)))", true);
        check(
            "DELETE FROM t WHERE (\"a\" = $1 AND \"b\" = $2) OR (\"a\" = $3 AND \"b\" = $4) RETURNING id",
            true,
        );
        check("SELECT id FROM t WHERE sender = ? OR receiver = ?", false);
        check("SELECT id FROM t WHERE id = ? OR parent_id = ?", false);
        check("SELECT id FROM t WHERE at > ? OR (at = ? AND id > ?) ORDER BY at, id LIMIT 10", false);
        check("SELECT id FROM t WHERE (a = ? AND b = ?)", false);
        check("SELECT id FROM t WHERE a IS NULL OR b IS NULL", false);
    }

    #[test]
    fn several_selects_make_a_batch() {
        check("SELECT a FROM t WHERE id = ? UNION ALL SELECT a FROM t WHERE id = ?", true);
        check(
            "(SELECT a FROM t WHERE id = ? LIMIT 3) UNION ALL (SELECT a FROM t WHERE id = ? LIMIT 3)",
            true,
        );
        check("INSERT INTO t (a, b) SELECT ?, ? UNION ALL SELECT ?, ?", true);
        check(
            "INSERT INTO t (a, b) SELECT ? AS a, ? AS b UNION ALL SELECT ?, ? ON CONFLICT DO NOTHING",
            true,
        );
        check("WITH v AS (SELECT ? AS a UNION ALL SELECT ?) SELECT t.id FROM t JOIN v ON v.a = t.a", true);
        check("SELECT id FROM old WHERE owner = ? UNION ALL SELECT id FROM new WHERE owner = ?", false);
        check(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n",
            false,
        );
        check("INSERT INTO t (a, b) SELECT ?, ?", false);
    }
}
