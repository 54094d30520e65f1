//! What is known of crates by their names: which are drivers and runtimes, and which are the application's own.

mod names;

use std::collections::BTreeSet;
use std::sync::Mutex;

pub(crate) use names::Name;

use crate::alloc::pause;
use crate::lock::lock;
use crate::record::explain::Code;

/// Drivers and pools.
const DRIVERS: &[&str] = &[
    "sqlx",
    "sqlx_core",
    "sqlx_postgres",
    "sqlx_mysql",
    "sqlx_sqlite",
    "diesel",
    "diesel_async",
    "tokio_postgres",
    "postgres",
    "postgres_types",
    "postgres_protocol",
    "rusqlite",
    "tokio_rusqlite",
    "libsqlite3_sys",
    "async_sqlite",
    "pq_sys",
    "mysqlclient_sys",
    "mysql",
    "mysql_async",
    "mysql_common",
    "r2d2",
    "scheduled_thread_pool",
    "deadpool",
    "bb8",
    "mobc",
    "redis",
    "mongodb",
    "tiberius",
    "libsql",
    "duckdb",
    "scylla",
    "clickhouse",
    "cassandra_cpp",
    "odbc_api",
];

/// What names of further ones begin with, where the application has no package of that name: `diesel_models` may be its own.
const FAMILIES: &[&str] =
    &["sqlx_", "diesel_", "postgres_", "mysql_", "r2d2_", "deadpool_", "bb8_", "mobc_", "libsql_", "scylla_"];

/// Runtimes, and thread pools.
const RUNTIMES: &[&str] = &[
    "tokio",
    "async_std",
    "async_executor",
    "async_global_executor",
    "async_io",
    "async_task",
    "blocking",
    "smol",
    "futures_executor",
    "actix_rt",
    "rayon",
    "rayon_core",
    "pollster",
];

/// Nobody's: what others do goes through them.
const STANDARD: &[&str] = &[
    "std",
    "test",
    "core",
    "alloc",
    "hashbrown",
    "panic_unwind",
    "__rustc",
    "perfassert",
    "perfassert_record",
    "gimli",
    "addr2line",
    "object",
    "rustc_demangle",
    "miniz_oxide",
];

/// The crates that are the application's own, and further drivers that were named.
#[derive(Default)]
struct NamedCrates {
    /// Of tests. One may be called as the driver is that it is about.
    tests: BTreeSet<String>,
    own: BTreeSet<String>,
    drivers: BTreeSet<String>,
}

static NAMED: Mutex<NamedCrates> =
    Mutex::new(NamedCrates { tests: BTreeSet::new(), own: BTreeSet::new(), drivers: BTreeSet::new() });

/// From now on these crates are the application's own.
pub(crate) fn add_own(crates: impl IntoIterator<Item = String>) {
    let _paused = pause(); // Whose the names are would be asked of the list that they go into.
    lock(&NAMED).own.extend(crates);
}

/// From now on this crate is one of tests.
pub(crate) fn add_test(crate_name: &str) {
    let _paused = pause();
    let mut named = lock(&NAMED);
    if !named.tests.contains(crate_name) {
        named.tests.insert(crate_name.to_owned());
    }
}

/// From now on these crates are drivers.
pub(crate) fn add_drivers(crates: impl IntoIterator<Item = String>) {
    let _paused = pause();
    lock(&NAMED).drivers.extend(crates.into_iter().map(|name| name.replace('-', "_")));
}

/// What a crate is known as. Of two that a method may stand in, the greater has it: it depends on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KnownCrate {
    Standard,
    Runtime,
    Library,
    Driver,
    Own,
}

pub(crate) fn known(crate_name: &str) -> KnownCrate {
    if is_a_tests(crate_name) { KnownCrate::Own } else { known_as_dependency(crate_name) }
}

fn is_a_tests(crate_name: &str) -> bool {
    lock(&NAMED).tests.contains(crate_name)
}

pub(crate) fn known_as_dependency(crate_name: &str) -> KnownCrate {
    let named = lock(&NAMED);
    if DRIVERS.contains(&crate_name) || named.drivers.contains(crate_name) {
        KnownCrate::Driver
    } else if STANDARD.contains(&crate_name) {
        KnownCrate::Standard
    } else if named.own.contains(crate_name) {
        KnownCrate::Own
    } else if FAMILIES.iter().any(|family| crate_name.starts_with(family)) {
        KnownCrate::Driver
    } else if RUNTIMES.contains(&crate_name) {
        KnownCrate::Runtime
    } else {
        KnownCrate::Library
    }
}

/// Whether a crate of tests has the name of a driver or of a runtime, so that names do not tell the two apart.
pub(crate) fn is_namesake(crate_name: &str) -> bool {
    is_a_tests(crate_name)
        && matches!(known_as_dependency(crate_name), KnownCrate::Driver | KnownCrate::Runtime)
}

/// Whether it is a driver or a pool.
pub(crate) fn is_driver(crate_name: &str) -> bool {
    known(crate_name) == KnownCrate::Driver
}

/// Whether a program with this crate in it has to be looked at: it is a driver or a runtime.
pub(crate) fn depends_on_timing(crate_name: &str) -> bool {
    matches!(known(crate_name), KnownCrate::Driver | KnownCrate::Runtime)
}

/// Whose code a crate is.
pub(crate) fn code_of(crate_name: &str) -> Code {
    match known(crate_name) {
        KnownCrate::Own => Code::Own,
        KnownCrate::Library | KnownCrate::Driver => Code::Library,
        KnownCrate::Runtime | KnownCrate::Standard => Code::Beneath,
    }
}

/// Whose code the function is that has this demangled name.
pub(crate) fn code_of_function(name: &str) -> Code {
    let Name { crate_name, trait_crate, .. } = Name::parse(name);
    crate_name.or(trait_crate).map_or(Code::Beneath, code_of)
}

/// Whether the function that has this demangled name is a driver's: it stands in the crate of one, and implements nothing of the
/// application's.
pub(crate) fn is_drivers(name: &str) -> bool {
    let Name { crate_name, trait_crate, .. } = Name::parse(name);
    crate_name.is_some_and(is_driver) && trait_crate.is_none_or(|name| known(name) != KnownCrate::Own)
}
