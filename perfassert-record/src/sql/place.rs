//! Where a word is the name of an object of the database: a schema, a table, an index, a role.

use super::catalog::{is_migration, is_sqlx_test_database};
use super::keyword::Keyword;
use super::random::is_made_up;
use super::token::{Token, TokenKind};

/// Follows a statement, and tells which of its words stand in such a place.
#[derive(Default)]
pub(super) struct Places {
    verb: Option<Keyword>,
    is_started: bool,
    /// An object is named next.
    expected: bool,
    /// And others, behind commas.
    is_list: bool,
    /// A part of a name that goes on behind a dot.
    in_path: bool,
    after_dot: bool,
}

impl Places {
    /// Whether this token names an object. What stands before a dot does, whatever it is.
    pub(super) fn is_object(&mut self, token: &Token<'_>, is_before_dot: bool) -> bool {
        let (after_dot, in_path) = (std::mem::take(&mut self.after_dot), std::mem::take(&mut self.in_path));
        match token.kind {
            TokenKind::Keyword(keyword) => self.keyword(keyword),
            TokenKind::Name | TokenKind::Quoted | TokenKind::Command => {
                let is_first = !std::mem::replace(&mut self.is_started, true);
                // LISTEN, VACUUM, ANALYZE: commands of one database, with an object behind them.
                let announces = is_first || announces_an_object(token.text);
                let is_expected = std::mem::replace(&mut self.expected, announces);
                let is_in_place = if after_dot { in_path } else { is_expected && !is_first };
                self.in_path = is_in_place;
                return is_in_place || (is_before_dot && !after_dot);
            }
            TokenKind::Dot => (self.after_dot, self.in_path) = (true, in_path),
            TokenKind::Comma => self.expected = self.is_list,
            TokenKind::Operator => self.expected = self.verb == Some(Keyword::Set),
            TokenKind::Semicolon => *self = Places::default(),
            TokenKind::Value => {
                // A name that was one made up for the run, and may go on.
                self.in_path = self.expected || in_path;
                self.expected = false;
            }
            // `FROM (a JOIN b ...)`.
            TokenKind::Open if self.is_list => {}
            _ => self.expected = false,
        }
        false
    }

    fn keyword(&mut self, keyword: Keyword) {
        use Keyword as K;
        self.is_started = true;
        let verb = *self.verb.get_or_insert(keyword);
        self.expected = match keyword {
            K::From | K::Truncate | K::Copy | K::Use | K::Detach | K::Of | K::To => true,
            announces if announces.announces_relation() => true,
            K::On => matches!(verb, K::Create | K::Drop | K::Grant | K::Revoke | K::Comment),
            K::Using => verb == K::Delete,
            K::As => verb == K::Attach,
            // IF NOT EXISTS
            K::If | K::Not => self.expected,
            _ => false,
        };
        self.is_list = match keyword {
            K::If | K::Not | K::Exists => self.is_list,
            _ => self.expected || (verb == K::Set && self.is_list),
        };
    }
}

/// Words that are names of columns as well, and announce an object where another word follows: `ON SCHEMA a`, `CREATE ROLE b`.
fn announces_an_object(word: &str) -> bool {
    const WORDS: &[&str] =
        &["schema", "database", "role", "user", "sequence", "view", "publication", "subscription"];
    WORDS.iter().any(|announces| announces.eq_ignore_ascii_case(word))
}

