//! Dispatchers that somebody made on the threads of a test: for the whole process, or in front of us.
//!
//! `tracing` tells of neither. What for a dispatcher was made shows on the stack, where the function of `tracing` stands
//! that was called for it. That is read only if the test's verdict depends on it.

use std::sync::OnceLock;

use crate::site::Capture;

/// A dispatcher that was made on a thread of a test.
pub(super) struct DispatcherOrigin {
    stack: Option<Capture>,
    purpose: OnceLock<Purpose>,
    /// There was a global default already, so that it cannot have become that.
    pub(super) beside_global: bool,
    /// The test had sent queries already.
    pub(super) after_queries: bool,
}

/// What for a dispatcher was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be the global default: `init`, `try_init`, `set_global_default`.
    Everybody,
    /// To be the default of a thread, a stretch of code or a task: `set_default`, `with_default`, `with_subscriber`.
    Some,
    /// The stack does not tell: by hand, or in a build without names.
    Unknown,
}

impl DispatcherOrigin {
    /// Called while it is being made.
    pub(super) fn here(beside_global: bool, after_queries: bool) -> Self {
        DispatcherOrigin { stack: Capture::here(), purpose: OnceLock::new(), beside_global, after_queries }
    }

    /// What for. Read from the stack once.
    pub(super) fn purpose(&self) -> Purpose {
        *self.purpose.get_or_init(|| {
            let mut functions = self.stack.iter().flat_map(Capture::functions);
            functions.find_map(|function| purpose_of(&function)).unwrap_or(Purpose::Unknown)
        })
    }
}

/// What it means that a function is on the stack of the making.
fn purpose_of(function: &str) -> Option<Purpose> {
    const CRATES: [&str; 3] = ["tracing::", "tracing_core::", "tracing_subscriber::"];
    if !CRATES.iter().any(|it| function.starts_with(it) || function.contains(&format!(" as {it}"))) {
        return None;
    }
    let calls = |names: &[&str]| names.iter().any(|name| function.contains(&format!("::{name}")));
    if calls(&["with_default", "set_default", "with_subscriber"]) {
        Some(Purpose::Some)
    } else if calls(&["set_global_default", "try_init", "init"]) {
        Some(Purpose::Everybody)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_tells_what_for() {
        let check = |function: &str, purpose| assert_eq!(purpose_of(function), purpose, "{function}");
        check("tracing::subscriber::with_default", Some(Purpose::Some));
        check("tracing::subscriber::set_default::<shop::Log>", Some(Purpose::Some));
        check("tracing::instrument::WithSubscriber::with_subscriber", Some(Purpose::Some));
        check("tracing_subscriber::util::SubscriberInitExt::set_default", Some(Purpose::Some));
        check(
            "<shop::Log as tracing_subscriber::util::SubscriberInitExt>::try_init",
            Some(Purpose::Everybody),
        );
        check("tracing::subscriber::set_global_default", Some(Purpose::Everybody));
        check("tracing_core::dispatcher::Dispatch::new", None);
        check("shop::tracing::init", None);
    }
}
