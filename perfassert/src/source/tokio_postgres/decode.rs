//! What tokio-postgres writes to the `log` crate, on the thread of the caller.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::source::cache::Cache;
#[cfg(feature = "diesel")]
use crate::source::diesel::is_under_way as is_diesels;

/// Whether a record of that target is the driver's.
pub(in crate::source) fn is_drivers(target: &str) -> bool {
    target.strip_prefix("tokio_postgres").is_some_and(|rest| rest.starts_with("::"))
}

/// What is kept of a statement whose text is not known: it was prepared before anybody listened, or very long ago.
const UNKNOWN: &str = "EXECUTE unknown";

/// As many prepared statements are remembered. The driver does not say when one is closed.
const REMEMBERED: usize = 1 << 17;

/// What a record says.
#[derive(Debug, PartialEq, Eq)]
enum LogEntry<'a> {
    /// A statement has this name from now on. Names are given once in a process.
    Prepared(u64, &'a str),
    /// The statement of that name is executed, with values that are written like this.
    Executed(u64, &'a str),
    /// This text is.
    Sent(&'a str),
}

/// The text that is executed, if a record of the driver's says that one is, and nobody else will; and how the values of its
/// placeholders are written.
pub(super) fn executed(message: &str) -> Option<(Arc<String>, &str)> {
    static TEXTS: Cache<String> = Cache::new();
    // Without a text it is diesel's.
    static PREPARED: Mutex<BTreeMap<u64, Option<Arc<String>>>> = Mutex::new(BTreeMap::new());
    match read(message)? {
        LogEntry::Prepared(name, sql) => {
            let text = (!is_diesels(sql)).then(|| TEXTS.get_or_make(sql, str::to_owned));
            let mut prepared = lock(&PREPARED);
            prepared.insert(name, text);
            if prepared.len() > REMEMBERED {
                prepared.pop_first();
            }
            None
        }
        LogEntry::Executed(name, values) => {
            let known = lock(&PREPARED).get(&name).cloned();
            let text = known.unwrap_or_else(|| Some(TEXTS.get_or_make(UNKNOWN, str::to_owned)))?;
            Some((text, values))
        }
        LogEntry::Sent(sql) if is_diesels(sql) => None,
        LogEntry::Sent(sql) => Some((TEXTS.get_or_make(sql, str::to_owned), "")),
    }
}

/// Whether diesel tells of this text by itself.
#[cfg(not(feature = "diesel"))]
fn is_diesels(_sql: &str) -> bool {
    false
}

fn read(message: &str) -> Option<LogEntry<'_>> {
    if let Some(rest) = message.strip_prefix("preparing query ") {
        let (name, rest) = name(rest)?;
        let rest = match rest.strip_prefix(" with types ") {
            Some(types) => &types[list_length(types)?..],
            None => rest,
        };
        return Some(LogEntry::Prepared(name, rest.strip_prefix(": ")?));
    }
    // A parameter's value is never read, and what comes after the name is only hashed.
    const BY_NAME: [&str; 3] =
        ["executing statement s", "executing copy in statement s", "executing copy out statement s"];
    if let Some(rest) = BY_NAME.iter().find_map(|prefix| message.strip_prefix(prefix)) {
        return digits(rest).map(|(name, values)| LogEntry::Executed(name, values));
    }
    const BY_TEXT: [&str; 2] = ["executing simple query: ", "executing statement batch: "];
    BY_TEXT.iter().find_map(|prefix| message.strip_prefix(prefix)).map(LogEntry::Sent)
}

/// `s7` and what comes after it.
fn name(text: &str) -> Option<(u64, &str)> {
    digits(text.strip_prefix('s')?)
}

fn digits(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// The length of a list in debug form, whose strings may hold anything.
fn list_length(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' => depth += 1,
            b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, expected: Option<LogEntry<'_>>) {
        assert_eq!(read(message), expected);
    }

    /// The lines of tokio-postgres 0.7.18, as they were logged.
    #[test]
    fn what_the_driver_says() {
        check("preparing query s0: SELECT $1::int4", Some(LogEntry::Prepared(0, "SELECT $1::int4")));
        check(
            "preparing query s17 with types [Int4, Text]: SELECT $1",
            Some(LogEntry::Prepared(17, "SELECT $1")),
        );
        check(
            "preparing query s2 with types [Other(Other { name: \"mo]: \\\"od\", oid: 1, kind: Enum([\"a: b\"]), \
             schema: \"public\" })]: SELECT $1",
            Some(LogEntry::Prepared(2, "SELECT $1")),
        );
        check(
            "executing statement s0 with parameters: [7, \"hunter2\"]",
            Some(LogEntry::Executed(0, " with parameters: [7, \"hunter2\"]")),
        );
        check("executing copy in statement s3", Some(LogEntry::Executed(3, "")));
        check("executing copy out statement s41", Some(LogEntry::Executed(41, "")));
        check("executing simple query: SELECT 1; SELECT 2", Some(LogEntry::Sent("SELECT 1; SELECT 2")));
        check("executing statement batch: START TRANSACTION", Some(LogEntry::Sent("START TRANSACTION")));
        check("executing simple query: ", Some(LogEntry::Sent("")));
        check("poll_read: waiting on response", None);
        check("NOTICE: relation \"users\" already exists, skipping", None);
        check("preparing query", None);
        check("executing statement s", None);
    }

    fn text(message: &str) -> String {
        executed(message).unwrap().0.to_string()
    }

    #[test]
    fn an_execution_has_the_text_that_was_prepared() {
        assert_eq!(executed("preparing query s4000000000: SELECT 1"), None);
        assert_eq!(text("executing statement s4000000000 with parameters: []"), "SELECT 1");
        assert_eq!(text("executing statement s4000000000 with parameters: []"), "SELECT 1");
    }

    #[test]
    fn an_execution_of_an_unknown_statement_is_one() {
        assert_eq!(text("executing statement s4000000001 with parameters: [1]"), UNKNOWN);
    }

    /// diesel-async on PostgreSQL.
    #[cfg(feature = "diesel")]
    #[test]
    fn what_diesel_has_under_way_is_left_to_diesel() {
        use crate::source::diesel::under_way::{begin, end};
        let prepared =
            |name: u64, sql: &str| executed(&format!("preparing query s{name}: {sql}")).map(|(text, _)| text);
        let run = |name: u64| {
            executed(&format!("executing statement s{name} with parameters: []")).map(|(text, _)| text)
        };

        begin("SELECT 'diesels'");
        assert_eq!(prepared(4_000_000_002, "SELECT 'diesels'"), None);
        assert_eq!(executed("executing statement batch: SELECT 'diesels'"), None);
        assert_eq!(run(4_000_000_002), None);
        end("SELECT 'diesels'");

        assert_eq!(run(4_000_000_002), None, "it stays diesel's");
        assert_eq!(prepared(4_000_000_003, "SELECT 'diesels'"), None);
        assert_eq!(*run(4_000_000_003).unwrap(), "SELECT 'diesels'");
        assert_eq!(text("executing simple query: SELECT 'diesels'"), "SELECT 'diesels'");
    }
}
