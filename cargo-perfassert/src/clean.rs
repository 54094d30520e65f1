//! Texts from elsewhere, cleaned where they come in: records, snapshots, git, settings, what tests print. What a terminal obeys, and what
//! has a text look like another one, is shown as what it is. Whoever renders escapes what his format gives a meaning to, and no more.

use std::borrow::Cow;

use perfassert_record::record::explain::Explanation;
use perfassert_record::record::{Outcome, Record, Statement, TestId};

/// A text of one line: `\u{202e}` for a character that turns the direction, and `\n` for a line break.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unclean) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_unclean(letter) {
            clean.extend(letter.escape_default());
        } else {
            clean.push(letter);
        }
    }
    Cow::Owned(clean)
}

/// The same, of a text whose line breaks are meant.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    text.split('\n').map(|line| clean(line.trim_end_matches('\r'))).collect::<Vec<_>>().join("\n")
}

/// A line that is shown as it was printed: its colours stay, and tabs.
#[must_use]
pub fn clean_output(line: &str) -> Cow<'_, str> {
    if !line.contains(is_unclean) {
        return Cow::Borrowed(line);
    }
    let mut clean_line = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let length = colour(rest).unwrap_or(letter.len_utf8());
        let (part, behind) = rest.split_at(length);
        if length > letter.len_utf8() || letter == '\t' {
            clean_line.push_str(part);
        } else {
            clean_line.push_str(&clean(part));
        }
        rest = behind;
    }
    Cow::Owned(clean_line)
}

/// How long the sequence is that a text begins with and that sets colours.
fn colour(text: &str) -> Option<usize> {
    let codes = text.strip_prefix("\u{1b}[")?;
    let end = codes.find(|letter: char| !letter.is_ascii_digit() && letter != ';' && letter != ':')?;
    codes[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

/// Whether a terminal obeys a character, or nobody sees it.
fn is_unclean(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The texts of a record.
pub(crate) fn clean_record(mut record: Record) -> Record {
    let Record { test, outcome, environment, endpoints, budgets, .. } = &mut record;
    clean_test(test);
    [&mut environment.rustc, &mut environment.target, &mut environment.profile].into_iter().for_each(text);
    match outcome {
        Outcome::OverBudget(lines) => lines.iter_mut().for_each(|line| *line = clean_lines(line)),
        Outcome::Inconclusive(reasons) | Outcome::Unseen(reasons) => reasons.iter_mut().for_each(|reason| {
            reason.cause = clean_lines(&reason.cause);
            reason.help = clean_lines(&reason.help);
        }),
        Outcome::Passed | Outcome::Failed => {}
    }
    for endpoint in endpoints {
        text(&mut endpoint.name);
        statements(&mut endpoint.statements);
    }
    budgets.iter_mut().filter_map(|budget| budget.endpoint.as_mut()).for_each(text);
    statements(&mut record.statements);
    statements(&mut record.unattributed);
    record.trace_id.iter_mut().chain(&mut record.snapshot).for_each(text);
    record
}

/// The texts of an explanation.
pub(crate) fn clean_explanation(mut explanation: Explanation) -> Explanation {
    clean_test(&mut explanation.test);
    for frame in &mut explanation.frames {
        [&mut frame.function, &mut frame.crate_name].into_iter().chain(&mut frame.file).for_each(text);
    }
    explanation.queries.iter_mut().for_each(|queries| text(&mut queries.sql));
    explanation.others.iter_mut().for_each(|others| text(&mut others.who));
    explanation
}

/// The name of a test.
pub(crate) fn clean_test(test: &mut TestId) {
    [&mut test.package, &mut test.target, &mut test.name].into_iter().chain(&mut test.case).for_each(text);
}

/// In its place.
fn text(text: &mut String) {
    if let Cow::Owned(clean) = clean(text) {
        *text = clean;
    }
}

fn statements(all: &mut [Statement]) {
    for statement in all {
        text(&mut statement.sql);
        for site in &mut statement.sites {
            text(&mut site.file);
            text(&mut site.function);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d72_one_line() {
        let check = |text: &str, expected: &str| assert_eq!(clean(text), expected, "{text:?}");
        check("SELECT \"na\u{ef}ve\" FROM t", "SELECT \"na\u{ef}ve\" FROM t");
        check("a\u{1b}[31mb", "a\\u{1b}[31mb");
        check("a\u{9b}31mb\u{7f}", "a\\u{9b}31mb\\u{7f}");
        check("user\u{202e}nimda", "user\\u{202e}nimda");
        check("or\u{200b}ders\u{feff}", "or\\u{200b}ders\\u{feff}");
        check("one\r\ntwo\tthree", "one\\r\\ntwo\\tthree");
    }

    #[test]
    fn d72_lines() {
        assert_eq!(clean_lines("a\r\nb\u{7}\n"), "a\nb\\u{7}\n");
    }

    #[test]
    fn d72_what_a_test_prints() {
        let check = |line: &str, expected: &str| assert_eq!(clean_output(line), expected, "{line:?}");
        check("plain", "plain");
        check("\u{1b}[1;31mred\u{1b}[0m\tand", "\u{1b}[1;31mred\u{1b}[0m\tand");
        check("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}");
        check("up \u{1b}[2A\u{1b}[K over", "up \\u{1b}[2A\\u{1b}[K over");
        check("\u{1b}[31", "\\u{1b}[31");
        check("back\rover", "back\\rover");
    }
}
