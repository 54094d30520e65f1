//! Names of tables, schemas and other objects that are another one in each look: made up for the run, though they look like any
//! other, as `crimson_fox` does.

use std::collections::BTreeSet;

use perfassert_record::record::{Record, Statement};
use perfassert_record::sql::normalize;

/// A name that the rules of normalised text know to be made up.
const KNOWN: &str = "perfassert_1f3a9c2b07";

/// Shows as placeholders the names by which alone a statement of one look at a test differs from one of another look.
pub(crate) fn without_names_of_one_look(looks: &mut [Record]) {
    let mut names = BTreeSet::new();
    if let [first, others @ ..] = &*looks {
        for other in others {
            names.extend(names_of_one_look(first, other));
        }
    }
    if names.is_empty() {
        return;
    }
    for look in looks {
        let of_endpoints = look.endpoints.iter_mut().map(|endpoint| &mut endpoint.statements);
        for statements in of_endpoints.chain([&mut look.statements]) {
            replace(statements, &names);
        }
    }
}

/// The names, in pairs: the statement that one look has, and the only one like it that the other has instead.
fn names_of_one_look(one: &Record, other: &Record) -> Vec<String> {
    let only = |of: &Record, not: &Record| -> Vec<String> {
        let is_known = |sql: &str| not.statements.iter().any(|it| it.sql == sql);
        of.statements.iter().map(|it| it.sql.clone()).filter(|sql| !is_known(sql)).collect()
    };
    let (ours, theirs) = (only(one, other), only(other, one));
    let alike = |sql: &String| {
        let mut pairs = theirs.iter().filter_map(|other| different_names(sql, other));
        pairs.next().filter(|_| pairs.next().is_none())
    };
    // What the other look has somewhere as well is not made up for one of them.
    let has = |look: &Record, name: &String| {
        look.statements.iter().any(|statement| pieces(&statement.sql).any(|piece| piece == name))
    };
    let are_of_one_look = |[ours, theirs]: &[String; 2]| !has(other, ours) && !has(one, theirs);
    ours.iter().filter_map(alike).filter(are_of_one_look).flatten().collect()
}

/// The two names, if the texts differ in the name of one object, wherever it stands, and in nothing else.
fn different_names(one: &str, other: &str) -> Option<[String; 2]> {
    let (ours, theirs): (Vec<_>, Vec<_>) = (pieces(one).collect(), pieces(other).collect());
    if ours.len() != theirs.len() {
        return None;
    }
    let mut different: Vec<_> = ours.into_iter().zip(theirs).filter(|(one, other)| one != other).collect();
    different.dedup();
    let [(name, other_name)] = different[..] else { return None };
    let is_name =
        |piece: &str| piece.starts_with(is_word) && !piece.starts_with(|char: char| char.is_uppercase());
    let names = [name, other_name].map(str::to_owned);
    let are_objects = |text: &str| without(text, &names.iter().cloned().collect()).is_some();
    (is_name(name) && is_name(other_name) && are_objects(one) && are_objects(other)).then_some(names)
}

fn replace(statements: &mut Vec<Statement>, names: &BTreeSet<String>) {
    let mut kept: Vec<Statement> = Vec::new();
    for mut statement in statements.drain(..) {
        if let Some(sql) = without(&statement.sql, names) {
            statement.fingerprint = normalize(&sql).fingerprint;
            statement.sql = sql;
        }
        let key = |it: &Statement| (it.class, it.fingerprint);
        match kept.iter_mut().find(|known| key(known) == key(&statement)) {
            Some(known) => {
                known.count += statement.count;
                known.sum = known.sum.zip(statement.sum).map(|(known, other)| known + other);
            }
            None => kept.push(statement),
        }
    }
    *statements = kept;
}

/// The text with placeholders for the names, if it has some of them, and where objects are named only.
fn without(text: &str, names: &BTreeSet<String>) -> Option<String> {
    let replaced: String =
        pieces(text).map(|piece| if names.contains(piece) { KNOWN } else { piece }).collect();
    let normal = normalize(&replaced).text;
    (replaced != text && !normal.contains(KNOWN)).then_some(normal)
}

/// The text in pieces: words, and what stands between them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|char| is_word(char) != is_word(first)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, expected: Option<&str>) {
        let names = different_names(one, other).map(|names| names.into_iter().collect());
        let shown = names.and_then(|names| without(one, &names));
        assert_eq!(shown.as_deref(), expected, "{one} and {other}");
    }

    /// Q61
    #[test]
    fn names_that_change_from_look_to_look_are_placeholders() {
        check("CREATE SCHEMA crimson_fox", "CREATE SCHEMA lazy_dog", Some("CREATE SCHEMA ?"));
        check(
            "SELECT fox.id FROM fox WHERE fox.id = ?",
            "SELECT dog.id FROM dog WHERE dog.id = ?",
            Some("SELECT ?.id FROM ? WHERE ?.id = ?"),
        );
        check(
            "DELETE FROM \"fox\".\"orders\"",
            "DELETE FROM \"dog\".\"orders\"",
            Some("DELETE FROM ?.\"orders\""),
        );
    }

    /// A column is no object, and two names are another statement.
    #[test]
    fn another_statement_is_another_one() {
        check("SELECT a FROM orders", "SELECT b FROM orders", None);
        check("SELECT a FROM orders JOIN x", "SELECT a FROM lines JOIN y", None);
        check("SELECT a FROM orders", "SELECT a FROM orders WHERE id = ?", None);
        check("SELECT a FROM orders", "SELECT a FROM orders", None);
    }
}
