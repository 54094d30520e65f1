//! What a test and its scopes are called in a `traceparent`: see [`trace`](crate::trace).

use std::sync::OnceLock;

/// What a scope is called in the header.
#[derive(Default)]
pub(crate) struct Ids {
    /// Of a test.
    pub(crate) trace: OnceLock<u128>,
    pub(crate) parent: OnceLock<u64>,
}

impl Ids {
    /// The test's trace id as the header has it, if one was handed out.
    pub(crate) fn trace_id(&self) -> Option<String> {
        self.trace.get().map(|trace| format!("{trace:032x}"))
    }
}
