//! Whether a line of the sources stands in a loop of its function: a stack tells who has called, and not how often.
//!
//! The sources are read only where somebody is about to be accused. Where they are not at hand, nothing is known.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::lock::lock;

/// What a line stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Enclosing {
    NoLoop,
    /// `for x in [...]`: the values stand there.
    LoopOverValues,
    Loop,
}

/// The loop of the function around a line that the line stands in; `None` if the file cannot be read. Each is looked up once in a
/// process: a statement is judged for the verdict, for the message and for the record.
pub(super) fn around(file: &Path, line: u32) -> Option<Enclosing> {
    type Known = HashMap<(PathBuf, u32), Option<Enclosing>>;
    static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
    let mut known = lock(&KNOWN);
    let known = known.get_or_insert_with(HashMap::new);
    let read = || Some(Reader::new(&std::fs::read(file).ok()?, line).read());
    *known.entry((file.to_owned(), line)).or_insert_with(read)
}

/// What has been opened and not closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Function,
    /// The body of a loop, or the arguments of a method that calls a closure for each item.
    Loop {
        over_values: bool,
    },
    Other,
}

/// What is read of the statement that a block may follow.
#[derive(Clone, Copy, Default)]
struct Header {
    is_function: bool,
    is_loop: bool,
    over_values: bool,
    /// `impl Trait for Type` is no loop.
    is_impl: bool,
}

