//! Tables that are not the application's: the databases' own, and those of migration tools.

use super::random::is_made_up;

/// Whether a table is part of a database's catalog.
///
/// Without a schema only the names count that drivers and schema tools look up, so that an application may have tables
/// called `types`, `tables` or `pg_orders`.
pub(super) fn is_catalog(schema: Option<&str>, table: &str) -> bool {
    const SCHEMAS: &[&str] = &["pg_catalog", "information_schema", "performance_schema", "mysql"];
    const TABLES: &[&str] = &[
        "pg_attrdef",
        "pg_attribute",
        "pg_class",
        "pg_collation",
        "pg_constraint",
        "pg_database",
        "pg_description",
        "pg_enum",
        "pg_extension",
        "pg_index",
        "pg_indexes",
        "pg_matviews",
        "pg_namespace",
        "pg_policies",
        "pg_proc",
        "pg_range",
        "pg_roles",
        "pg_sequence",
        "pg_sequences",
        "pg_settings",
        "pg_stat_activity",
        "pg_tables",
        "pg_trigger",
        "pg_type",
        "pg_views",
        "sqlite_master",
        "sqlite_schema",
        "sqlite_sequence",
        "sqlite_temp_master",
        "sqlite_temp_schema",
    ];
    match schema {
        Some(schema) if is_one_of(SCHEMAS, schema) => true,
        // Attached databases and temporary tables of SQLite have schemas of their own: `main.sqlite_master`.
        _ => table.len() >= 7 && is_one_of(TABLES, table),
    }
}

/// Whether a function of FROM reads the catalog: `pragma_table_info(...)`.
pub(super) fn is_catalog_function(name: &str) -> bool {
    name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("pragma_"))
}

/// Whether a name is that of a migration tool's own table, or of `#[sqlx::test]`'s own schema and databases.
pub(super) fn is_migration(name: &str) -> bool {
    const TABLES: &[&str] = &[
        "_sqlx_migrations",
        "__diesel_schema_migrations",
        "seaql_migrations",
        "refinery_schema_history",
        "flyway_schema_history",
        "schema_migrations",
        "_prisma_migrations",
    ];
    let is_sqlx_test = name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("_sqlx_test"));
    is_sqlx_test || (name.len() >= 16 && is_one_of(TABLES, name))
}

/// Whether a name is that of a database that `#[sqlx::test]` has made for one test.
pub(super) fn is_sqlx_test_database(name: &str) -> bool {
    let number =
        name.get(..11).filter(|start| start.eq_ignore_ascii_case("_sqlx_test_")).map(|_| &name[11..]);
    number.is_some_and(|rest| {
        !rest.is_empty() && (rest.bytes().all(|byte| byte.is_ascii_digit()) || is_made_up(rest))
    })
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}
