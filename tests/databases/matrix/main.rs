//! sqlx: what we counted of each shape of work against what the server itself saw.

// The shapes are written once and compiled for each engine.
#![allow(clippy::duplicate_mod, reason = "on purpose, see above")]

mod any;
mod common;
mod growth;
mod mysql;
mod postgres;
mod row;
mod sight;
mod sqlite;
mod versions;
mod without;

use sqlx::migrate::Migrator;
use sqlx::{SqlSafeStr, SqlStr};

/// What the test databases of the fixtures begin with.
static MIGRATOR: Migrator = sqlx::migrate!("matrix/migrations");

/// A text as this version of sqlx has it described.
fn text(text: &'static str) -> SqlStr {
    text.into_sql_str()
}
