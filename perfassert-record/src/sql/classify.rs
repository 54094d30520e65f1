//! What a statement does, and why it was sent.

use super::catalog;
use super::keyword::Keyword;
use super::tables::Tables;
use super::token::{Token, TokenKind};
use super::{Class, Kind};

/// Classifies a text, statement by statement.
#[derive(Default)]
pub(super) struct Classifier<'a> {
    statement: Statement<'a>,
    /// How many statements have ended.
    statements: u32,
    /// The verdict on those.
    verdict: Option<(Class, Kind)>,
}

impl<'a> Classifier<'a> {
    pub(super) fn push(&mut self, token: &Token<'a>) {
        if token.kind == TokenKind::Semicolon {
            match self.statement.is_in_body() {
                true => self.statement.last = Some(token.kind),
                false => self.end_statement(),
            }
            return;
        }
        self.statement.push(token);
    }

    /// Whether a semicolon here is part of a trigger's or a procedure's body, and ends no statement.
    pub(super) fn is_in_body(&self) -> bool {
        self.statement.is_in_body()
    }

    /// The class and kind of the text, and how many statements it holds.
    pub(super) fn finish(mut self) -> (Class, Kind, u32) {
        self.end_statement();
        let (class, kind) = self.verdict.unwrap_or((Class::Application, Kind::Other));
        (class, kind, self.statements)
    }

    fn end_statement(&mut self) {
        let mut statement = std::mem::take(&mut self.statement);
        if statement.is_empty {
            return;
        }
        self.statements = self.statements.saturating_add(1);
        let verdict = statement.verdict();
        self.verdict = Some(self.verdict.map_or(verdict, |earlier| weightier(earlier, verdict)));
    }
}

/// Of several statements in one text, that of a migration tool stands for all, then the application's; among those the
/// first that writes, else the first.
fn weightier(earlier: (Class, Kind), later: (Class, Kind)) -> (Class, Kind) {
    let rank = |(class, kind)| match class {
        Class::Migration => 3,
        Class::Application if matches!(kind, Kind::Insert | Kind::Update | Kind::Delete) => 2,
        Class::Application => 1,
        _ => 0,
    };
    if rank(later) > rank(earlier) { later } else { earlier }
}

/// One statement.
struct Statement<'a> {
    is_empty: bool,
    /// The first word, if we know it.
    verb: Option<Keyword>,
    /// What its first two words tell.
    class: Option<Class>,
    /// How many words have come, keywords and names.
    words: u32,
    depth: u32,
    /// The verb of the query behind a WITH, and the depth at which it stands.
    main: Option<Keyword>,
    main_depth: u32,
    /// The first writing verb inside a WITH.
    writing: Option<Keyword>,
    last: Option<TokenKind>,
    tables: Tables<'a>,
    is_migration: bool,
    /// CREATE of something that has a body of statements.
    has_body: bool,
    /// The BEGINs and CASEs that are open in that body.
    blocks: u32,
}

impl Default for Statement<'_> {
    fn default() -> Self {
        Statement {
            is_empty: true,
            verb: None,
            class: None,
            words: 0,
            depth: 0,
            main: None,
            main_depth: 0,
            writing: None,
            last: None,
            tables: Tables::default(),
            is_migration: false,
            has_body: false,
            blocks: 0,
        }
    }
}

impl<'a> Statement<'a> {
    /// Whether a semicolon here is part of a trigger's or a procedure's body.
    fn is_in_body(&self) -> bool {
        self.blocks > 0
    }

    fn push(&mut self, token: &Token<'a>) {
        self.is_empty = false;
        if token.kind == TokenKind::Close {
            self.depth = self.depth.saturating_sub(1);
        }
        self.tables.push(token, self.depth);
        match token.kind {
            TokenKind::Keyword(keyword) => self.push_keyword(keyword),
            TokenKind::Name | TokenKind::Quoted | TokenKind::Command => {
                self.words += 1;
                self.is_migration |= token.name().is_some_and(catalog::is_migration);
            }
            TokenKind::Open => self.depth = self.depth.saturating_add(1),
            _ => {}
        }
        self.last = Some(token.kind);
    }

