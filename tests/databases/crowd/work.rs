//! What each of the fifty tests does: of every kind of statement another number.

use crate::Statements;

pub(crate) const SCHEMA: &str = "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL); \
                                 INSERT INTO item VALUES (1, 'one'), (2, 'two'); CREATE TABLE visit (test INTEGER)";

/// How many selects, updates, and pairs of inserts in a transaction test `n` sends.
pub(crate) fn numbers(n: u32) -> [u32; 3] {
    [n % 7 + 1, n % 3, n % 2]
}

/// The statements of test `n`.
pub(crate) fn expected(n: u32) -> Statements {
    let [selects, updates, pairs] = numbers(n);
    let all = [
        ("SELECT name FROM item WHERE id = ?", selects),
        ("UPDATE item SET name = ? WHERE id = ?", updates),
        ("INSERT INTO visit (test) VALUES (?)", 2 * pairs),
        ("SELECT count(*) FROM item", 2),
    ];
    let each = all.into_iter().filter(|(_, count)| *count > 0);
    each.map(|(text, count)| (text.to_owned(), u64::from(count))).collect()
}
