//! What a driver is at when it allocates, by the functions on its stack.

use crate::alloc::{Driver, DriverWork};

/// What a function of a driver is, by its crate and its demangled name, whatever has called it and whatever it calls.
pub(super) fn of_function(crate_name: &str, name: &str) -> DriverWork {
    let is_sqlx = crate_name == "sqlx" || crate_name.starts_with("sqlx_");
    let driver = match crate_name {
        _ if is_sqlx => Some(Driver::Sqlx),
        // What its client sends goes through this. What its connection does for that, on whatever task, tells nobody.
        "tokio_postgres" if name.contains("InnerClient") => Some(Driver::TokioPostgres),
        _ => None,
    };
    DriverWork { driver, executes: is_sqlx && executes(crate_name, name) }
}

/// Whether it is the method of a connection that each execution goes through, and that does no more than to make its future.
fn executes(crate_name: &str, name: &str) -> bool {
    // Of MySQL one calls the other.
    let methods: &[_] = match crate_name {
        "sqlx_postgres" | "sqlx_sqlite" => &["::fetch_many", "::fetch_optional"],
        "sqlx_mysql" => &["::fetch_many"],
        _ => &[],
    };
    let is_closure = name.ends_with('}');
    let is_an_executors = !is_closure && name.contains("sqlx_core::executor::Executor");
    is_an_executors && methods.iter().any(|method| name.contains(method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_begins_with_the_future_of_a_connections_method() {
        let check = |crate_name: &str, name: &str, expected: bool| {
            assert_eq!(executes(crate_name, name), expected, "{name}");
        };
        let postgres = |function: &str| {
            format!(
                "sqlx_postgres::connection::executor::<impl sqlx_core::executor::Executor for &mut \
                 sqlx_postgres::connection::PgConnection>::{function}"
            )
        };
        check("sqlx_postgres", &postgres("fetch_many"), true);
        check("sqlx_postgres", &postgres("fetch_optional"), true);
        check("sqlx_postgres", &postgres("fetch_many::{{closure}}"), false);
        check("sqlx_postgres", &postgres("prepare_with"), false);
        let sqlite = "<&mut sqlx_sqlite::connection::SqliteConnection as sqlx_core::executor::Executor>::fetch_many::<&str>";
        check("sqlx_sqlite", sqlite, true);
        check("sqlx_sqlite", &format!("{sqlite}::{{closure#0}}"), false);
        let mysql = "<&mut sqlx_mysql::connection::MySqlConnection as sqlx_core::executor::Executor>";
        check("sqlx_mysql", &format!("{mysql}::fetch_many::<&str>"), true);
        check("sqlx_mysql", &format!("{mysql}::fetch_optional::<&str>"), false);
        // What a pool makes is around that of its connection.
        check(
            "sqlx_core",
            "<&sqlx_core::pool::Pool<DB> as sqlx_core::executor::Executor>::fetch_many",
            false,
        );
    }
}
