//! The subscriber itself. Bookkeeping of ours is never counted; what the inner subscriber does, is.

use std::any::TypeId;
use std::cell::RefCell;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use tracing_core::callsite::{Callsite, Identifier};
use tracing_core::dispatcher::{self, DefaultGuard, Dispatch, WeakDispatch};
use tracing_core::span::{Attributes, Current, Id, Record};
use tracing_core::{Event, Interest, LevelFilter, Metadata, Subscriber};

use super::super::sqlx;
use super::inner::Inner;
use super::logged;
use super::requester::{SpanRequester, requester};
use super::spans::{Span, Spans};
use super::{CANARIES, CANARY, default_but_tee, global, in_front_of, on_query, on_rebuild};
use crate::alloc::pause;
use crate::scope::{Inheritance, PushedScope, Scope, abandon_base, current, leads_elsewhere, push};
use crate::site::Capture;

/// See the module above.
pub(super) struct Tee {
    /// What was the thread's own default; the process's global one if absent.
    inner: Option<Inner>,
    spans: Arc<Spans>,
    this: OnceLock<WeakDispatch>,
    /// Seen twice, it tells that the interests are being rebuilt.
    first_callsite: OnceLock<Identifier>,
}

/// One entry of a span on a thread, and what it changed there.
struct Entry {
    id: Id,
    span: Arc<Span>,
    scope: Option<PushedScope>,
    default: Option<DefaultGuard>,
    /// Whether the thread is a worker that executes a command under the span.
    is_command: bool,
}

/// A driver carries spans to threads of its own, and with them the places where its queries were sent from.
static SITES_TRAVEL: AtomicBool = AtomicBool::new(false);

thread_local! {
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// What the calling thread has entered; `None` in the destructors of its locals.
fn entries<T>(access: impl FnOnce(&mut Vec<Entry>) -> T) -> Option<T> {
    ENTRIES.try_with(|entries| access(&mut entries.borrow_mut())).ok()
}

impl Tee {
    pub(super) fn in_front_of(inner: Dispatch, spans: Arc<Spans>) -> Self {
        Tee { inner: Some(Inner::new(inner)), spans, ..Self::in_front_of_global() }
    }

    pub(super) fn in_front_of_global() -> Self {
        Tee { inner: None, spans: Arc::default(), this: OnceLock::new(), first_callsite: OnceLock::new() }
    }

    fn inner(&self) -> Option<&Inner> {
        self.inner.as_ref().or_else(|| global::get())
    }

    /// Whether the callers look for parts of the inner subscriber, and there for their spans.
    fn is_wrapped(&self) -> bool {
        self.inner().is_some_and(Inner::is_wrapped)
    }

    fn inner_enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.inner().is_some_and(|inner| inner.enabled(metadata))
    }

    /// The scope that a new span belongs to.
    fn scope_for(&self, attributes: &Attributes<'_>) -> Option<Arc<Scope>> {
        let parent = attributes.parent().and_then(|parent| self.spans.get(parent));
        parent.and_then(|parent| parent.scope.clone()).or_else(current)
    }

    /// The span as the inner subscriber knows it, if that wants it.
    fn inner_span(&self, attributes: &Attributes<'_>) -> Option<Id> {
        let inner = self.inner().filter(|inner| inner.enabled(attributes.metadata()))?;
        let (metadata, values) = (attributes.metadata(), attributes.values());
        Some(match attributes.parent() {
            None => inner.new_span(attributes),
            Some(parent) => match self.inner_id(parent) {
                Some(parent) => inner.new_span(&Attributes::child_of(parent, metadata, values)),
                None => inner.new_span(&Attributes::new_root(metadata, values)),
            },
        })
    }

    /// A span as the inner subscriber knows it. One that was made without us is that's alone.
    fn inner_id(&self, id: &Id) -> Option<Id> {
        let _paused = pause();
        self.spans.get(id).map_or_else(|| Some(id.clone()), |span| span.inner.clone())
    }

    /// Makes a tee the calling thread's default, if none is: this one, or one in front of somebody's scoped default.
    fn behind_a_tee(&self) -> Option<DefaultGuard> {
        let tee = match default_but_tee()? {
            Some(theirs) => in_front_of(theirs, &self.spans),
            None => self.this.get()?.upgrade()?,
        };
        Some(dispatcher::set_default(&tee))
    }

    /// Leaves a span whose entry could not be noted.
    fn exit_unnoted(&self, id: &Id) {
        if let Some((inner, id)) = self.inner().zip(self.inner_id(id)) {
            inner.exit(&id);
        }
    }

    /// What is known of a span. The caller has paused the counting, also where this is dropped.
    fn span(&self, id: &Id) -> Arc<Span> {
        self.spans.get(id).unwrap_or_else(|| Span { inner: Some(id.clone()), ..Span::default() }.into())
    }

    /// A clone of the inner subscriber's span `id`, known to the caller by the id that it has there.
    fn share(&self, inner: &Inner, id: &Id, scope: &Option<Arc<Scope>>) -> Id {
        let clone = inner.clone_span(id);
        let _paused = pause();
        if clone == *id {
            self.spans.share(id);
            clone
        } else {
            self.spans.insert(Span { scope: scope.clone(), inner: Some(clone), ..Span::default() })
        }
    }

    /// A handle with an id of its own, so that the place where it was taken goes along with it.
    fn handle(&self, scope: Option<Arc<Scope>>, inner: Option<Id>) -> Id {
        let _paused = pause();
        if let Some(scope) = &scope {
            scope.hold();
        }
        let is_carried = scope.is_some() && (SITES_TRAVEL.load(Relaxed) || self.is_wrapped());
        let site = is_carried.then(Capture::here).flatten();
        self.spans.insert(Span { inner, site, is_handle: true, scope })
    }

    fn on_sqlx_query(&self, event: &Event<'_>) {
        let _paused = pause();
        let entered = entries(|entries| entries.last().map(|entry| Arc::clone(&entry.span))).flatten();
        let scope = match &entered {
            _ if !sqlx::is_sqlite_worker() => current(),
            // The worker belongs to whoever opened the connection; the command to whoever sent it.
            Some(span) => span.scope.clone(),
            None => current().inspect(super::on_hidden_query),
        };
        let Some(scope) = scope else { return super::on_nobodys_query() };
        let carried = entered.and_then(|span| span.site.clone());
        sqlx::LoggedExecution::by(event).execution().record_for(&scope, carried);
        on_query(&scope);
    }
}