    fn push_keyword(&mut self, keyword: Keyword) {
        use Keyword as K;
        self.words += 1;
        match self.words {
            1 => {
                self.verb = Some(keyword);
                self.main_depth = self.depth;
                self.class = class(keyword);
            }
            2 => self.class = class_of_two(self.verb, keyword).or(self.class),
            _ => {}
        }
        if self.verb == Some(K::With) {
            let is_first_inside = self.last == Some(TokenKind::Open);
            if self.depth <= self.main_depth && self.main.is_none() && kind(keyword) != Kind::Other {
                self.main = Some(keyword);
            } else if is_first_inside && self.writing.is_none() && is_write(keyword) {
                self.writing = Some(keyword);
            }
        }
        if self.verb == Some(K::Create) {
            self.push_body(keyword);
        }
    }

    /// Keeps track of the blocks in the body of a trigger or procedure.
    fn push_body(&mut self, keyword: Keyword) {
        use Keyword as K;
        let after_end = self.last == Some(TokenKind::Keyword(K::End));
        match keyword {
            K::Trigger | K::Procedure | K::Function | K::Event => self.has_body = true,
            K::Begin if self.has_body => self.blocks += 1,
            K::Case if self.blocks > 0 && !after_end => self.blocks += 1,
            // END IF ends no BEGIN and no CASE.
            K::If | K::Loop | K::While | K::Repeat if self.has_body && after_end => self.blocks += 1,
            K::End => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
    }

    fn verdict(&mut self) -> (Class, Kind) {
        let verb = match self.verb {
            Some(Keyword::With) => {
                self.main.filter(|&main| is_write(main)).or(self.writing).or(Some(Keyword::Select))
            }
            verb => verb,
        };
        let kind = verb.map_or(Kind::Other, kind);
        let class = self.class.unwrap_or_else(|| {
            let is_catalog = kind == Kind::Select && self.tables.are_catalog();
            if is_catalog { Class::Catalog } else { Class::Application }
        });
        let kind = if class == Class::Application || class == Class::Catalog { kind } else { Kind::Other };
        if self.is_migration { (Class::Migration, kind) } else { (class, kind) }
    }
}

/// What a statement with this verb does.
fn kind(verb: Keyword) -> Kind {
    use Keyword as K;
    match verb {
        K::Select | K::Values | K::Table => Kind::Select,
        K::Insert | K::Replace | K::Upsert => Kind::Insert,
        K::Update | K::Merge => Kind::Update,
        K::Delete | K::Truncate => Kind::Delete,
        K::Create | K::Alter | K::Drop | K::Rename | K::Comment | K::Grant | K::Revoke => Kind::Ddl,
        K::Copy | K::Load => Kind::Copy,
        _ => Kind::Other,
    }
}

fn is_write(verb: Keyword) -> bool {
    matches!(kind(verb), Kind::Insert | Kind::Update | Kind::Delete)
}

/// The class of a statement with this verb, if the verb tells.
fn class(verb: Keyword) -> Option<Class> {
    use Keyword as K;
    match verb {
        K::Begin | K::Commit | K::End | K::Rollback | K::Abort | K::Savepoint | K::Release | K::Xa => {
            Some(Class::Transaction)
        }
        K::Set
        | K::Show
        | K::Pragma
        | K::Use
        | K::Discard
        | K::Reset
        | K::Prepare
        | K::Deallocate
        | K::Attach
        | K::Detach => Some(Class::Session),
        _ => None,
    }
}

/// The class of a statement with this verb and this second word, if both together tell.
fn class_of_two(verb: Option<Keyword>, second: Keyword) -> Option<Class> {
    use Keyword as K;
    match (verb?, second) {
        (K::Start, K::Transaction) | (K::Prepare, K::Transaction) => Some(Class::Transaction),
        (K::Set, K::Transaction | K::Constraints | K::Autocommit) => Some(Class::Transaction),
        _ => None,
    }
}
