//! What is known of the spans that pass through a tee: whose they are, and what they are called further in.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use tracing_core::span::Id;

use crate::lock::lock;
use crate::mix::Mixing;
use crate::scope::Scope;
use crate::site::Capture;

/// One span, or one handle of it that somebody took by cloning.
#[derive(Clone, Default)]
pub(super) struct Span {
    /// The scope in which it was made.
    pub(super) scope: Option<Arc<Scope>>,
    /// Its id in the inner subscriber, if that wanted it.
    pub(super) inner: Option<Id>,
    /// Where the handle was taken, if a driver carries it to another thread.
    pub(super) site: Option<Capture>,
    /// A handle keeps its test waiting for what is done under it.
    pub(super) is_handle: bool,
}

/// The spans of one tee, by the id under which the callers know them.
#[derive(Default)]
pub(super) struct Spans(Mutex<HashMap<u64, Span, Mixing>>);

impl Spans {
    /// Keeps a span under the id that the inner subscriber gave it, or else under one of our own.
    pub(super) fn insert(&self, span: Span) -> Id {
        let id = span.inner.clone().filter(|_| !span.is_handle).unwrap_or_else(own_id);
        lock(&self.0).insert(id.into_u64(), span);
        id
    }

    pub(super) fn get(&self, id: &Id) -> Option<Span> {
        lock(&self.0).get(&id.into_u64()).cloned()
    }

    pub(super) fn remove(&self, id: &Id) -> Option<Span> {
        lock(&self.0).remove(&id.into_u64())
    }
}

/// Ids count down from the top, where no subscriber in use has any: `tracing_subscriber`'s registry packs a thread's
/// number into the bits that are all ones here, and does not serve as many threads; others count up from one.
fn own_id() -> Id {
    static NEXT: AtomicU64 = AtomicU64::new(u64::MAX - 1);
    Id::from_u64(NEXT.fetch_sub(1, Relaxed))
}