impl Subscriber for Tee {
    fn on_register_dispatch(&self, this: &Dispatch) {
        let _ = self.this.set(this.downgrade());
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let first = self.first_callsite.get();
        if first.is_some_and(|first| *first == metadata.callsite()) {
            on_rebuild();
        } else if first.is_none() {
            let _ = self.first_callsite.set(metadata.callsite());
        }
        // Whether a span is wanted depends on the thread, and a query on nobody's filter.
        Interest::sometimes()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        if sqlx::is_query(metadata) {
            return true;
        }
        if metadata.target() == CANARY {
            return true;
        }
        if logged::is_question(metadata) {
            return logged::answer(metadata, self.inner_enabled(metadata));
        }
        // One that the inner subscriber does not want is looked for there in vain.
        let scoped = metadata.is_span() && !self.is_wrapped() && {
            let _paused = pause();
            current().is_some()
        };
        scoped || self.inner_enabled(metadata)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let inner = self.inner_span(attributes);
        let _paused = pause();
        let scope = self.scope_for(attributes);
        self.spans.insert(Span { scope, inner, ..Span::default() })
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        if let Some((inner, id)) = self.inner().zip(self.inner_id(id)) {
            inner.record(&id, values);
        }
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        let ids = self.inner_id(id).zip(self.inner_id(follows));
        if let Some((inner, (id, follows))) = self.inner().zip(ids) {
            inner.record_follows_from(&id, &follows);
        }
    }

    fn event(&self, event: &Event<'_>) {
        if event.metadata().target() == CANARY {
            CANARIES.set(CANARIES.get() + 1);
            return;
        }
        if sqlx::is_query(event.metadata()) {
            self.on_sqlx_query(event);
        }
        let is_logged = logged::is_event(event.metadata());
        if is_logged && logged::on_event(event) {
            return;
        }
        let wants = |inner: &&Inner| match is_logged {
            true => logged::is_wanted(),
            false => inner.enabled(event.metadata()),
        };
        if let Some(inner) = self.inner().filter(wants) {
            inner.event(event);
        }
    }

    fn enter(&self, id: &Id) {
        let is_command = sqlx::is_sqlite_worker();
        if is_command {
            SITES_TRAVEL.store(true, Relaxed);
            abandon_base();
        }
        let paused = pause();
        let span = self.span(id);
        if let Some(scope) = span.scope.as_ref().filter(|_| is_command) {
            super::on_worker(scope, true);
        }
        let default = self.behind_a_tee();
        drop(paused);
        let scope = span.scope.as_ref().filter(|scope| leads_elsewhere(scope));
        let scope = scope.map(|scope| push(scope, Inheritance::Nobody));
        if let Some((inner, id)) = self.inner().zip(span.inner.as_ref()) {
            inner.enter(id);
        }
        let _paused = pause();
        entries(|entries| entries.push(Entry { id: id.clone(), span, scope, default, is_command }));
    }

