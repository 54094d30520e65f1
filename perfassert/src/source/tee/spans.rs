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
#[derive(Default)]
pub(super) struct Span {
    /// The scope in which it was made.
    pub(super) scope: Option<Arc<Scope>>,
    /// Its id in the inner subscriber, if that wanted it.
    pub(super) inner: Option<Id>,
    /// Where the handle was taken, if a driver carries it to another thread.
    pub(super) site: Option<Capture>,
    /// It has an id of its own, and keeps its test waiting for what is done under it.
    pub(super) is_handle: bool,
}

/// The spans of one tee, by the id under which the callers know them.
#[derive(Default)]
pub(super) struct Spans(Mutex<HashMap<u64, SpanOrigin, Mixing>>);

struct SpanOrigin {
    span: Arc<Span>,
    /// How many callers know it by this id.
    holders: usize,
}

impl Spans {
    /// Keeps a span under the id that the inner subscriber gave it, or else under one of our own.
    pub(super) fn insert(&self, span: Span) -> Id {
        let id = span.inner.clone().filter(|_| !span.is_handle).unwrap_or_else(own_id);
        lock(&self.0).insert(id.into_u64(), SpanOrigin { span: Arc::new(span), holders: 1 });
        id
    }

    /// One more caller knows it by this id.
    pub(super) fn share(&self, id: &Id) {
        if let Some(known) = lock(&self.0).get_mut(&id.into_u64()) {
            known.holders += 1;
        }
    }

    pub(super) fn get(&self, id: &Id) -> Option<Arc<Span>> {
        lock(&self.0).get(&id.into_u64()).map(|known| Arc::clone(&known.span))
    }

    /// A caller has dropped it.
    pub(super) fn release(&self, id: &Id) -> Option<Arc<Span>> {
        let mut spans = lock(&self.0);
        let known = spans.get_mut(&id.into_u64())?;
        known.holders -= 1;
        if known.holders > 0 {
            return Some(Arc::clone(&known.span));
        }
        spans.remove(&id.into_u64()).map(|known| known.span)
    }
}

/// Ids count down from the top, where no subscriber in use has any: `tracing_subscriber`'s registry packs a thread's
/// number into the bits that are all ones here, and does not serve as many threads; others count up from one.
fn own_id() -> Id {
    static NEXT: AtomicU64 = AtomicU64::new(u64::MAX - 1);
    Id::from_u64(NEXT.fetch_sub(1, Relaxed))
}
