//! One line of a log.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// A request, as a line tells of it.
///
/// The fields borrow from the line. A quoted field is copied only where it has a character that was escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Address or name of the client.
    pub client: &'a str,
    /// Who was logged in, if anybody was.
    pub user: Option<&'a str>,
    /// As it is written: `02/Mar/2026:08:14:00 +0000`.
    pub time: &'a str,
    /// `GET`.
    pub method: &'a str,
    /// With the query: `/tea?page=2`.
    pub target: &'a str,
    /// HTTP status of the answer.
    pub status: u16,
    /// Size of the answer's body, in bytes.
    pub bytes: u64,
    /// Where the client came from, if it said so.
    pub referer: Option<Cow<'a, str>>,
    /// What the client is, if it said so.
    pub agent: Option<Cow<'a, str>>,
}

/// A line that is not in the combined format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The field that could not be read.
    pub field: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the line has no {} where the combined format has it", self.field)
    }
}

impl Error for Malformed {}

impl<'a> Entry<'a> {
    /// Reads a line, without its end.
    ///
    /// # Errors
    ///
    /// When the line is not in the combined format.
    pub fn parse(line: &'a str) -> Result<Self, Malformed> {
        let mut rest = line;
        let client = word(&mut rest, "client")?;
        word(&mut rest, "identity")?;
        let user = word(&mut rest, "user")?;
        let time = between(&mut rest, '[', ']', "time")?;
        let mut request = quoted(&mut rest, "request")?;
        let method = word(&mut request, "method")?;
        let target = word(&mut request, "target")?;
        let status = number(&mut rest, "status")?;
        let bytes = word(&mut rest, "size")?;
        Ok(Self {
            client,
            user: said(user),
            time,
            method,
            target,
            status,
            // A dash for an answer without a body.
            bytes: said(bytes).map_or(Ok(0), str::parse).map_err(|_| Malformed { field: "size" })?,
            referer: said(quoted(&mut rest, "referer")?).map(unescaped),
            agent: said(quoted(&mut rest, "agent")?).map(unescaped),
        })
    }

    /// The target without its query: `/tea`.
    pub fn path(&self) -> &'a str {
        self.target.split_once('?').map_or(self.target, |(path, _)| path)
    }
}

/// Takes what stands before the next blank, and the blank.
fn word<'a>(rest: &mut &'a str, field: &'static str) -> Result<&'a str, Malformed> {
    let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
    *rest = after;
    if word.is_empty() { Err(Malformed { field }) } else { Ok(word) }
}

fn number<T: std::str::FromStr>(rest: &mut &str, field: &'static str) -> Result<T, Malformed> {
    word(rest, field)?.parse().map_err(|_| Malformed { field })
}

/// Takes what stands between two characters, and the blank after it.
fn between<'a>(
    rest: &mut &'a str,
    open: char,
    close: char,
    field: &'static str,
) -> Result<&'a str, Malformed> {
    let inside = rest.strip_prefix(open).ok_or(Malformed { field })?;
    let (found, after) = inside.split_once(close).ok_or(Malformed { field })?;
    *rest = after.strip_prefix(' ').unwrap_or(after);
    Ok(found)
}

/// Takes what stands between quotes, and the blank after it. A quote that is escaped is no end.
fn quoted<'a>(rest: &mut &'a str, field: &'static str) -> Result<&'a str, Malformed> {
    let inside = rest.strip_prefix('"').ok_or(Malformed { field })?;
    let mut is_escaped = false;
    let end = inside.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    let (found, after) = inside.split_at(end.ok_or(Malformed { field })?);
    *rest = after[1..].strip_prefix(' ').unwrap_or(&after[1..]);
    Ok(found)
}

/// A dash says that there is nothing to say.
fn said(field: &str) -> Option<&str> {
    (field != "-").then_some(field)
}

/// The field as the client sent it: `\"` and `\\` are a quote and a backslash.
fn unescaped(field: &str) -> Cow<'_, str> {
    if !field.contains('\\') {
        return Cow::Borrowed(field);
    }
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        let literal = if character == '\\' { characters.next().unwrap_or('\\') } else { character };
        text.push(literal);
    }
    Cow::Owned(text)
}
