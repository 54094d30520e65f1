//! What the advice on a statement and the verdict on it both read in its text.

/// Whether a normalised text reads no table and calls a function instead: what that does is not known.
#[must_use]
pub fn only_calls(text: &str) -> bool {
    called(text).is_some_and(|function| !function.is_empty()) && !text.contains(" FROM ")
}

/// The function that a `SELECT` calls first.
fn called(text: &str) -> Option<&str> {
    let first = text.strip_prefix("SELECT ")?;
    let (function, _) = first.split_once('(')?;
    let is_path = |char: char| char.is_alphanumeric() || "_.\"`".contains(char);
    function.chars().all(is_path).then_some(function)
}

/// So many characters of `text`, with a sign where there are more.
#[must_use]
pub fn shortened(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_reads_no_table() {
        let check = |text: &str, expected| assert_eq!(only_calls(text), expected, "{text}");
        check("SELECT price_of(?)", true);
        check("SELECT audit.log_in(?, ?)", true);
        check("SELECT count(*) FROM jobs", false);
        check("SELECT EXISTS (SELECT ? FROM orders WHERE id = ?)", false);
    }

    #[test]
    fn what_is_cut_off_is_told() {
        assert_eq!(shortened("größer", 6), "größer");
        assert_eq!(shortened("größer", 4), "größ ...");
    }
}
