//! How many copies of a crate this program has: a fork beside the original, or two major versions. They have statics of their own, so
//! what one of them is told the other does not know.
//!
//! A static that can change is there once for each copy that is linked: unlike a function, it is neither generic nor compiled into
//! others. Its symbol ends with a hash, or has one within, that differs from copy to copy.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;

use super::mangled::{first_name, from_crate};
use super::symbols::Symbols;
use crate::alloc::pause;
use crate::lock::lock;
use crate::site::{functions_at, package_dir};

/// Packages that the lock file has several of.
static SEVERAL: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on it is known that these packages are in the lock file more than once.
pub(super) fn add_several(packages: impl IntoIterator<Item = String>) {
    lock(&SEVERAL).extend(packages);
}

/// Whether the lock file has several packages of that name. Which of them are in this program it does not say.
pub(crate) fn has_several(package: &str) -> bool {
    lock(&SEVERAL).contains(package)
}

/// How many copies of the static at `path` in its crate are linked into this program, whatever a fork of that is called. None where it
/// has no symbols.
pub(crate) fn copies_of_static(path: &[&str]) -> usize {
    let _paused = pause();
    let mangled: String = path.iter().map(|name| format!("{}{name}", name.len())).collect();
    let Some(symbols) = Symbols::get() else { return 0 };
    let copies = symbols.statics().filter(|symbol| is_static(symbol, mangled.as_bytes()));
    copies.map(whole).collect::<BTreeSet<_>>().len()
}

/// The directories of the packages that functions of these names stand in, as far as the debug information tells. Each name contains
/// `word`, whatever the mangling.
pub(crate) fn packages_with(word: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<PathBuf> {
    let _paused = pause();
    let Some(symbols) = Symbols::get() else { return BTreeSet::new() };
    let is_it = |symbol: &[u8]| {
        let has_word = symbol.windows(word.len()).any(|bytes| bytes == word.as_bytes());
        let symbol = std::str::from_utf8(symbol).ok().filter(|_| has_word);
        let name = symbol.and_then(|symbol| rustc_demangle::try_demangle(symbol).ok());
        name.is_some_and(|name| is_wanted(&format!("{name:#}")))
    };
    let packages = symbols.addresses(is_it).into_iter().filter_map(|address| {
        // A call that returns to an address is looked up two bytes before.
        let file = functions_at(address + 2).pop()?.file?;
        package_dir(&file).map(PathBuf::from)
    });
    packages.collect()
}

/// `_ZN6diesel...17h0123456789abcdefE`, `_RNvNtCs1234_6diesel...`: a crate, and then the path.
fn is_static(symbol: &[u8], mangled: &[u8]) -> bool {
    let in_crate = from_crate(whole(symbol)).and_then(first_name);
    let after = in_crate.and_then(|(_, path)| path.strip_prefix(mangled));
    match symbol {
        [b'_', b'Z', b'N', ..] => after.is_some_and(|after| after.starts_with(b"17h")),
        [b'_', b'R', b'N', b'v', ..] => after.is_some_and(<[u8]>::is_empty),
        _ => false,
    }
}

/// Without what the compiler appends to the parts of a static that it has taken apart.
fn whole(symbol: &[u8]) -> &[u8] {
    symbol.split(|byte| *byte == b'.').next().unwrap_or(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(symbol: &str, expected: bool) {
        assert_eq!(is_static(symbol.as_bytes(), b"20MAX_LOG_LEVEL_FILTER"), expected, "{symbol}");
    }

    #[test]
    fn a_static_is_known_by_its_crate_and_path() {
        check("_ZN3log20MAX_LOG_LEVEL_FILTER17h0123456789abcdefE", true);
        check("_ZN3log20MAX_LOG_LEVEL_FILTER17h0123456789abcdefE.0", true);
        check("_RNvCs1aB_3log20MAX_LOG_LEVEL_FILTER", true);
        check("_RNvCs1aB_3log20MAX_LOG_LEVEL_FILTER.0.0", true);
        check("_ZN6my_log20MAX_LOG_LEVEL_FILTER17h0123456789abcdefE", true);
        check("_RNvCs1aB_6my_log20MAX_LOG_LEVEL_FILTER", true);
        check("_ZN4slog3log20MAX_LOG_LEVEL_FILTER17h0123456789abcdefE", false);
        check("_RNvNtCs1aB_4slog3log20MAX_LOG_LEVEL_FILTER", false);
        check("_RINvCs1aB_3log20MAX_LOG_LEVEL_FILTERpE", false);
        check("MAX_LOG_LEVEL_FILTER", false);
    }

    #[test]
    fn this_crate_is_here_once() {
        assert_eq!(copies_of_static(&["alloc", "watched", "LOOK"]), 1);
        assert_eq!(copies_of_static(&["alloc", "watched", "NONE"]), 0);
    }

    #[inline(never)]
    fn a_function() {
        std::hint::black_box(());
    }

    #[test]
    fn a_function_tells_its_package() {
        a_function();
        let packages = packages_with("a_function", |name| name.ends_with("copies::tests::a_function"));
        assert_eq!(packages.len(), 1, "{packages:?}");
        assert!(packages.first().unwrap().ends_with("perfassert"), "{packages:?}");
        assert!(packages_with("a_function", |_| false).is_empty());
    }
}
