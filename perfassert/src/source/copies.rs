//! A second copy in the program of a crate through which a driver speaks to us: a fork beside the original, or another major version.
//! What that copy is told we are not.

use std::sync::OnceLock;

use super::Inconclusive;
#[cfg(looks)]
use crate::callers::copies;

/// A crate of which we speak to one copy.
pub(super) struct Facade {
    name: &'static str,
    /// The path, in its crate, of a static that each copy has, and that is linked wherever the copy speaks.
    path: &'static [&'static str],
    /// Whether a copy that is older than that static is in the program.
    has_older: fn() -> bool,
    has_copies: OnceLock<bool>,
}

/// diesel: a connection that is made takes the default instrumentation of its own copy.
#[cfg(feature = "diesel")]
pub(super) static DIESEL: Facade = Facade {
    name: "diesel",
    path: &["connection", "instrumentation", "GLOBAL_INSTRUMENTATION"],
    has_older: has_older_diesel,
    has_copies: OnceLock::new(),
};

/// log, which carries what tokio-postgres tells. Each record is checked against this level first.
#[cfg(feature = "tokio-postgres")]
pub(super) static LOG: Facade =
    Facade { name: "log", path: &["MAX_LOG_LEVEL_FILTER"], has_older: || false, has_copies: OnceLock::new() };

/// tracing-core, which carries what sqlx tells.
#[cfg(feature = "tracing-events")]
pub(super) static TRACING: Facade = Facade {
    name: "tracing-core",
    path: &["dispatcher", "SCOPED_COUNT"],
    has_older: || false,
    has_copies: OnceLock::new(),
};

impl Facade {
    /// Whether another copy than ours is linked: looked up once in a process. No program without symbols, or where they are not read.
    pub(super) fn has_copies(&self) -> bool {
        *self.has_copies.get_or_init(|| self.copies() > 1 || (self.has_older)())
    }

    #[cfg(looks)]
    fn copies(&self) -> usize {
        copies::copies_of_static(self.path)
    }

    #[cfg(not(looks))]
    fn copies(&self) -> usize {
        let _ = self.path;
        0
    }

    /// The reason to give. `does` completes "what ... is not seen".
    pub(super) fn inconclusive(&self, does: &str) -> Inconclusive {
        let name = self.name;
        Inconclusive::to_queries(
            format!("this program has a second copy of {name} in it, and what {does} is not seen"),
            format!(
                "have one copy: `cargo tree -d` shows who depends on which, and a fork takes the place of the original by\n\
                 [patch.crates-io]\n\
                 {name} = {{ path = \"...\" }}"
            ),
        )
    }
}

/// diesel before 2.2 has no instrumentation. Where the lock file has several diesels, the debug information tells whether one of these can
/// connect.
#[cfg(all(feature = "diesel", looks))]
fn has_older_diesel() -> bool {
    if !copies::has_several("diesel") {
        return false;
    }
    let connects = |name: &str| {
        name.starts_with("<diesel::") && name.ends_with("diesel::connection::Connection>::establish")
    };
    let is_ours = |name: &str| name == "diesel::connection::instrumentation::set_default_instrumentation";
    let mut packages = copies::packages_with("establish", connects);
    for ours in copies::packages_with("set_default_instrumentation", is_ours) {
        packages.remove(&ours);
    }
    !packages.is_empty()
}

#[cfg(all(feature = "diesel", not(looks)))]
fn has_older_diesel() -> bool {
    false
}

#[cfg(all(test, looks))]
mod tests {
    use super::*;

    /// A version that names its static otherwise would not be counted.
    #[track_caller]
    fn check(facade: &Facade) {
        assert_eq!(facade.copies(), 1, "{}", facade.name);
        assert!(!facade.has_copies(), "{}", facade.name);
    }

    #[cfg(feature = "diesel")]
    #[test]
    fn diesel_is_here_once() {
        check(&DIESEL);
    }

    #[cfg(feature = "tokio-postgres")]
    #[test]
    fn log_is_here_once() {
        log::debug!("whoever logs asks for the level");
        check(&LOG);
    }

    #[cfg(feature = "tracing-events")]
    #[test]
    fn tracing_core_is_here_once() {
        tracing_core::dispatcher::get_default(|_| ());
        check(&TRACING);
    }
}
