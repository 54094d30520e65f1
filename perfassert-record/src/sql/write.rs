//! From tokens to text: letter case, white space, and the folding of lists.

use super::fold::{List, Shape};
use super::keyword::Keyword;
use super::spacing;
use super::token::{Token, TokenKind};

/// Writes normalised text.
pub(super) struct Writer<'a> {
    text: String,
    /// The piece written last; `None` at the start of a statement.
    last: Option<TokenKind>,
    /// The text of the name written last.
    last_name: &'a str,
    /// Where the signs at the end start, and what was written before them.
    signs: Option<(usize, Option<TokenKind>)>,
    /// A statement has ended, and `; ` is due before the next.
    is_ended: bool,
    depth: u32,
    /// The lists around the current position, outermost first.
    lists: Vec<List>,
    /// A parenthesis after this name holds columns, as in `INSERT INTO users (id)`.
    in_relation: bool,
    /// A parenthesis that takes one array has just been opened: `ANY(`, `unnest(`.
    in_array_call: bool,
    /// The last word is `ANY`, `SOME`, or an `ALL` that is no part of `UNION ALL`.
    after_quantifier: bool,
    /// The colon before this is on its own, and not glued to an operand.
    after_loose_colon: bool,
    /// The depth of an INSERT whose VALUES have not come yet.
    insert: Option<u32>,
    batched: bool,
    rows: Option<u64>,
}

/// What the writer has made and found.
pub(super) struct WrittenSql {
    pub(super) text: String,
    pub(super) batched: bool,
    pub(super) rows: Option<u64>,
}

