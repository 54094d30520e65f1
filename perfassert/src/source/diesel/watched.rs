//! [`Watched`]: an instrumentation behind ours.

use std::cell::Cell;

use ::diesel::connection::{Instrumentation, InstrumentationEvent};

use super::event;

thread_local! {
    /// How many were made on this thread: whatever makes one is known by it.
    static MADE: Cell<u64> = const { Cell::new(0) };
}

pub(super) fn made_here() -> u64 {
    MADE.get()
}

/// Your own instrumentation, with perfassert in front of it.
///
/// For the default, and for one connection: perfassert does not hear of a connection whose instrumentation is set to
/// anything else, and cannot notice.
///
/// ```
/// use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
/// use perfassert::diesel::watch;
///
/// #[derive(Default)]
/// struct Statements(u32);
///
/// impl Instrumentation for Statements {
///     fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
///         self.0 += u32::from(matches!(event, InstrumentationEvent::StartQuery { .. }));
///     }
/// }
///
/// set_default_instrumentation(|| Some(Box::new(watch(Statements::default())))).unwrap();
///
/// fn log_all_of(connection: &mut impl diesel::Connection) {
///     connection.set_instrumentation(watch(Statements::default()));
/// }
/// ```
pub fn watch<I: Instrumentation>(inner: I) -> Watched<I> {
    MADE.set(MADE.get() + 1);
    Watched { inner }
}

/// An instrumentation with perfassert in front of it: see [`watch`].
#[derive(Debug)]
pub struct Watched<I> {
    inner: I,
}

impl<I> Watched<I> {
    /// Your own instrumentation.
    ///
    /// ```
    /// # #[derive(Debug, PartialEq)] struct Log;
    /// # impl diesel::connection::Instrumentation for Log {
    /// #     fn on_connection_event(&mut self, _: diesel::connection::InstrumentationEvent<'_>) {}
    /// # }
    /// let mut watched = perfassert::diesel::watch(Log);
    /// assert_eq!(watched.inner(), &mut Log);
    /// ```
    pub fn inner(&mut self) -> &mut I {
        &mut self.inner
    }
}

impl<I: Instrumentation> Instrumentation for Watched<I> {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let _heard = event::hear(&event);
        self.inner.on_connection_event(event);
    }
}
