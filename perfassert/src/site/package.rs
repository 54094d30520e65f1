//! Which package and which crate a function belongs to, by its file or by its name.

use std::ffi::OsStr;
use std::path::Path;

/// The package of a file: `tracing` of `/.../tracing-0.1.44/src/span.rs`. Empty for one that does not lie in the sources of any.
pub(crate) fn package(file: &Path) -> String {
    let path: Vec<_> = file.iter().map(OsStr::to_string_lossy).collect();
    let Some([.., above, dir]) = path.iter().rposition(|name| name == "src").map(|src| &path[..src]) else {
        return String::new();
    };
    // A workspace may have a `core` of its own.
    if matches!(&**dir, "core" | "std" | "alloc") && above != "library" {
        return String::new();
    }
    let is_version = |at: &usize| dir[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    let version = dir.match_indices('-').map(|(at, _)| at).find(is_version);
    dir[..version.unwrap_or(dir.len())].to_owned()
}

/// The crate of a function, as its name begins with it.
#[cfg(feature = "tracing-events")]
pub(crate) fn crate_name(function: &str) -> &str {
    let path =
        function.trim_start_matches(['<', '&', '(']).trim_start_matches("mut ").trim_start_matches("dyn ");
    path.split("::").next().unwrap_or_default()
}
