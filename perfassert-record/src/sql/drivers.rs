//! Whole statements that drivers, pools and migration tools send, and that cannot be told from their parts.

use super::Class;

const DEADPOOL_CLEAN: &str = "CLOSE ALL; SET session authorization DEFAULT; RESET ALL; UNLISTEN *; \
                              SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// The class of a normalised statement that is known word for word.
pub(super) fn known(text: &str) -> Option<Class> {
    match text {
        // sqlx's migrator. An application that takes an advisory lock with these very words is taken for it.
        "SELECT pg_advisory_lock(?)" | "SELECT pg_advisory_unlock(?)" => Some(Class::Migration),
        "SELECT get_lock(?, ?)" | "SELECT release_lock(?)" => Some(Class::Migration),
        // deadpool's clean recycling.
        DEADPOOL_CLEAN => Some(Class::Session),
        // Drivers and migration tools that ask where they are.
        "SELECT current_database()" | "SELECT current_schema()" | "SELECT database()" => Some(Class::Catalog),
        "SELECT version()" | "SELECT sqlite_version()" => Some(Class::Catalog),
        // sqlx 0.8 asking PostgreSQL for the number of a type that it was given by name.
        "SELECT ?::regtype::oid" => Some(Class::Catalog),
        // What sqlx's listener sends when it is dropped, if its runtime still lets it.
        "UNLISTEN *" => Some(Class::Session),
        // sqlx asking PostgreSQL which columns of a statement may be NULL.
        text if text.starts_with("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE ?") => Some(Class::Catalog),
        _ => None,
    }
}

/// Whether this is a pool asking whether its connection is alive.
///
/// `SELECT 1` alone is the application's: somebody may have written it. A pool is known by what nobody writes by hand:
/// an empty statement (tokio-postgres' pools), the comment `ping` (MySQL's), and diesel's text with its list of binds.
/// `text` is the normalised form of `sql`.
pub(super) fn is_ping(sql: &str, text: &str) -> bool {
    let sql = sql.trim();
    match text {
        "" => true,
        "SELECT ?" => {
            // r2d2's; those of diesel-async's pools, the last of them through a synchronous connection to SQLite.
            const OF_DIESEL: [&str; 4] = [
                "SELECT 1 -- binds: []",
                "SELECT $1 -- binds: [1]",
                "SELECT ? -- binds: [1]",
                "SELECT ? -- binds: [I32(1)]",
            ];
            sql.starts_with("/* ping */") || OF_DIESEL.contains(&sql)
        }
        _ => false,
    }
}
