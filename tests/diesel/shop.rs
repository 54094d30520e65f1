//! The application: two tables, and the queries that the fixtures send.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! {
    customers (id) {
        id -> Integer,
        name -> Text,
    }
}

pub(crate) const SCHEMA: &str = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)";

/// The statement that [`load`] sends.
pub(crate) const LOAD: &str = "SELECT `customers`.`id`, `customers`.`name` FROM `customers`";
/// The statement that [`find`] sends.
pub(crate) const FIND: &str =
    "SELECT `customers`.`id`, `customers`.`name` FROM `customers` WHERE (`customers`.`id` = ?) LIMIT ?";
/// The statement that [`insert`] sends.
pub(crate) const INSERT: &str = "INSERT INTO `customers` (`id`, `name`) VALUES (?, ?)";

/// A connection to a database of its own with three customers, made outside of the count.
pub(crate) fn connect() -> SqliteConnection {
    perfassert::unmeasured(|| prepared(SqliteConnection::establish(":memory:").unwrap()))
}

/// Where another package of the workspace has diesel-async built for PostgreSQL, that brings tokio-postgres along, and whoever
/// contains it is to be heard.
pub(crate) fn be_heard() {
    perfassert::unmeasured(perfassert::tokio_postgres::init).unwrap();
}

pub(crate) fn prepared(mut connection: SqliteConnection) -> SqliteConnection {
    be_heard();
    connection.batch_execute(SCHEMA).unwrap();
    for (id, name) in [(1, "Ann"), (2, "Bob"), (3, "Cleo")] {
        insert(&mut connection, id, name).unwrap();
    }
    connection
}

pub(crate) fn load(connection: &mut SqliteConnection) -> Vec<(i32, String)> {
    customers::table.load(connection).unwrap()
}

pub(crate) fn find(connection: &mut SqliteConnection, id: i32) -> QueryResult<(i32, String)> {
    customers::table.find(id).first(connection)
}

pub(crate) fn insert(connection: &mut SqliteConnection, id: i32, name: &str) -> QueryResult<usize> {
    diesel::insert_into(customers::table)
        .values((customers::id.eq(id), customers::name.eq(name)))
        .execute(connection)
}
