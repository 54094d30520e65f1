//! A database of its own for one test.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use anyhow::Result;
use tempfile::TempDir;

use crate::client::Address;
use crate::{Engine, Seen, keeper, mysql, postgres, sqlite};

/// A database of its own, with a user of its own, by whom the server's log is told apart. Dropped at the end.
///
/// # Panics
///
/// Whatever goes wrong with a server is a panic that says what to do: this is for tests.
pub struct Database {
    engine: Engine,
    url: String,
    kept: Kept,
}

/// What is to be given back.
enum Kept {
    Server { admin: Address, name: String },
    File { dir: TempDir },
}

impl Database {
    /// Makes an empty database.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self::try_new(engine).unwrap_or_else(|error| panic!("a database of {engine}: {error:#}"))
    }

    fn try_new(engine: Engine) -> Result<Self> {
        if engine == Engine::Sqlite {
            let dir = tempfile::tempdir()?;
            let url = format!("sqlite://{}?mode=rwc", dir.path().join("test.db").display());
            return Ok(Database { engine, url, kept: Kept::File { dir } });
        }
        let admin = keeper::admin(engine)?;
        let name = unique_name();
        match engine {
            Engine::Postgres => postgres::create(&admin, &name)?,
            _ => mysql::create(&admin, &name)?,
        }
        let url = Address { user: name.clone(), password: name.clone(), ..admin.clone() }.url(engine, &name);
        Ok(Database { engine, url, kept: Kept::Server { admin, name } })
    }

    /// Where it is, for any driver. Its user may do everything on the server.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Executes statements, as set-up: of a [`Watch`] that begins later they are no part.
    pub fn execute(&self, sql: &str) {
        let done = match (&self.kept, self.engine) {
            (Kept::File { .. }, _) => sqlite::execute(&self.file(), sql),
            (Kept::Server { admin, name }, Engine::Postgres) => postgres::execute(admin, name, sql),
            (Kept::Server { admin, name }, _) => mysql::execute(admin, name, sql),
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error:#}"));
    }

    /// From now on, until [`Watch::end`], what the database's user sends is witnessed.
    pub fn watch(&self) -> Watch<'_> {
        let start = match (&self.kept, self.engine) {
            (Kept::File { .. }, _) => Ok(Start::default()),
            (Kept::Server { admin, .. }, Engine::Postgres) => postgres::now(admin),
            (Kept::Server { admin, name }, _) => mysql::now(admin, name),
        };
        Watch { database: self, start: start.unwrap_or_else(|error| panic!("reading the log: {error:#}")) }
    }

    /// Tells a program where the database is (`DATABASE_URL`), and where SQLite is to leave its trace: see
    /// [`sqlite::trace`].
    pub fn tell(&self, program: &mut Command) {
        program.env("DATABASE_URL", &self.url).env(sqlite::TRACE_VARIABLE, self.trace_file());
    }

    fn file(&self) -> PathBuf {
        match &self.kept {
            Kept::File { dir } => dir.path().join("test.db"),
            Kept::Server { .. } => PathBuf::new(),
        }
    }

    fn trace_file(&self) -> PathBuf {
        match &self.kept {
            Kept::File { dir } => dir.path().join("trace.jsonl"),
            Kept::Server { .. } => PathBuf::new(),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kept::Server { admin, name } = &self.kept {
            // The server goes away with all its databases; one that cannot be dropped now is no reason to fail.
            let _ = match self.engine {
                Engine::Postgres => postgres::drop(admin, name),
                _ => mysql::drop(admin, name),
            };
        }
    }
}

/// A stretch of time that is witnessed.
#[must_use = "what was seen is told at the end"]
pub struct Watch<'a> {
    database: &'a Database,
    start: Start,
}

/// Where the log stood.
#[derive(Default)]
pub(crate) struct Start {
    /// The log's file, where it is one.
    pub(crate) file: String,
    /// Bytes or rows.
    pub(crate) position: u64,
}

impl Watch<'_> {
    /// What was executed, by programs whose connections have ended: it waits for them.
    pub fn end(self) -> Seen {
        let database = self.database;
        let texts = match (&database.kept, database.engine) {
            (Kept::File { .. }, _) => sqlite::traced(&database.trace_file()),
            (Kept::Server { admin, name }, Engine::Postgres) => postgres::executed(admin, name, &self.start),
            (Kept::Server { admin, name }, _) => mysql::executed(admin, name, &self.start),
        };
        Seen::from_texts(&texts.unwrap_or_else(|error| panic!("reading the log: {error:#}")))
    }
}

/// A name that no other test run has used on the same server.
fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("t{:x}_{}_{}", now.as_millis(), std::process::id(), NEXT.fetch_add(1, Relaxed))
}
