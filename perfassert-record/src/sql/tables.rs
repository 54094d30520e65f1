//! Which tables a query reads, as far as that decides whether it is about the catalog.

use super::catalog;
use super::context::depth_bit;
use super::keyword::Keyword;
use super::token::{Token, TokenKind};

/// The tables named after FROM and JOIN.
#[derive(Default)]
pub(super) struct Tables<'a> {
    /// At least one is part of the catalog.
    has_catalog: bool,
    /// At least one is not.
    has_own: bool,
    /// The depths (below 64) at which a comma separates tables.
    lists: u64,
    /// A table may come next.
    is_expected: bool,
    /// A table's name that may go on, as `schema.table` or as the function `name(...)`.
    schema: Option<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Tables<'a> {
    /// Whether every table that is read is part of the catalog, and there is one.
    pub(super) fn are_catalog(&mut self) -> bool {
        self.end_name();
        self.has_catalog && !self.has_own
    }

    /// `depth` is that of the token's surroundings: outside, for parentheses.
    pub(super) fn push(&mut self, token: &Token<'a>, depth: u32) {
        let bit = depth_bit(depth);
        match token.kind {
            TokenKind::Keyword(Keyword::From | Keyword::Join) => {
                self.end_name();
                self.is_expected = true;
                self.lists |= bit;
                self.has_own |= bit == 0;
            }
            TokenKind::Keyword(Keyword::Lateral | Keyword::Only) => {}
            TokenKind::Keyword(keyword) => {
                self.end_name();
                self.is_expected = false;
                if ends_from(keyword) {
                    self.lists &= !bit;
                }
            }
            TokenKind::Comma => {
                self.end_name();
                self.is_expected = self.lists & bit != 0;
            }
            TokenKind::Dot => {
                self.schema = self.name.take();
                self.is_expected = self.schema.is_some();
            }
            TokenKind::Open => {
                let is_function = self.name.take().is_some_and(|name| {
                    self.has_catalog |= catalog::is_catalog_function(name);
                    true
                });
                self.schema = None;
                let inner = depth_bit(depth.saturating_add(1));
                // FROM (a JOIN b ...): the parentheses hold tables, unless a query follows.
                self.lists =
                    if self.is_expected && !is_function { self.lists | inner } else { self.lists & !inner };
                self.is_expected &= !is_function;
            }
            TokenKind::Close => {
                self.end_name();
                self.is_expected = false;
                self.lists &= !depth_bit(depth.saturating_add(1));
            }
            TokenKind::Name | TokenKind::Quoted | TokenKind::Command => {
                self.push_name(token.name().unwrap_or_default())
            }
            _ if !self.is_expected && self.name.is_none() => {}
            _ => {
                // A table that is not a name, or no table at all: EXTRACT(DAY FROM ?).
                self.has_own |= std::mem::take(&mut self.is_expected);
                self.end_name();
            }
        }
    }

    fn push_name(&mut self, name: &'a str) {
        self.end_name();
        if std::mem::take(&mut self.is_expected) {
            self.name = Some(name);
        } else {
            self.schema = None;
        }
    }

    fn end_name(&mut self) {
        let schema = self.schema.take_if(|_| !self.is_expected);
        if let Some(name) = self.name.take() {
            let is_catalog = catalog::is_catalog(schema, name);
            self.has_catalog |= is_catalog;
            self.has_own |= !is_catalog;
        }
    }
}

/// Whether no more tables come at this depth.
fn ends_from(keyword: Keyword) -> bool {
    use Keyword as K;
    matches!(
        keyword,
        K::Where
            | K::Group
            | K::Having
            | K::Order
            | K::Limit
            | K::Offset
            | K::Fetch
            | K::Union
            | K::Intersect
            | K::Except
            | K::Select
            | K::Values
            | K::Set
            | K::Returning
            | K::For
    )
}
