//! What came before a token, as far as its meaning depends on it.

use super::keyword::Keyword;
use super::token::TokenKind;

/// The past of a statement, in a few words.
#[derive(Default)]
pub(super) struct Context {
    /// The token right before; `None` at the start of a statement.
    last: Option<TokenKind>,
    /// The token before `last`.
    before: Option<TokenKind>,
    /// The first word of the statement has been seen.
    is_started: bool,
    /// That word, if it is a keyword.
    verb: Option<Keyword>,
    /// Every word up to the next statement is a command's: transaction control, cursors.
    in_command: bool,
    depth: u32,
    /// The depths (below 64) at which a SELECT, UPDATE or DELETE stands, so that FROM names a table there.
    queries: u64,
    /// The depth of a VALUES or IN, while its list lasts.
    list: Option<u32>,
}

impl Context {
    pub(super) fn push(&mut self, token: TokenKind) {
        if token == TokenKind::Semicolon {
            *self = Context::default();
            return;
        }
        match token {
            TokenKind::Open | TokenKind::OpenBracket => {
                self.depth = self.depth.saturating_add(1);
                self.queries &= !depth_bit(self.depth);
            }
            TokenKind::Close | TokenKind::CloseBracket => self.depth = self.depth.saturating_sub(1),
            TokenKind::Keyword(keyword) => self.push_keyword(keyword),
            TokenKind::Name | TokenKind::Quoted | TokenKind::Command if self.list == Some(self.depth) => {
                self.list = None
            }
            _ => {}
        }
        self.before = self.last;
        self.is_started |= !matches!(token, TokenKind::Open);
        self.last = Some(token);
    }

    fn push_keyword(&mut self, keyword: Keyword) {
        use Keyword as K;
        if self.list == Some(self.depth) {
            self.list = None;
        }
        match keyword {
            K::Select | K::Update | K::Delete => {
                self.queries |= depth_bit(self.depth);
                self.list = None;
            }
            K::Values | K::In => self.list = Some(self.depth),
            _ => {}
        }
        if !self.is_started {
            self.in_command = matches!(
                keyword,
                K::Begin
                    | K::Start
                    | K::Commit
                    | K::End
                    | K::Rollback
                    | K::Abort
                    | K::Savepoint
                    | K::Release
                    | K::Declare
                    | K::Fetch
                    | K::Move
                    | K::Close
                    | K::Deallocate
                    | K::Discard
                    | K::Explain
            );
            self.verb = Some(keyword);
        } else if matches!(
            keyword,
            K::For | K::Select | K::Insert | K::Update | K::Delete | K::Values | K::With
        ) {
            self.in_command &= keyword == K::With && !self.after(K::Explain);
        } else if keyword == K::Transaction && self.after(K::Set) {
            self.in_command = true;
        }
    }

    fn keyword(&self) -> Option<Keyword> {
        match self.last {
            Some(TokenKind::Keyword(keyword)) => Some(keyword),
            _ => None,
        }
    }

    /// Whether this keyword came right before.
    pub(super) fn after(&self, keyword: Keyword) -> bool {
        self.keyword() == Some(keyword)
    }

    pub(super) fn after_dot(&self) -> bool {
        self.last == Some(TokenKind::Dot)
    }

    pub(super) fn after_operand(&self) -> bool {
        use TokenKind as T;
        match self.last {
            // An item of a list, where it stands for a value.
            Some(T::Keyword(Keyword::Default)) => {
                matches!(self.before, Some(T::Open | T::OpenBracket | T::Comma))
            }
            last => last.is_some_and(T::ends_operand),
        }
    }

    pub(super) fn after_name_or_value(&self) -> bool {
        self.after_operand() && self.keyword().is_none()
    }

    /// Whether something came right before that can hold JSON: a column, a function, a cast.
    pub(super) fn allows_json_operator(&self) -> bool {
        use TokenKind as T;
        matches!(self.last, Some(T::Name | T::Quoted | T::Close | T::CloseBracket))
    }

    /// Whether `IS` or `IS NOT` came right before.
    pub(super) fn after_is(&self) -> bool {
        self.after(Keyword::Is)
            || (self.after(Keyword::Not) && self.before == Some(TokenKind::Keyword(Keyword::Is)))
    }

    /// Whether a word that spells a keyword is one here.
    pub(super) fn accepts(&self, keyword: Keyword) -> bool {
        if keyword.is_hard() || !self.is_started {
            return true;
        }
        match self.last {
            _ if keyword == Keyword::Execute && self.in_command => true,
            _ if keyword == Keyword::Begin && self.verb == Some(Keyword::Create) && self.depth == 0 => true,
            Some(TokenKind::Keyword(before)) => keyword.follows(before),
            Some(TokenKind::Close) => matches!(keyword, Keyword::Filter | Keyword::Within),
            Some(TokenKind::Value) => matches!(keyword, Keyword::Rows),
            _ => false,
        }
    }

    /// Whether a row of VALUES starts here.
    pub(super) fn allows_row(&self) -> bool {
        self.list == Some(self.depth)
            && matches!(self.last, Some(TokenKind::Keyword(Keyword::Values) | TokenKind::Comma))
    }

    /// Whether an unknown word is a command here.
    pub(super) fn expects_command(&self) -> bool {
        !self.is_started || self.in_command
    }

    /// Whether the name of a table or another object of the schema must stand here, where no dialect allows a string.
    pub(super) fn names_relation(&self) -> bool {
        use Keyword as K;
        match self.keyword() {
            // TRIM(... FROM "x") and REVOKE ... FROM "x" are about strings.
            Some(K::From) => self.queries & depth_bit(self.depth) != 0 && self.verb != Some(K::Revoke),
            Some(keyword) => keyword.announces_relation() || matches!(keyword, K::Column | K::Constraint),
            None => false,
        }
    }

    /// Whether the name of a column or table alias stands here, which MySQL allows to be a string.
    pub(super) fn names_alias(&self) -> bool {
        self.after(Keyword::As)
    }

    /// Whether a value is more likely here than a name.
    pub(super) fn expects_value(&self) -> bool {
        use Keyword as K;
        match self.last {
            Some(TokenKind::Operator | TokenKind::Sign) => true,
            Some(TokenKind::Keyword(keyword)) => matches!(
                keyword,
                K::Like
                    | K::Ilike
                    | K::Regexp
                    | K::Rlike
                    | K::Glob
                    | K::Similar
                    | K::Escape
                    | K::Between
                    | K::Then
                    | K::Else
            ),
            Some(TokenKind::Open | TokenKind::Comma) => self.list.is_some_and(|depth| self.depth > depth),
            _ => false,
        }
    }
}

/// The bit of a depth, or none for a depth that is beyond reason.
pub(super) fn depth_bit(depth: u32) -> u64 {
    1_u64.checked_shl(depth).unwrap_or(0)
}