/// The name of an object without what is made up for the run: a placeholder, or of a database of `#[sqlx::test]`'s what it is
/// known by.
pub(super) fn without_random_name<'a>(token: Token<'a>) -> Token<'a> {
    match token.name() {
        Some(name) if is_sqlx_test_database(name) => Token { kind: TokenKind::Name, text: "_sqlx_test" },
        Some(name) if is_made_up(name) && !is_migration(name) => Token { kind: TokenKind::Value, ..token },
        _ => token,
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::{Class, normalize};

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        let normalized = normalize(sql);
        assert_eq!(normalized.text, expected, "{sql}");
        assert_eq!(normalize(expected).text, expected);
    }

    /// Q61
    #[test]
    fn made_up_names_of_objects_are_placeholders() {
        check("CREATE SCHEMA test_1f3a9c2b07", "CREATE SCHEMA ?");
        check("create schema if not exists \"test_1f3a9c2b07\"", "CREATE SCHEMA IF NOT EXISTS ?");
        check("CREATE TABLE test_1f3a9c2b07.crates (id int)", "CREATE TABLE ?.crates (id int)");
        check("DROP SCHEMA IF EXISTS test_1f3a9c2b07 CASCADE", "DROP SCHEMA IF EXISTS ? CASCADE");
        check("SET search_path TO test_1f3a9c2b07, public", "SET search_path TO ?, public");
        check("SET search_path = test_1f3a9c2b07", "SET search_path = ?");
        check("USE tenant_550e8400e29b41d4a716446655440000", "USE ?");
        check("CREATE TEMP TABLE tmp_a3f29c8d (id int)", "CREATE TEMP TABLE ? (id int)");
        check("INSERT INTO tmp_a3f29c8d (id) VALUES (1)", "INSERT INTO ? (id) VALUES (?)");
        check(
            "SELECT t.id FROM tmp_a3f29c8d t, public.orders_9f8e7d6c5b o",
            "SELECT t.id FROM ? t, public.? o",
        );
        check("SELECT tmp_a3f29c8d.id FROM tmp_a3f29c8d", "SELECT ?.id FROM ?");
        check(
            "DELETE FROM \"test_1f3a9c2b07\".\"orders\" WHERE id = $1",
            "DELETE FROM ?.\"orders\" WHERE id = ?",
        );
        check("UPDATE `test_1f3a9c2b07`.`orders` SET a = 1", "UPDATE ?.`orders` SET a = ?");
        check("CREATE INDEX idx_9f8e7d6c5b ON test_1f3a9c2b07.orders (id)", "CREATE INDEX ? ON ?.orders(id)");
        check("TRUNCATE TABLE tmp_a3f29c8d, tmp_b4e18d7c", "TRUNCATE TABLE ?, ?");
        check("ALTER TABLE tmp_a3f29c8d RENAME TO tmp_b4e18d7c", "ALTER TABLE ? rename TO ?");
        check("ATTACH DATABASE 'a.db' AS test_1f3a9c2b07", "ATTACH database ? AS ?");
        check("LISTEN jobs_9f8e7d6c5b", "LISTEN ?");
        check("GRANT USAGE ON SCHEMA test_1f3a9c2b07 TO reader", "GRANT usage ON schema ? TO reader");
        check("CREATE ROLE app_test_0c9a8b7d LOGIN", "CREATE role ? login");
        check("SAVEPOINT sp_1f3a9c2b07", "SAVEPOINT ?");
    }

    /// What is no object may look like anything, and an object may have a number.
    #[test]
    fn other_names_stay() {
        check("SELECT id FROM orders_2024", "SELECT id FROM orders_2024");
        check(
            "SELECT a FROM users_v2 JOIN oauth2_tokens ON a = b",
            "SELECT a FROM users_v2 JOIN oauth2_tokens ON a = b",
        );
        check(
            "SELECT a1f3a9c2b07 FROM t WHERE b9f8e7d6c5b = 1",
            "SELECT a1f3a9c2b07 FROM t WHERE b9f8e7d6c5b = ?",
        );
        check("SELECT t.a1f3a9c2b07 FROM t", "SELECT t.a1f3a9c2b07 FROM t");
        check("SET lock_timeout = 1", "SET lock_timeout = ?");
        check("UPDATE t SET a1f3a9c2b07 = 1", "UPDATE t SET a1f3a9c2b07 = ?");
        check("SELECT md5sum9f8e7d6c5b(a) FROM t", "SELECT md5sum9f8e7d6c5b(a) FROM t");
    }

    #[test]
    fn databases_of_sqlx_stay_a_migration_tools() {
        for name in ["_sqlx_test_123", "\"_sqlx_test_9f8e7d6c5b\""] {
            let normalized = normalize(&format!("CREATE DATABASE {name}"));
            assert_eq!(normalized.text, "CREATE DATABASE _sqlx_test");
            assert_eq!(normalized.class, Class::Migration);
        }
        assert_eq!(
            normalize("SELECT 1 FROM _sqlx_test.databases").text,
            "SELECT ? FROM _sqlx_test.databases"
        );
    }
}
