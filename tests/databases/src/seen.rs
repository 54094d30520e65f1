//! What a server executed, as a multiset of normalised statements.

use std::collections::BTreeMap;

use perfassert::sql::{Class, normalize};

/// What a server executed in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<(Class, String), u64>);

impl Seen {
    /// From the texts that a witness gives, one for each execution of one statement.
    pub(crate) fn from_texts(texts: &[String]) -> Self {
        let mut seen = Self::default();
        for text in texts {
            let statement = normalize(text);
            *seen.0.entry((statement.class, statement.text)).or_default() += 1;
        }
        seen
    }

    /// The statements of one class: text, and how often.
    #[must_use]
    pub fn of(&self, class: Class) -> BTreeMap<String, u64> {
        let of_class = self.0.iter().filter(|((this, _), _)| *this == class);
        of_class.map(|((_, text), count)| (text.clone(), *count)).collect()
    }
}

/// The statements of a text: PostgreSQL and MariaDB log several in one text as one.
///
/// In the simplest of ways, and not in perfassert's: a semicolon outside of `'...'` ends one. The tests have no texts for
/// which that is too simple, such as the bodies of procedures.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    let (mut in_string, mut is_escaped) = (false, false);
    for character in text.chars() {
        in_string ^= character == '\'' && !is_escaped;
        is_escaped = in_string && character == '\\' && !is_escaped;
        match statements.last_mut() {
            Some(statement) if in_string || character != ';' => statement.push(character),
            _ => statements.push(String::new()),
        }
    }
    statements.retain(|statement| !statement.trim().is_empty());
    if statements.is_empty() {
        // An empty text is a statement, too: a ping.
        statements.push(String::new());
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_semicolons_outside_of_strings() {
        let check = |text: &str, parts: &[&str]| assert_eq!(split(text), parts, "{text}");
        check("SELECT 1", &["SELECT 1"]);
        check("SELECT 1;", &["SELECT 1"]);
        check("SELECT ';', 'it''s;'; SELECT 2", &["SELECT ';', 'it''s;'", " SELECT 2"]);
        check(r"SELECT '\';'; SELECT 2", &[r"SELECT '\';'", " SELECT 2"]);
        check("", &[""]);
    }
}
