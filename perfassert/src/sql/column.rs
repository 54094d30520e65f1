//! The column by which a statement looks rows up.

/// The column that a normalised text compares with a value first: `id` in `SELECT name FROM users WHERE id = ?`.
///
/// A statement that is repeated for one row after the other can be sent once, for all values of that column.
///
/// ```
/// assert_eq!(perfassert::sql::compared_column("SELECT name FROM users WHERE (users.id = ?) LIMIT ?"), Some("users.id"));
/// ```
#[must_use]
pub fn compared_column(text: &str) -> Option<&str> {
    let (_, condition) = text.split_once(" WHERE ")?;
    let (column, _) = condition.split_once(" = ?")?;
    let column = column.trim_start_matches('(');
    let is_name = |char: char| char.is_alphanumeric() || "_$.\"`[]".contains(char);
    (!column.is_empty() && column.chars().all(is_name)).then_some(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(compared_column(text), expected, "{text}");
    }

    #[test]
    fn a_column_is_what_stands_before_the_first_value() {
        check("SELECT name FROM users WHERE id = ?", Some("id"));
        check("SELECT name FROM users u WHERE u.id = ? AND shop = ?", Some("u.id"));
        check("SELECT `users`.`name` FROM `users` WHERE (`users`.`id` = ?) LIMIT ?", Some("`users`.`id`"));
        check("SELECT name FROM users WHERE ((\"id\" = ?) AND (shop = ?))", Some("\"id\""));
        check("SELECT name FROM users WHERE lower(name) = ?", None);
        check("SELECT name FROM users WHERE a > ? AND id = ?", None);
        check("SELECT name FROM users", None);
        check("INSERT INTO users (id) VALUES (?)", None);
    }
}
