//! A subscriber of the user's whose parts can be found behind a tee.
//!
//! Some layers are looked for: `tracing_opentelemetry` asks the subscriber of a span for its own layer, and that for the registry.
//! `tracing` answers for what has the subscriber's own type, or by what the subscriber says; a tee knows nothing of the
//! types behind it but through this.

#![allow(unsafe_code)] // Hands on what `tracing` asks for by its type.

use std::any::TypeId;
use std::sync::Arc;

use tracing_core::span::{Attributes, Current, Id, Record};
use tracing_core::{Dispatch, Event, Interest, LevelFilter, Metadata, Subscriber};

/// The subscriber of an application whose spans carry the context of OpenTelemetry, so that they do in measured tests.
///
/// Inside a test perfassert stands in front of the application's subscriber, and functions that look for a layer of it, as
/// `OpenTelemetrySpanExt::set_parent` and `Span::current().context()` of `tracing_opentelemetry` or `SpanTrace::capture()` of
/// `tracing_error` do, do not find it there. Of a subscriber that went through this function they do:
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
/// use tracing_subscriber::util::SubscriberInitExt;
///
/// # let opentelemetry = tracing_subscriber::fmt::layer();
/// let subscriber = tracing_subscriber::registry().with(opentelemetry);
/// perfassert::subscriber(subscriber).init();
/// ```
///
/// What the subscriber sees and what is counted are the same. Two things differ: spans that the subscriber does not want are
/// not made, and so do not carry their endpoint to a task on another thread. And in an optimised build with sqlx's driver for SQLite,
/// queries take line tables (`debug = "line-tables-only"`): without them the gates on queries fail, and say so.
pub fn subscriber<S: Subscriber + Send + Sync>(inner: S) -> impl Subscriber + Send + Sync {
    Wrapped { parts: Parts(Arc::new(inner)) }
}

struct Wrapped {
    parts: Parts,
}

/// What a tee asks for.
pub(super) struct Parts(Arc<dyn Subscriber + Send + Sync>);

impl Parts {
    /// The part that has the type `id`, which is there for as long as this is.
    pub(super) fn find(&self, id: TypeId) -> Option<*const ()> {
        // SAFETY: the function may be called with any type; it is unsafe because the caller will trust the pointer. It is
        // valid for as long as the subscriber, which this owns.
        unsafe { self.0.downcast_raw(id) }
    }
}

impl Subscriber for Wrapped {
    fn on_register_dispatch(&self, this: &Dispatch) {
        self.parts.0.on_register_dispatch(this);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.parts.0.register_callsite(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.parts.0.max_level_hint()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.parts.0.enabled(metadata)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.parts.0.new_span(attributes)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.parts.0.record(id, values);
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        self.parts.0.record_follows_from(id, follows);
    }

    fn event_enabled(&self, event: &Event<'_>) -> bool {
        self.parts.0.event_enabled(event)
    }

    fn event(&self, event: &Event<'_>) {
        self.parts.0.event(event);
    }

    fn enter(&self, id: &Id) {
        self.parts.0.enter(id);
    }

    fn exit(&self, id: &Id) {
        self.parts.0.exit(id);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.parts.0.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.parts.0.try_close(id)
    }

    fn current_span(&self) -> Current {
        self.parts.0.current_span()
    }

    // SAFETY: each pointer is to something that this subscriber owns, and of the type that was asked for.
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            Some(std::ptr::from_ref(self).cast())
        } else if id == TypeId::of::<Parts>() {
            Some(std::ptr::from_ref(&self.parts).cast())
        } else {
            self.parts.find(id)
        }
    }
}
