//! Whether a statement is sent again and again by its nature: it takes the next of what is left, or it acts.

use crate::sql::Kind;

/// Whether a normalised text changes or locks some of many, and the next time others: a purge in batches, a job that is claimed.
pub(crate) fn takes_what_is_left(text: &str, kind: Kind) -> bool {
    let is_write = matches!(kind, Kind::Insert | Kind::Update | Kind::Delete);
    text.contains(" SKIP LOCKED") || (is_write && is_limited(text) && !is_of_one_row(text))
}

/// Whether its limit only says that there is one row of that id, as some write on MySQL.
fn is_of_one_row(text: &str) -> bool {
    let outside = text.rsplit(')').next().unwrap_or_default();
    let mut compared =
        text.match_indices(" = ?").map(|(end, _)| last_name(text[..end].trim_end_matches(['`', '"'])));
    is_limited(outside) && compared.any(|column| column == "id" || column == "uuid")
}

/// Whether it has a limit.
pub(crate) fn is_limited(text: &str) -> bool {
    [" LIMIT ?", " FETCH FIRST ", " FETCH NEXT "].iter().any(|limit| text.contains(limit))
}

/// Whether it is about what lies between two bounds of one column.
///
/// What is read beside that by a key (`shop = ? AND day BETWEEN ? AND ?`) is read once for each; what is written may well be
/// written in windows.
pub(crate) fn is_window(text: &str, kind: Kind) -> bool {
    let Some((_, conditions)) = text.rsplit_once(" WHERE ") else { return false };
    let has_key = conditions.contains(" = ?") && kind == Kind::Select;
    !has_key && (conditions.contains(" BETWEEN ? AND ?") || has_both_bounds(conditions))
}

fn has_both_bounds(conditions: &str) -> bool {
    let bounded = |signs: [&str; 2]| -> Vec<&str> {
        let ends = signs.into_iter().flat_map(|sign| conditions.match_indices(sign));
        ends.map(|(end, _)| last_word(&conditions[..end])).collect()
    };
    let above = bounded([" < ?", " <= ?"]);
    bounded([" > ?", " >= ?"]).iter().any(|column| above.contains(column))
}

fn last_word(text: &str) -> &str {
    text.rsplit([' ', '(']).next().unwrap_or_default()
}

/// Whether it compares two columns with values, as an update does that is to meet only the version that was read.
pub(crate) fn expects_a_version(text: &str, kind: Kind) -> bool {
    let conditions = text.rsplit_once(" WHERE ").map_or("", |(_, conditions)| conditions);
    kind == Kind::Update && conditions.matches(" = ?").count() >= 2
}

/// Whether it inserts rows, and fails if it cannot.
pub(crate) fn inserts_or_fails(text: &str) -> bool {
    let yields = [" ON CONFLICT", " ON DUPLICATE ", " SELECT "];
    text.starts_with("INSERT INTO ") && !yields.iter().any(|words| text.contains(words))
}

/// Whether a `SELECT` does something other than read: it locks, notifies, counts a sequence up, sets what the session goes by.
/// Doing that once, or for all at once, is another program.
pub(crate) fn acts(text: &str) -> bool {
    let calls = text.match_indices('(').map(|(end, _)| last_name(&text[..end]));
    calls
        .into_iter()
        .any(|name| ACTING.contains(&name) || ACTING_FAMILIES.iter().any(|family| name.starts_with(family)))
}

fn last_name(text: &str) -> &str {
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    &text[text.trim_end_matches(is_name).len()..]
}

/// Whether it locks the rows that it reads: what was read before the lock is not to be kept.
pub(crate) fn locks(text: &str) -> bool {
    [" FOR UPDATE", " FOR SHARE", " FOR KEY SHARE", " FOR NO KEY UPDATE"]
        .iter()
        .any(|lock| text.contains(lock))
}

const ACTING: &[&str] = &[
    "set_config",
    "nextval",
    "setval",
    "currval",
    "lastval",
    "pg_notify",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_cancel_backend",
    "pg_terminate_backend",
    "pg_logical_emit_message",
    "txid_current",
    "pg_current_xact_id",
    "setseed",
    "get_lock",
    "release_lock",
    "release_all_locks",
    "is_free_lock",
    "is_used_lock",
    "sleep",
    "last_insert_id",
    "last_insert_rowid",
    "row_count",
    "found_rows",
    "changes",
    "total_changes",
    "load_extension",
];

