//! Real databases for tests, and what each of them says it has executed.
//!
//! ```no_run
//! use perfassert::sql::Class;
//! use perfassert_database_tests::{Database, Engine};
//!
//! let database = Database::new(Engine::Postgres);
//! database.execute("CREATE TABLE item (id INTEGER)");
//! let watch = database.watch();
//! // Let a program work on `database.url()`, and end.
//! let seen = watch.end();
//! assert_eq!(seen.of(Class::Application)["SELECT id FROM item"], 1);
//! ```
//!
//! PostgreSQL and MariaDB are started once for a whole test run, by whichever test is first, on free ports of the loopback
//! interface and with their data in a temporary directory; SQLite is linked. Set `PERFASSERT_TEST_POSTGRES_URL` or
//! `PERFASSERT_TEST_MYSQL_URL` to use a server that there is.
//!
//! The witness is the server: its own log of statements (PostgreSQL), its general log (MariaDB), the trace hook of the library
//! (SQLite). Nothing of it comes from perfassert, except the rules by which texts are compared.

mod client;
mod database;
mod keeper;
mod mysql;
mod postgres;
mod seen;
mod server;
pub mod sqlite;

use std::fmt;

pub use database::{Database, Watch};
pub use keeper::keep;
pub use seen::Seen;

/// A database system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// PostgreSQL, from version 15: older ones cannot write their log as JSON.
    Postgres,
    /// MariaDB or MySQL.
    MySql,
    /// The SQLite that is linked into this program.
    Sqlite,
}

impl Engine {
    /// Every engine.
    pub const ALL: &[Engine] = &[Engine::Postgres, Engine::MySql, Engine::Sqlite];

    /// Its name in file names and on command lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
            Engine::Sqlite => "sqlite",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
