//! Whose a function is: the user's, or that of somebody whose code the user calls.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::package;
use crate::crates;
use crate::lock::lock;

pub(super) fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs")
}

/// The sources of this crate and of `perfassert-record`, which lies beside it wherever it comes from no registry.
const OURS: [&str; 2] =
    [concat!(env!("CARGO_MANIFEST_DIR"), "/src"), concat!(env!("CARGO_MANIFEST_DIR"), "-record/src")];

/// Whether it is a file of the standard library or of ours.
pub(super) fn is_neutral(file: &Path) -> bool {
    let text = file.to_string_lossy().replace('\\', "/");
    let is_std = ["/rustc/", "/rustlib/src/", "/rust/deps/"].iter().any(|part| text.contains(part));
    // A distribution's: `/usr/src/rustc-1.85.0/library/core/src/..`.
    let mut versions = text.split("/rustc-").skip(1).filter_map(|rest| rest.split_once('/'));
    let is_distributions = versions.any(|(_, rest)| rest.starts_with("library/"));
    is_std || is_distributions || OURS.iter().any(|sources| file.starts_with(sources))
}

/// Whether the function of that name, in that file, is neither the standard library's, nor a dependency's from a registry or a git
/// checkout, nor this crate's; nor the C library's, where it has debug information.
///
/// A driver is one by its crate, wherever that lies: in `vendor/`, beside the workspace, or as a member of it.
pub(crate) fn is_users(name: &str, file: &Path) -> bool {
    const OTHERS: [&str; 2] = ["/registry/src/", "/git/checkouts/"];
    let text = file.to_string_lossy().replace('\\', "/");
    let is_near = is_rust(file) && !is_neutral(file) && !OTHERS.iter().any(|other| text.contains(other));
    is_near && !is_allocators(name) && !is_drivers(name, file) && !is_vendored(file)
}

/// What `#[global_allocator]` makes of a static stands on that line, in whatever crate it is.
fn is_allocators(name: &str) -> bool {
    const MADE: [&str; 4] = ["__rust_alloc", "__rust_alloc_zeroed", "__rust_dealloc", "__rust_realloc"];
    name.rsplit("::").next().is_some_and(|last| MADE.contains(&last))
}

/// Where only lines are told, the directory of the package has the name of its crate, as a rule.
fn is_drivers(name: &str, file: &Path) -> bool {
    match name {
        "" => crates::is_drivers(&format!("{}::", package(file).replace('-', "_"))),
        name => crates::is_drivers(name),
    }
}

/// Whether a file lies in a package that `cargo vendor` has written, which it marks.
fn is_vendored(file: &Path) -> bool {
    static KNOWN: Mutex<Option<HashMap<PathBuf, bool>>> = Mutex::new(None);
    let Some(package) = package_dir(file) else { return false };
    let mut known = lock(&KNOWN);
    let known = known.get_or_insert_with(HashMap::new);
    let look = || package.join(".cargo-checksum.json").is_file();
    *known.entry(package.to_owned()).or_insert_with(look)
}

/// The directory of the package that a file is a source of.
pub(crate) fn package_dir(file: &Path) -> Option<&Path> {
    const SOURCES: [&str; 4] = ["src", "tests", "benches", "examples"];
    let is_sources =
        |dir: &&Path| dir.file_name().is_some_and(|name| SOURCES.iter().any(|known| name == *known));
    file.ancestors().find(is_sources)?.parent()
}

/// The same, of a file as it is shown. It is empty for the workspace's own package.
pub(super) fn package_root(file: &str) -> &Path {
    package_dir(Path::new(file)).unwrap_or(Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_users(file: &str, expected: bool) {
        assert_eq!(is_users("shop::orders::list", Path::new(file)), expected, "{file}");
    }

    #[test]
    fn only_the_users_files_are_call_sites() {
        check_users("/home/me/shop/src/orders.rs", true);
        check_users("./nptl/pthread_create.c", false);
        check_users("/rustc/59807616e/library/core/src/ops/function.rs", false);
        check_users("/usr/src/rustc-1.85.0/library/core/src/ops/function.rs", false);
        check_users("/home/me/rustc-tools/src/library/index.rs", true);
        check_users("/home/me/.cargo/registry/src/index.crates.io-1949/sqlx-core-0.9.0/src/query.rs", false);
        check_users(r"C:\Users\me\.cargo\registry\src\index\tokio-1.54.1\src\task.rs", false);
        check_users("/home/me/.cargo/git/checkouts/sqlx-1/2/src/lib.rs", false);
        check_users(concat!(env!("CARGO_MANIFEST_DIR"), "/src/scope/task.rs"), false);
        check_users(concat!(env!("CARGO_MANIFEST_DIR"), "-record/src/counts.rs"), false);
    }

    #[test]
    fn an_allocator_is_no_call_site() {
        let file = Path::new("/home/me/shop/src/lib.rs");
        for name in ["__rust_alloc", "__rust_realloc", "__rustc::__rust_alloc_zeroed"] {
            assert!(!is_users(name, file), "{name}");
        }
        assert!(is_users("shop::__rust_allocates", file));
    }

    /// Q60
    #[cfg(looks)]
    #[test]
    fn a_driver_is_one_by_its_crate_and_not_by_its_place() {
        let file = Path::new("/home/me/shop/forks/sqlx/sqlx-core/src/query.rs");
        for (name, expected) in [
            ("sqlx_core::query::Query<DB,A>::fetch_one::{{closure}}", false),
            (
                "<sqlx_core::ext::async_stream::TryAsyncStream<T> as futures_core::stream::Stream>::poll_next",
                false,
            ),
            ("diesel::query_dsl::RunQueryDsl::load", false),
            ("diesel_async::run_query_dsl::RunQueryDsl::load", false),
            ("shop::orders::list", true),
            ("<shop::Order as sqlx_core::from_row::FromRow<R>>::from_row", true),
            ("list", true),
            ("", false),
        ] {
            assert_eq!(is_users(name, file), expected, "{name}");
        }
    }

    /// Q60
    #[test]
    fn a_vendored_package_is_somebody_elses() {
        let dir = tempfile::tempdir().unwrap();
        for package in ["vendor/futures-util", "crates/shop"] {
            std::fs::create_dir_all(dir.path().join(package).join("src")).unwrap();
        }
        std::fs::write(dir.path().join("vendor/futures-util/.cargo-checksum.json"), "{}").unwrap();
        let users = |file: &str| is_users("", &dir.path().join(file));
        assert!(!users("vendor/futures-util/src/stream/mod.rs"));
        assert!(users("crates/shop/src/lib.rs"));
    }

    #[test]
    fn files_lie_in_packages() {
        let check = |file: &str, root: &str| assert_eq!(package_root(file), Path::new(root), "{file}");
        check("src/orders.rs", "");
        check("tests/api/main.rs", "");
        check("crates/db/src/query/mod.rs", "crates/db");
        check("examples/shop/tests/api.rs", "examples/shop");
        check("build.rs", "");
    }
}
