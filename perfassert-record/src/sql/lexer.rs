//! From text to tokens.
//!
//! One pass, and no step back by more than a word: linear for any input.

use super::context::Context;
use super::dialect::{Backslash, DialectSigns, Reading};
use super::keyword::Keyword;
use super::names::Names;
use super::place::{Places, without_random_name};
use super::scan;
use super::token::{Token, TokenKind};

/// An iterator over the tokens of a text.
pub(super) struct Lexer<'a> {
    sql: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Where the next token is looked for, if blanks after the last have been skipped already.
    resume: usize,
    reading: Reading,
    /// What came before.
    context: Context,
    names: Names,
    places: Places,
    /// A comment with another inside was never closed, so comments do not nest in this dialect.
    flat_comments: bool,
    /// What the text has shown of its dialect.
    pub(super) signs: DialectSigns,
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.at = self.skip_blank(self.at.max(self.resume), self.context.after_operand());
        let start = self.at;
        let &first = self.bytes.get(start)?;
        let kind = match first {
            b'(' => self.take(1, TokenKind::Open),
            b')' => self.take(1, TokenKind::Close),
            b',' => self.take(1, TokenKind::Comma),
            b';' => self.take(1, TokenKind::Semicolon),
            b']' => self.take(1, TokenKind::CloseBracket),
            b'\'' => self.string(start),
            b'"' => self.double_quoted(),
            b'`' => self.backticked(),
            b'[' => self.bracket(),
            b'$' => self.dollar(),
            b'?' => self.question_mark(),
            b':' => self.colon(),
            b'@' => self.at_sign(),
            b'%' => self.percent(),
            b'.' => self.dot(),
            b'0'..=b'9' => self.number(),
            _ if scan::is_word(first) => self.word(),
            _ => self.operator(),
        };
        let mut token = Token { kind, text: &self.sql[start..self.at] };
        let is_object = self.places.is_object(&token, self.bytes.get(self.at) == Some(&b'.'));
        if self.names.is_made_up(token) {
            token.kind = TokenKind::Value;
        } else if is_object {
            token = without_random_name(token);
        }
        self.context.push(token.kind);
        Some(token)
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(sql: &'a str, reading: Reading) -> Lexer<'a> {
        let sql = sql.strip_prefix('\u{feff}').unwrap_or(sql);
        Lexer {
            sql,
            bytes: sql.as_bytes(),
            at: 0,
            resume: 0,
            reading,
            context: Context::default(),
            names: Names::default(),
            places: Places::default(),
            flat_comments: false,
            signs: DialectSigns::default(),
        }
    }

    /// The byte so many after the current one, or 0 beyond the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn take(&mut self, length: usize, token: TokenKind) -> TokenKind {
        self.at += length;
        token
    }

    fn take_operator(&mut self, length: usize) -> TokenKind {
        self.at += length;
        TokenKind::Operator
    }

    /// Moves to `end`, or to the end of the text if there is none.
    fn take_value(&mut self, end: Option<usize>) -> TokenKind {
        self.signs.implausible |= end.is_none();
        self.at = end.unwrap_or(self.bytes.len());
        TokenKind::Value
    }

    /// The position after white space and comments.
    fn skip_blank(&mut self, from: usize, after_operand: bool) -> usize {
        let mut at = from;
        while let Some(&byte) = self.bytes.get(at) {
            let next = self.bytes.get(at + 1).copied().unwrap_or(0);
            at = match (byte, next) {
                _ if scan::is_blank(byte) => at + 1,
                (b'-', b'-') => scan::line_comment(self.bytes, at),
                (b'#', _) if !(after_operand && self.is_hash_operator(at)) => {
                    scan::line_comment(self.bytes, at)
                }
                (b'/', b'*') => self.block_comment(at),
                _ => return at,
            };
        }
        at
    }

    /// PostgreSQL nests comments, the others do not. A nest that is never closed was none.
    fn block_comment(&mut self, from: usize) -> usize {
        if !self.flat_comments {
            match scan::block_comment(self.bytes, from, true) {
                Some(end) => return end,
                None => self.flat_comments = true,
            }
        }
        match scan::block_comment(self.bytes, from, false) {
            Some(end) => end,
            None => {
                self.signs.implausible = true;
                self.bytes.len()
            }
        }
    }

    /// `#` starts a comment, as in MySQL, unless it can only be one of PostgreSQL's JSON operators: `#>`, `#>>`, `#-`
    /// after an operand and before a value.
    fn is_hash_operator(&self, at: usize) -> bool {
        let length = match &self.bytes[at..] {
            [b'#', b'>', b'>', ..] => 3,
            [b'#', b'>' | b'-', ..] => 2,
            _ => return false,
        };
        self.starts_value(at + length)
    }

    /// Whether a literal, a placeholder or a parenthesis starts here, after optional white space.
    fn starts_value(&self, from: usize) -> bool {
        let at = scan::run(self.bytes, from, scan::is_blank);
        match &self.bytes[at..] {
            [b'\'' | b'$' | b'?' | b'(', ..] => true,
            [b':', next, ..] => scan::is_word(*next),
            _ => self.word_at(at).is_some_and(|word| word.eq_ignore_ascii_case("array")),
        }
    }

    /// Whether a value or an unquoted name starts here, after optional white space.
    fn starts_operand(&self, from: usize) -> bool {
        let at = scan::run(self.bytes, from, scan::is_blank);
        let is_name = |word| !Keyword::find(word).is_some_and(Keyword::is_hard);
        self.starts_value(at) || self.word_at(at).is_some_and(is_name)
    }

    fn word_at(&self, at: usize) -> Option<&'a str> {
        let end = scan::run(self.bytes, at, scan::is_word);
        Some(&self.sql[at..end]).filter(|word| !word.is_empty())
    }

    /// The end of the quoted text that opens there; `None` if it has none, or none that is certain.
    fn quote_end(&mut self, open: usize) -> Option<usize> {
        let quoted = scan::quoted(self.bytes, open, self.reading.backslash == Backslash::Escapes);
        self.signs.disputed |= quoted.disputed;
        let is_certain = !quoted.disputed || self.reading.backslash != Backslash::Unknown;
        quoted.end.filter(|_| is_certain)
    }

    fn string(&mut self, open: usize) -> TokenKind {
        let end = self.quote_end(open);
        let token = self.take_value(end);
        self.signs.implausible |= scan::is_word(self.peek(0));
        token
    }

    /// `"` quotes a name in PostgreSQL and SQLite, a string in MySQL, and a string in SQLite where no such column is.
    fn double_quoted(&mut self) -> TokenKind {
        let open = self.at;
        let Some(end) = self.quote_end(open) else { return self.take_value(None) };
        let content = &self.sql[open + 1..end - 1];
        self.at = end;
        if !scan::is_name(content) {
            return TokenKind::Value;
        }
        if self.context.after_dot() || self.context.names_relation() || self.is_qualifier(end) {
            self.signs.quotes_names = true;
            return TokenKind::Quoted;
        }
        let is_column =
            self.reading.quotes_names && scan::is_plain_name(content) && !self.context.expects_value();
        if is_column || self.context.names_alias() { TokenKind::Quoted } else { TokenKind::Value }
    }

    /// Whether a dot and a name follow.
    fn is_qualifier(&self, end: usize) -> bool {
        let after = self.bytes.get(end + 1).copied().unwrap_or(0);
        let is_name_start = matches!(after, b'"' | b'*') || (scan::is_word(after) && !after.is_ascii_digit());
        self.bytes.get(end) == Some(&b'.') && is_name_start
    }

    fn backticked(&mut self) -> TokenKind {
        let open = self.at;
        match scan::quoted(self.bytes, open, false).end {
            Some(end) => self.take(end - open, TokenKind::Quoted),
            None => self.take_value(None),
        }
    }

    /// `[name]` where no array can stand, else the start of a subscript or of an array.
    fn bracket(&mut self) -> TokenKind {
        if self.context.after_operand() || self.context.after(Keyword::Array) {
            return self.take(1, TokenKind::OpenBracket);
        }
        let open = self.at;
        let start = scan::run(self.bytes, open + 1, scan::is_blank);
        let end = scan::run(self.bytes, start, |byte| scan::is_word(byte) || scan::is_blank(byte));
        let is_name =
            self.bytes.get(start).is_some_and(|&byte| scan::is_word(byte) && !byte.is_ascii_digit());
        if !is_name || self.bytes.get(end) != Some(&b']') {
            return self.take(1, TokenKind::OpenBracket);
        }
        let content = &self.sql[open + 1..end];
        let is_tidy = content.trim() == content && !content.contains(|char: char| char.is_ascii_control());
        self.take(end + 1 - open, if is_tidy { TokenKind::Quoted } else { TokenKind::Value })
    }

    /// `$1`, `$name`, `$$...$$`, `$tag$...$tag$`.
    fn dollar(&mut self) -> TokenKind {
        if let Some((end, is_closed)) = scan::dollar_quoted(self.bytes, self.at) {
            return self.take_value(is_closed.then_some(end));
        }
        let end = scan::run(self.bytes, self.at + 1, scan::is_word);
        self.signs.quotes_names |= self.peek(1).is_ascii_digit();
        match end - self.at {
            1 => self.take_operator(1),
            length => self.take(length, TokenKind::Value),
        }
    }

    /// A placeholder, or between two operands one of PostgreSQL's JSON operators `?`, `?|` and `?&`.
    fn question_mark(&mut self) -> TokenKind {
        let end = scan::run(self.bytes, self.at + 1, |byte| byte.is_ascii_digit());
        if self.context.allows_json_operator() && end == self.at + 1 && self.peek(1) != b':' {
            let is_long = matches!(self.peek(1), b'|' | b'&') && self.peek(2) != self.peek(1);
            let length = 1 + usize::from(is_long);
            if self.starts_operand(self.at + length) {
                return self.take_operator(length);
            }
        }
        self.take(end - self.at, TokenKind::Value)
    }

    /// `::`, `:=`, `:name`, or the colon of a slice.
    fn colon(&mut self) -> TokenKind {
        let is_glued =
            self.at > 0 && !scan::is_blank(self.bytes[self.at - 1]) && self.context.after_operand();
        match self.peek(1) {
            b':' => {
                self.signs.quotes_names = true;
                self.take(2, TokenKind::Cast)
            }
            b'=' => self.take_operator(2),
            byte if scan::is_word(byte) && !is_glued => {
                let end = scan::run(self.bytes, self.at + 1, scan::is_word);
                self.take(end - self.at, TokenKind::Value)
            }
            _ => self.take(1, TokenKind::Colon),
        }
    }

    /// `@name`, the system variable `@@name`, or an operator.
    fn at_sign(&mut self) -> TokenKind {
        let is_system = self.peek(1) == b'@' && scan::is_word(self.peek(2)) && !self.context.after_operand();
        if is_system {
            let end = scan::run(self.bytes, self.at + 2, scan::is_word);
            return self.take(end - self.at, TokenKind::Name);
        }
        if scan::is_word(self.peek(1)) {
            let end = scan::run(self.bytes, self.at + 1, scan::is_word);
            return self.take(end - self.at, TokenKind::Value);
        }
        self.operator()
    }

    /// `%s` where no operand comes before, else an operator.
    fn percent(&mut self) -> TokenKind {
        let is_placeholder =
            self.peek(1) == b's' && !scan::is_word(self.peek(2)) && !self.context.after_operand();
        if is_placeholder { self.take(2, TokenKind::Value) } else { self.operator() }
    }

    fn dot(&mut self) -> TokenKind {
        let starts_number = self.peek(1).is_ascii_digit() && !self.context.after_name_or_value();
        if starts_number { self.number() } else { self.take(1, TokenKind::Dot) }
    }

    fn number(&mut self) -> TokenKind {
        self.at = scan::number(self.bytes, self.at);
        TokenKind::Value
    }

    fn word(&mut self) -> TokenKind {
        let start = self.at;
        let end = scan::run(self.bytes, start, |byte| scan::is_word(byte) || byte == b'$');
        let word = &self.sql[start..end];
        if let Some(literal) = self.introduced(word, end) {
            return literal;
        }
        self.at = end;
        if self.context.after_dot() {
            return TokenKind::Name;
        }
        if self.context.allows_row() && word.eq_ignore_ascii_case("row") {
            // MySQL writes `VALUES ROW(1, 2), ROW(3, 4)`; the word says nothing.
            let next = self.skip_blank(end, true);
            if self.bytes.get(next) == Some(&b'(') {
                self.at = next;
                return self.take(1, TokenKind::Open);
            }
        }
        let Some(keyword) = Keyword::find(word).filter(|&keyword| self.context.accepts(keyword)) else {
            return if self.context.expects_command() { TokenKind::Command } else { TokenKind::Name };
        };
        if let Some(dot) = self.find_dot(end, keyword.ends_operand()) {
            self.resume = dot;
            return TokenKind::Name;
        }
        match keyword {
            Keyword::True | Keyword::False if !self.context.after_is() => TokenKind::Value,
            keyword => TokenKind::Keyword(keyword),
        }
    }

    /// A literal with a word in front: `E'..'`, `N'..'`, `X'..'`, `B'..'`, `_utf8'..'`, `U&'..'`.
    fn introduced(&mut self, word: &str, end: usize) -> Option<TokenKind> {
        let is_quote = |byte: Option<&u8>| matches!(byte, Some(b'\'' | b'"'));
        match word.as_bytes() {
            [b'e' | b'E'] if self.bytes.get(end) == Some(&b'\'') => {
                let end = scan::quoted(self.bytes, end, true).end;
                Some(self.take_value(end))
            }
            [b'n' | b'N' | b'x' | b'X' | b'b' | b'B'] | [b'_', _, ..] if is_quote(self.bytes.get(end)) => {
                Some(self.string(end))
            }
            [b'u' | b'U'] if self.bytes.get(end) == Some(&b'&') && is_quote(self.bytes.get(end + 1)) => {
                Some(self.string(end + 1))
            }
            _ => None,
        }
    }

    /// The next dot, if nothing but blanks is before it and it is not the start of a number: `order.id` is a column.
    fn find_dot(&mut self, from: usize, after_operand: bool) -> Option<usize> {
        let at = self.skip_blank(from, after_operand);
        let is_dot =
            self.bytes.get(at) == Some(&b'.') && !self.bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        is_dot.then_some(at)
    }

    fn operator(&mut self) -> TokenKind {
        self.signs.implausible |= self.peek(0) == b'\\';
        if matches!(self.peek(0), b'-' | b'+') && !self.context.after_operand() {
            return self.take(1, TokenKind::Sign);
        }
        self.take_operator(scan::operator(self.bytes, self.at) - self.at)
    }
}