const ACTING_FAMILIES: &[&str] = &["pg_advisory_", "pg_try_advisory_", "pg_replication_", "dblink", "lo_"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::normalize;

    #[track_caller]
    fn check(sql: &str, is: fn(&str, Kind) -> bool, expected: bool) {
        let normalized = normalize(sql);
        assert_eq!(is(&normalized.text, normalized.kind), expected, "{}", normalized.text);
    }

    /// Q59
    #[test]
    fn what_is_left_is_taken_in_batches() {
        for (sql, expected) in [
            ("DELETE FROM s WHERE id IN (SELECT id FROM s WHERE at < ? ORDER BY id LIMIT ?)", true),
            ("DELETE FROM s WHERE at < ? LIMIT 1000", true),
            ("WITH old AS (SELECT id FROM s LIMIT 100) DELETE FROM s USING old WHERE s.id = old.id", true),
            ("UPDATE s SET at = 0 WHERE id IN (SELECT id FROM s WHERE at IS NULL LIMIT 100)", true),
            ("UPDATE jobs SET state = 'run' WHERE id = (SELECT id FROM jobs LIMIT 1) RETURNING id", true),
            ("SELECT id FROM jobs WHERE state = 'new' LIMIT 1 FOR UPDATE SKIP LOCKED", true),
            ("INSERT INTO kept SELECT * FROM s WHERE id > ? ORDER BY id FETCH FIRST 100 ROWS ONLY", true),
            ("DELETE FROM s WHERE kind = 'debug' LIMIT 1000", true),
            ("UPDATE s SET at = 0 WHERE `s`.`id` = ? LIMIT 1", false),
            ("SELECT id FROM s LIMIT 1", false),
            ("SELECT id FROM s WHERE id = ? FOR UPDATE", false),
            ("DELETE FROM s WHERE id = ?", false),
        ] {
            check(sql, takes_what_is_left, expected);
        }
    }

    #[test]
    fn windows_have_two_bounds() {
        for (sql, expected) in [
            ("UPDATE s SET at = 0 WHERE id BETWEEN ? AND ?", true),
            ("UPDATE s SET at = 0 WHERE kind = 'a' AND id BETWEEN ? AND ?", true),
            ("SELECT a FROM s WHERE id >= ? AND id < ?", true),
            ("SELECT a FROM s WHERE (s.id > $1) AND (s.id <= $2)", true),
            ("SELECT sum(a) FROM s WHERE shop = ? AND day BETWEEN ? AND ?", false),
            ("SELECT a FROM s WHERE starts <= ? AND ends >= ?", false),
            ("SELECT a FROM s WHERE id > ?", false),
            ("SELECT a FROM s", false),
        ] {
            check(sql, is_window, expected);
        }
    }

    #[test]
    fn versions_and_plain_inserts() {
        check("UPDATE d SET v = v + 1 WHERE id = ? AND v = ?", expects_a_version, true);
        check("UPDATE d SET v = ? WHERE id = ?", expects_a_version, false);
        check("DELETE FROM d WHERE id = ? AND v = ?", expects_a_version, false);
        let fails = |text: &str, _: Kind| inserts_or_fails(text);
        check("INSERT INTO d (id) VALUES (?)", fails, true);
        check("INSERT INTO d (id) VALUES (?) RETURNING id", fails, true);
        check("INSERT INTO d (id) VALUES (?) ON CONFLICT DO NOTHING", fails, false);
        check("INSERT IGNORE INTO d (id) VALUES (?)", fails, false);
        check("INSERT OR IGNORE INTO d (id) VALUES (?)", fails, false);
        check("INSERT INTO d (id) SELECT id FROM e", fails, false);
    }

    /// Q59
    #[test]
    fn some_selects_act() {
        let acts = |text: &str, _: Kind| acts(text);
        for (sql, expected) in [
            ("SELECT pg_advisory_xact_lock(7)", true),
            ("SELECT pg_try_advisory_lock(hashtext($1))", true),
            ("SELECT set_config('app.tenant', $1, true)", true),
            ("SELECT pg_catalog.set_config('search_path', '', false)", true),
            ("SELECT nextval('invoice_number')", true),
            ("SELECT pg_notify('jobs', $1)", true),
            ("SELECT GET_LOCK('a', 10)", true),
            ("SELECT 1 FROM pg_sleep(1)", true),
            ("SELECT id FROM jobs WHERE pg_try_advisory_xact_lock(id) LIMIT 1", true),
            ("SELECT my_nextval(a) FROM t", false),
            ("SELECT count(*) FROM jobs", false),
            ("SELECT price_of(?)", false),
            ("SELECT set_config FROM settings WHERE id = ?", false),
            ("SELECT EXISTS (SELECT 1 FROM orders WHERE id = ?)", false),
        ] {
            check(sql, acts, expected);
        }
    }
}