    fn exit(&self, id: &Id) {
        let paused = pause();
        let entry = entries(|entries| {
            let index = entries.iter().rposition(|entry| entry.id == *id)?;
            Some(entries.remove(index))
        });
        drop(paused);
        let Entry { span, scope, default, is_command, .. } = match entry {
            Some(Some(entry)) => entry,
            Some(None) => return,
            None => return self.exit_unnoted(id),
        };
        if let Some((inner, id)) = self.inner().zip(span.inner.as_ref()) {
            inner.exit(id);
        }
        drop(scope);
        let _paused = pause();
        if let Some(scope) = span.scope.as_ref().filter(|_| is_command) {
            super::on_worker(scope, false);
        }
        drop((default, span));
    }

    fn clone_span(&self, id: &Id) -> Id {
        if id.into_u64() == CURRENT {
            let cloned = |inner: &Inner| inner.current_span().id().map(|id| inner.clone_span(id));
            return self.handle(current(), self.inner().and_then(cloned));
        }
        let paused = pause();
        let span = self.span(id);
        drop(paused);
        let theirs = self.inner().zip(span.inner.as_ref());
        let clone = match theirs {
            Some((inner, id)) if inner.is_wrapped() && !span.is_handle => self.share(inner, id, &span.scope),
            _ => self.handle(span.scope.clone(), theirs.map(|(inner, id)| inner.clone_span(id))),
        };
        let _paused = pause();
        drop(span);
        clone
    }

    fn try_close(&self, id: Id) -> bool {
        let paused = pause();
        let span = self.spans.release(&id);
        if let Some(scope) = span.as_ref().filter(|span| span.is_handle).and_then(|span| span.scope.as_ref())
        {
            scope.release();
        }
        let inner_id = span.as_ref().map_or(Some(id), |span| span.inner.clone());
        drop(paused);
        let closed = self.inner().zip(inner_id).is_none_or(|(inner, id)| inner.try_close(id));
        let _paused = pause();
        drop(span);
        closed
    }

    /// Inside a scope there always is a current span, so that a driver which carries it to another thread carries the
    /// scope along. Where the inner subscriber is searched for spans, that is for such a driver only.
    fn current_span(&self) -> Current {
        let inner = self.inner().map(|inner| inner.current_span());
        let _paused = pause();
        let Some(scope) = current() else { return inner.unwrap_or_else(Current::none) };
        let theirs = if self.is_wrapped() {
            let requester = requester();
            if requester == SpanRequester::Unknown {
                super::on_unknown_asker(&scope);
            }
            inner.filter(|_| requester != SpanRequester::Sqlx)
        } else {
            inner.filter(|inner| {
                let span = inner.id().and_then(|id| self.spans.get(id));
                span.is_some_and(|span| span.scope.as_ref().is_some_and(|theirs| Arc::ptr_eq(theirs, &scope)))
            })
        };
        theirs.unwrap_or_else(|| Current::new(Id::from_u64(CURRENT), &CURRENT_METADATA))
    }

    #[allow(unsafe_code)] // So the trait has it.
    // SAFETY: the pointer is to this subscriber or to something that it owns, and of the type that was asked for.
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            return Some(std::ptr::from_ref(self).cast());
        }
        self.inner()?.find(id)
    }
}

/// The id that stands for whatever is current on the thread that asks.
const CURRENT: u64 = u64::MAX;

static CURRENT_METADATA: Metadata<'static> = tracing_core::metadata! {
    name: "perfassert",
    target: "perfassert",
    level: tracing_core::Level::ERROR,
    fields: &[],
    callsite: &CurrentCallsite,
    kind: tracing_core::metadata::Kind::SPAN
};

struct CurrentCallsite;

impl Callsite for CurrentCallsite {
    fn set_interest(&self, _interest: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &CURRENT_METADATA
    }
}

/// Keeps `tracing-core` asking every dispatcher, see [`shared`](super::shared).
pub(super) struct Deaf;

impl Subscriber for Deaf {
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        Interest::never()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _id: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _id: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _id: &Id) {}

    fn exit(&self, _id: &Id) {}
}