struct Reader<'a> {
    source: &'a [u8],
    at: usize,
    line: u32,
    wanted: u32,
    open: Vec<Open>,
    header: Header,
    last_word: &'a [u8],
    found: Option<Enclosing>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a [u8], wanted: u32) -> Self {
        let (open, header) = (Vec::new(), Header::default());
        Reader { source, at: 0, line: 1, wanted, open, header, last_word: b"", found: None }
    }

    fn read(mut self) -> Enclosing {
        while self.line <= self.wanted && self.at < self.source.len() {
            self.step();
            if self.line == self.wanted {
                self.found = self.found.max(self.inside());
            }
        }
        self.found.unwrap_or(Enclosing::NoLoop)
    }

    /// The innermost loop that has been opened in the innermost function.
    fn inside(&self) -> Option<Enclosing> {
        let mut inner = self.open.iter().rev().take_while(|open| **open != Open::Function);
        let head = Some(self.header.opens()).filter(|open| matches!(open, Open::Loop { .. }));
        let open = head.or_else(|| inner.find(|open| matches!(open, Open::Loop { .. })).copied())?;
        Some(match open {
            Open::Loop { over_values: true } => Enclosing::LoopOverValues,
            _ => Enclosing::Loop,
        })
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.source.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (b'/', b'/') => self.skip_until(|rest| rest.starts_with(b"\n")),
            (b'/', b'*') => {
                self.skip_until(|rest| rest.starts_with(b"*/"));
                self.at += 2;
            }
            (b'"', _) => self.string(),
            (b'\'', _) => self.quote(),
            (byte, _) if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
            (byte, _) => self.sign(byte),
        }
    }

    fn skip_until(&mut self, is_end: impl Fn(&[u8]) -> bool) {
        while self.at < self.source.len() && !is_end(&self.source[self.at..]) {
            self.line += u32::from(self.peek(0) == b'\n');
            self.at += 1;
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while self.at < self.source.len() && self.peek(0) != b'"' {
            let length = if self.peek(0) == b'\\' { 2 } else { 1 };
            let piece = &self.source[self.at..(self.at + length).min(self.source.len())];
            self.line += piece.iter().map(|byte| u32::from(*byte == b'\n')).sum::<u32>();
            self.at += length;
        }
        self.at += 1;
    }

    /// `r"..."` or `r#"..."#`, behind its letters.
    fn raw_string(&mut self) {
        let hashes = self.source[self.at..].iter().take_while(|byte| **byte == b'#').count();
        if self.peek(hashes) != b'"' {
            return;
        }
        self.at += hashes + 1;
        let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
        self.skip_until(|rest| rest.starts_with(&end));
        self.at += end.len();
    }

    /// A character, or the mark of a lifetime or a label.
    fn quote(&mut self) {
        self.at += match (self.peek(1), self.peek(2)) {
            (b'\\', _) => {
                2 + self.source[self.at + 2..].iter().skip(1).take_while(|byte| **byte != b'\'').count() + 2
            }
            (_, b'\'') => 3,
            _ => 1,
        };
    }

    fn word(&mut self) {
        let rest = &self.source[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let word = &rest[..length];
        self.at += length;
        match word {
            b"r" | b"br" | b"cr" if matches!(self.peek(0), b'"' | b'#') => self.raw_string(),
            b"fn" => self.header = Header { is_function: true, ..Header::default() },
            b"impl" => self.header.is_impl = true,
            b"for" if self.peek(0) != b'<' => self.header.is_loop = true,
            b"while" | b"loop" => self.header.is_loop = true,
            b"in" => self.header.over_values = self.is_before_values(),
            _ => {}
        }
        self.last_word = word;
    }

    fn sign(&mut self, sign: u8) {
        self.at += 1;
        match sign {
            b'\n' => self.line += 1,
            b'(' | b'[' => {
                let is_each = sign == b'(' && EACH.contains(&self.last_word) && self.takes_a_closure();
                self.open.push(if is_each { Open::Loop { over_values: false } } else { Open::Other });
            }
            b'{' => {
                let header = std::mem::take(&mut self.header);
                self.open.push(header.opens());
            }
            b')' | b']' => {
                self.open.pop();
            }
            b'}' => {
                self.open.pop();
                self.header = Header::default();
            }
            b';' => self.header = Header::default(),
            _ => {}
        }
        if !sign.is_ascii_whitespace() {
            self.last_word = b"";
        }
    }

    /// Whether an array follows that is written out.
    fn is_before_values(&self) -> bool {
        let rest = self.source[self.at..].trim_ascii_start();
        [b"[".as_slice(), b"&[", b"vec!["].iter().any(|array| rest.starts_with(array))
    }

    /// Whether a closure or the name of a function follows, and not a value.
    fn takes_a_closure(&self) -> bool {
        let rest = &self.source[self.at..];
        let end = rest.iter().position(|byte| *byte == b')').unwrap_or(rest.len());
        rest[..end].contains(&b'|') || rest[..end].windows(2).any(|two| two == b"::")
    }
}

/// Methods of iterators and streams that call what they are given for each item.
const EACH: &[&[u8]] = &[
    b"all",
    b"any",
    b"filter",
    b"filter_map",
    b"find_map",
    b"flat_map",
    b"fold",
    b"for_each",
    b"for_each_concurrent",
    b"map",
    b"scan",
    b"then",
    b"try_fold",
    b"try_for_each",
    b"try_for_each_concurrent",
];

impl Header {
    fn opens(self) -> Open {
        match self {
            _ if self.is_function => Open::Function,
            _ if self.is_loop && !self.is_impl => Open::Loop { over_values: self.over_values },
            _ => Open::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line with the mark.
    #[track_caller]
    fn check(source: &str, expected: Enclosing) {
        let line = source.lines().position(|line| line.contains("here")).unwrap() + 1;
        let line = u32::try_from(line).unwrap();
        assert_eq!(Reader::new(source.as_bytes(), line).read(), expected, "{source}");
    }

    #[test]
    fn a_line_stands_in_a_loop_of_its_function() {
        use Enclosing::{Loop, LoopOverValues, NoLoop};
        for (source, expected) in [
            ("fn f() {\n for (x, y) in [(1, 2), (3, 4)] {\n  here(x);\n }\n}", LoopOverValues),
            ("fn f() {\n for x in xs {\n  here(x);\n }\n}", Loop),
            ("fn f() {\n for x in xs {\n }\n here();\n}", NoLoop),
            ("fn f() {\n while let Some(x) = here() {\n  g(x);\n }\n}", Loop),
            ("fn f() { let a = 1;\n for n in 1..=5 { assert!(here(n)); } }", Loop),
            ("fn f() {\n 'a: loop {\n  if g() { here() }\n }\n}", Loop),
            ("fn f() {\n for x in xs {\n  fn g() {\n   here();\n  }\n }\n}", NoLoop),
            ("impl Run for Job {\n fn f() {\n  here();\n }\n}", NoLoop),
            ("fn f<F>(g: F) where F: for<'a> Fn(&'a str) {\n here();\n}", NoLoop),
            ("fn f() {\n ids.iter().map(|id| {\n  here(id)\n }).collect()\n}", Loop),
            ("fn f() {\n db.transaction(|db| {\n  here(db)\n })\n}", NoLoop),
            ("fn f() {\n g(\"for x in {\", '{', r#\"loop {\"#); // while {\n here();\n}", NoLoop),
            ("fn f() {\n let sql = \"a \\\n  b\";\n for x in xs {\n  here();\n }\n}", Loop),
            ("async fn f() {\n let a = async { here().await };\n}", NoLoop),
            ("fn f() {\n for x in xs { g(x) }\n match y { 1 => here(), _ => {} }\n}", NoLoop),
        ] {
            check(source, expected);
        }
    }
}
