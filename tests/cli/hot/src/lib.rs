//! A hot path.

use std::sync::OnceLock;

/// Made once.
static SEPARATOR: OnceLock<String> = OnceLock::new();

/// The words of a line, each by itself: one allocation for the list and one for each word.
pub fn words(line: &str) -> Vec<String> {
    let separator = SEPARATOR.get_or_init(|| String::from(" "));
    let mut words = Vec::with_capacity(line.split(&**separator).count());
    for word in line.split(&**separator) {
        words.push(word.to_owned());
    }
    words
}
