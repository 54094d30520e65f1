//! How to do in one statement what another does row by row.

use crate::text::{only_calls, shortened};

/// So much of a statement is shown where there are several.
const WIDTH: usize = 50;

/// How to do in one statement what each of the normalised `texts` does row by row: a step to take, each once. Where there are several
/// statements it says which.
///
/// ```
/// let advice = perfassert::sql::advice(&["SELECT name FROM users u WHERE u.id = ?"]);
/// assert_eq!(advice, ["load them in one statement: WHERE id = ANY(?), WHERE id IN (...), or a JOIN"]);
/// ```
#[must_use]
pub fn advice(texts: &[&str]) -> Vec<String> {
    told_apart(texts, in_one_statement)
}

/// What to do about statements that are executed again and again with the same values each time; where there are several, about which.
///
/// ```
/// let advice = perfassert::sql::advice_on_duplicates(&["SELECT rate FROM currencies WHERE code = ?"]);
/// assert_eq!(advice, ["load it once and keep it: the values are the same each time"]);
/// ```
#[must_use]
pub fn advice_on_duplicates(texts: &[&str]) -> Vec<String> {
    told_apart(texts, |_| "load it once and keep it: the values are the same each time".to_owned())
}

fn told_apart(texts: &[&str], step: impl Fn(&str) -> String) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts {
        let step = match texts.iter().any(|other| other != text) {
            true => format!("for {}: {}", shortened(text, WIDTH), step(text)),
            false => step(text),
        };
        if !all.contains(&step) {
            all.push(step);
        }
    }
    all
}

fn in_one_statement(text: &str) -> String {
    let writes = |verb: &str| text.starts_with(verb);
    match compared_column(text) {
        _ if only_calls(text) => {
            "call it for all rows in one statement: SELECT ... FROM unnest(?)".to_owned()
        }
        _ if writes("INSERT") => "write them in one statement: several rows of VALUES".to_owned(),
        Some(key) if writes("UPDATE") || writes("DELETE") => {
            format!("change them in one statement: WHERE {key} = ANY(?) or WHERE {key} IN (...)")
        }
        Some(key) => {
            format!("load them in one statement: WHERE {key} = ANY(?), WHERE {key} IN (...), or a JOIN")
        }
        None => "load them in one statement, for all rows at once".to_owned(),
    }
}

/// The column that a normalised text compares with a value first: `id` in `SELECT name FROM users WHERE id = ?`. Of `t0.id` it is the
/// `id`, and so it is of `A_id` where that stands for `t0.id`: what a generated statement calls its tables and columns says nothing to
/// whoever writes the next one.
fn compared_column(text: &str) -> Option<&str> {
    let (_, condition) = text.split_once(" WHERE ")?;
    let (column, _) = condition.split_once(" = ?")?;
    let column = column.trim_start_matches('(');
    let is_name = |char: char| char.is_alphanumeric() || "_$.\"`[]".contains(char);
    let is_column = !column.is_empty() && column.chars().all(is_name);
    let last = |name| str::rsplit(name, '.').next().unwrap_or(name);
    is_column.then(|| last(meant_by(last(column), text).unwrap_or(column)))
}

/// The column of a table that `alias` is another name of: `t0.id` of `A_id` in `SELECT t0.id AS A_id FROM ...`.
fn meant_by<'a>(alias: &str, text: &'a str) -> Option<&'a str> {
    let names = text.split([' ', ',', '(', ')']).filter(|name| !name.is_empty());
    let names: Vec<&str> = names.collect();
    let named = names.windows(3).find(|it| it[1] == "AS" && it[2] == alias && it[0].contains('.'));
    named.map(|it| it[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_what_stands_before_the_first_value() {
        let check = |text: &str, expected| assert_eq!(compared_column(text), expected, "{text}");
        check("SELECT name FROM users WHERE id = ?", Some("id"));
        check("SELECT name FROM users u WHERE u.id = ? AND shop = ?", Some("id"));
        check("SELECT `users`.`name` FROM `users` WHERE (`users`.`id` = ?) LIMIT ?", Some("`id`"));
        check("SELECT name FROM users WHERE ((\"id\" = ?) AND (shop = ?))", Some("\"id\""));
        let joined = "SELECT \"t0\".\"id\" AS \"A_id\", \"t1\".\"id\" AS \"B_id\" FROM \"cakes\" AS \"t0\" JOIN \"fruits\" AS \"t1\" ON \"t0\".\"id\" = \"t1\".\"cake_id\"";
        check(&format!("{joined} WHERE \"t1\".\"cake_id\" = ?"), Some("\"cake_id\""));
        check(&format!("SELECT * FROM ({joined}) AS \"sub\" WHERE \"A_id\" = ?"), Some("\"id\""));
        check(
            &format!("SELECT * FROM ({joined}) AS \"sub\" WHERE \"sub\".\"B_id\" = ? LIMIT ?"),
            Some("\"id\""),
        );
        check("SELECT name FROM users AS id WHERE id = ?", Some("id"));
        check("SELECT name FROM users WHERE lower(name) = ?", None);
        check("SELECT name FROM users WHERE a > ? AND id = ?", None);
        check("SELECT name FROM users", None);
        check("INSERT INTO users (id) VALUES (?)", None);
    }

    #[test]
    fn the_advice_is_for_what_the_statement_does() {
        let check =
            |text: &str, expected: &str| assert!(in_one_statement(text).starts_with(expected), "{text}");
        check(
            "SELECT sku FROM lines l WHERE l.order_id = ?",
            "load them in one statement: WHERE order_id = ANY(?)",
        );
        check("SELECT sku FROM lines", "load them in one statement, for all rows");
        check("INSERT INTO lines (sku) VALUES (?)", "write them in one statement: several rows of VALUES");
        check("UPDATE lines SET sku = ? WHERE id = ?", "change them in one statement: WHERE id = ANY(?)");
        check("DELETE FROM lines WHERE id = ?", "change them in one statement: WHERE id = ANY(?)");
        check("SELECT pay(?)", "call it for all rows");
    }

    #[test]
    fn several_statements_are_told_apart() {
        let (lines, sites) =
            ("SELECT sku FROM lines WHERE order_id = ?", "UPDATE sites SET seen = ? WHERE id = ?");
        assert_eq!(advice(&[lines, lines]).len(), 1);
        let both = advice(&[lines, sites]);
        assert_eq!(both.len(), 2);
        assert!(both[0].starts_with("for SELECT sku FROM lines WHERE order_id = ?: load them"), "{both:?}");
        assert!(both[1].starts_with("for UPDATE sites SET seen = ? WHERE id = ?: change them"), "{both:?}");
        let both = advice_on_duplicates(&[lines, sites]);
        assert!(both[1].starts_with("for UPDATE sites SET seen = ? WHERE id = ?: load it once"), "{both:?}");
    }
}