impl<'a> Writer<'a> {
    pub(super) fn with_capacity(capacity: usize) -> Writer<'a> {
        Writer {
            text: String::with_capacity(capacity),
            last: None,
            last_name: "",
            signs: None,
            is_ended: false,
            depth: 0,
            lists: Vec::new(),
            in_relation: false,
            in_array_call: false,
            after_quantifier: false,
            after_loose_colon: false,
            insert: None,
            batched: false,
            rows: None,
        }
    }

    pub(super) fn finish(mut self) -> WrittenSql {
        self.end_statement();
        WrittenSql { text: self.text, batched: self.batched, rows: self.rows }
    }

    pub(super) fn push(&mut self, token: Token<'a>) {
        if token.kind == TokenKind::Semicolon {
            self.end_statement();
            return;
        }
        if std::mem::take(&mut self.is_ended) {
            self.text.push_str("; ");
        }
        let mut kind = token.kind;
        if !self.lists.is_empty() {
            if self.is_absent_item(kind) {
                kind = TokenKind::Value;
            }
            self.end_rows_before(kind);
        }
        match kind {
            TokenKind::Open | TokenKind::OpenBracket => self.open(kind),
            TokenKind::Close | TokenKind::CloseBracket => self.close(kind),
            TokenKind::Comma => self.comma(),
            TokenKind::Value => self.value(),
            TokenKind::Sign => {
                self.sign(token.text);
                return;
            }
            _ => self.plain(kind, token.text),
        }
        self.signs = None;
        self.last = Some(kind);
    }

    fn end_statement(&mut self) {
        while let Some(list) = self.lists.pop() {
            self.end_list(&list);
        }
        self.trim_comma_space();
        self.is_ended |= self.last.is_some() || self.signs.is_some();
        self.last = None;
        self.signs = None;
        self.depth = 0;
        self.in_relation = false;
        self.in_array_call = false;
        self.insert = None;
    }

    fn plain(&mut self, kind: TokenKind, text: &'a str) {
        self.gap(kind);
        let start = self.text.len();
        match kind {
            TokenKind::Keyword(keyword) => {
                self.text.push_str(keyword.as_str());
                self.keyword(keyword);
            }
            TokenKind::Command => {
                self.text.push_str(text);
                self.text[start..].make_ascii_uppercase();
            }
            TokenKind::Name => {
                self.text.push_str(text);
                self.text[start..].make_ascii_lowercase();
                self.last_name = text;
            }
            _ => self.text.push_str(text),
        }
        self.after_loose_colon = kind == TokenKind::Colon && !self.last.is_some_and(TokenKind::ends_operand);
        self.in_array_call = false;
        self.in_relation &= !matches!(kind, TokenKind::Operator);
    }

    fn keyword(&mut self, keyword: Keyword) {
        use Keyword as K;
        self.after_quantifier = match keyword {
            K::Any | K::Some => true,
            K::All => self.last == Some(TokenKind::Operator),
            _ => false,
        };
        self.in_relation = matches!(keyword, K::Into | K::Table | K::References | K::Exists);
        let may_start = matches!(self.last, None | Some(TokenKind::Open | TokenKind::Close));
        if matches!(keyword, K::Insert | K::Replace) && may_start {
            self.insert = Some(self.depth);
        }
    }

    fn value(&mut self) {
        if let Some((start, before)) = self.signs.take() {
            self.text.truncate(start);
            self.last = before;
        }
        self.batched |= std::mem::take(&mut self.in_array_call);
        // The name of a schema may be made up, and that of its table not.
        self.in_relation &= matches!(self.last, Some(TokenKind::Keyword(_) | TokenKind::Value));
        // Two literals side by side are one: 'a' 'b'.
        if self.last != Some(TokenKind::Value) {
            self.gap(TokenKind::Value);
            self.text.push('?');
        }
    }

    /// Writes a sign, which is taken back if a value follows. Two signs are kept apart, for `--` would be a comment.
    fn sign(&mut self, sign: &str) {
        if self.signs.is_some() {
            self.text.push(' ');
        } else {
            let start = self.text.len();
            self.gap(TokenKind::Sign);
            self.signs = Some((start, self.last));
        }
        self.text.push_str(sign);
    }

    fn open(&mut self, kind: TokenKind) {
        let is_paren = kind == TokenKind::Open;
        self.in_array_call = is_paren && self.is_array_call();
        if !self.in_array_call {
            self.gap(kind);
        }
        if is_paren && self.last == Some(TokenKind::Keyword(Keyword::Values)) {
            self.lists.push(List::new(Shape::Rows, self.depth, &self.text));
        }
        self.text.push(if is_paren { '(' } else { '[' });
        self.in_relation = false;
        self.depth = self.depth.saturating_add(1);
        let opens_list = match self.last {
            Some(TokenKind::Keyword(Keyword::In)) => is_paren,
            Some(TokenKind::Keyword(Keyword::Array)) => !is_paren,
            // MySQL's way to sort in the order of an IN list.
            Some(TokenKind::Name) => is_paren && self.last_name.eq_ignore_ascii_case("field"),
            _ => false,
        };
        if opens_list {
            self.lists.push(List::new(Shape::Enclosed, self.depth, &self.text));
        }
    }

    fn close(&mut self, kind: TokenKind) {
        let depth = self.depth;
        while self.lists.last().is_some_and(|list| list.depth >= depth && depth > 0) {
            let Some(mut list) = self.lists.pop() else { break };
            if list.shape == Shape::Enclosed && list.depth == depth {
                list.end_item(&mut self.text);
            }
            self.end_list(&list);
        }
        self.trim_comma_space();
        self.text.push(if kind == TokenKind::Close { ')' } else { ']' });
        self.depth = depth.saturating_sub(1);
        if let Some(rows) =
            self.lists.last_mut().filter(|list| list.shape == Shape::Rows && list.depth == self.depth)
        {
            rows.end_item(&mut self.text);
        }
        self.in_relation = false;
        self.in_array_call = false;
    }

    fn comma(&mut self) {
        self.in_relation = false;
        self.in_array_call = false;
        let depth = self.depth;
        match self.lists.last_mut().filter(|list| list.depth == depth) {
            Some(list) => {
                if list.shape == Shape::Enclosed {
                    list.end_item(&mut self.text);
                }
                list.separate(&mut self.text);
            }
            None => {
                self.trim_comma_space();
                self.text.push_str(", ");
            }
        }
    }

    /// The rows of VALUES end where something else than a comma or a row stands at their depth, and a query after `IN (`
    /// is no list.
    fn end_rows_before(&mut self, next: TokenKind) {
        use Keyword as K;
        let Some(list) = self.lists.last() else { return };
        if list.depth != self.depth {
            return;
        }
        let is_over = match (list.shape, next) {
            (Shape::Enclosed, TokenKind::Keyword(K::Select | K::With | K::Values | K::Table)) => {
                list.items == 0
            }
            (Shape::Enclosed, _) => false,
            (Shape::Rows, TokenKind::Open) => self.last != Some(TokenKind::Comma),
            (Shape::Rows, TokenKind::Comma) => self.last != Some(TokenKind::Close),
            (Shape::Rows, TokenKind::Close | TokenKind::CloseBracket) => false,
            (Shape::Rows, _) => true,
        };
        if is_over {
            if let Some(list) = self.lists.pop() {
                self.end_list(&list);
            }
        }
    }

    fn end_list(&mut self, list: &List) {
        self.batched |= list.is_batch();
        if list.shape == Shape::Rows && self.insert == Some(list.depth) {
            self.insert = None;
            self.rows = Some(self.rows.unwrap_or(0) + list.items);
        }
    }

    /// NULL or DEFAULT as an item of a list: it stands where another item has a value.
    fn is_absent_item(&self, kind: TokenKind) -> bool {
        let Some(list) = self.lists.last() else { return false };
        let item_depth = match list.shape {
            Shape::Enclosed => list.depth,
            Shape::Rows => list.depth.saturating_add(1),
        };
        matches!(kind, TokenKind::Keyword(Keyword::Null | Keyword::Default))
            && item_depth == self.depth
            && self.signs.is_none()
            && matches!(self.last, Some(TokenKind::Open | TokenKind::OpenBracket | TokenKind::Comma))
    }

    /// Whether the parenthesis to be opened takes an array, so that one statement stands for many.
    fn is_array_call(&self) -> bool {
        const FUNCTIONS: &[&str] = &[
            "unnest",
            "json_each",
            "json_array_elements",
            "json_array_elements_text",
            "json_to_recordset",
            "json_table",
            "jsonb_array_elements",
            "jsonb_array_elements_text",
            "jsonb_to_recordset",
            "rarray",
            "carray",
        ];
        match self.last {
            Some(TokenKind::Keyword(_)) => self.after_quantifier,
            Some(TokenKind::Name) => {
                FUNCTIONS.iter().any(|function| function.eq_ignore_ascii_case(self.last_name))
            }
            _ => false,
        }
    }

    fn trim_comma_space(&mut self) {
        if self.last == Some(TokenKind::Comma) && self.text.ends_with(' ') {
            self.text.pop();
        }
    }

    /// Writes a space if one belongs between what was written last and what comes now.
    fn gap(&mut self, next: TokenKind) {
        let Some(last) = self.last.filter(|_| self.signs.is_none()) else { return };
        let is_wanted = match last {
            TokenKind::Colon => {
                self.after_loose_colon
                    || matches!(next, TokenKind::Operator | TokenKind::Colon | TokenKind::Cast)
            }
            last => spacing::between(last, next, self.in_relation),
        };
        if is_wanted {
            self.text.push(' ');
        }
    }
}
