//! Names that are made up for one use: those of savepoints, cursors and prepared statements, and of databases that are created or
//! dropped: each test has one of its own, another in each run.

use super::catalog::is_migration;
use super::keyword::Keyword;
use super::token::{Token, TokenKind};

/// Tells which words of a statement are such names.
#[derive(Default)]
pub(super) struct Names {
    verb: Option<Keyword>,
    /// `CURRENT` came right before.
    after_current: bool,
    /// The next word that is none of [`is_between`] is a name.
    expected: bool,
    /// The first word has been seen.
    is_started: bool,
}

impl Names {
    /// Whether this token of the statement is such a name.
    pub(super) fn is_made_up(&mut self, token: Token<'_>) -> bool {
        match token.kind {
            TokenKind::Keyword(keyword) => self.push(keyword),
            // Already canonical, or the count of a FETCH.
            TokenKind::Value => self.expected = false,
            TokenKind::Open | TokenKind::Operator if self.is_started => self.expected = false,
            TokenKind::Name | TokenKind::Command if self.expected && is_between(token.text) => {}
            TokenKind::Name | TokenKind::Command | TokenKind::Quoted => {
                self.is_started = true;
                self.after_current = false;
                // By the names of its databases `#[sqlx::test]` is known.
                return std::mem::take(&mut self.expected) && !token.name().is_some_and(is_migration);
            }
            TokenKind::Semicolon => *self = Names::default(),
            _ => {}
        }
        false
    }

    fn push(&mut self, keyword: Keyword) {
        use Keyword as K;
        let verb = *self.verb.get_or_insert(keyword);
        let is_first = !std::mem::replace(&mut self.is_started, true);
        let announces = match keyword {
            K::Savepoint
            | K::Release
            | K::Prepare
            | K::Execute
            | K::Deallocate
            | K::Declare
            | K::Fetch
            | K::Move
            | K::Close => {
                is_first
                    || (verb == K::Explain && keyword == K::Execute)
                    || (verb == K::Drop && keyword == K::Prepare)
            }
            K::To => verb == K::Rollback,
            K::Database => matches!(verb, K::Create | K::Drop | K::Alter),
            K::From | K::In => matches!(verb, K::Fetch | K::Move),
            K::Of => self.after_current,
            K::As | K::For | K::Transaction => {
                self.expected = false;
                false
            }
            _ => false,
        };
        self.expected |= announces;
        self.after_current = keyword == K::Current;
    }
}

/// Whether a word may stand between the verb and the name.
fn is_between(word: &str) -> bool {
    const BETWEEN: &[&str] = &["absolute", "backward", "forward", "immediate", "prior", "relative", "work"];
    BETWEEN.iter().any(|between| between.eq_ignore_ascii_case(word))
}
