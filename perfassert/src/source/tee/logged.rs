//! Records of the `log` crate that `tracing-log` has turned into events. The dispatcher is asked about the record, and then gets
//! an event of which only the fields say what the record's target was.

use std::cell::Cell;

use tracing_core::Metadata;

thread_local! {
    /// Whether the inner subscriber wants the record that was asked about last.
    static IS_WANTED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this asks about a record.
pub(super) fn is_question(metadata: &Metadata<'_>) -> bool {
    metadata.name() == "log record" && metadata.is_event()
}

/// Whether this is the event that a record has become.
pub(super) fn is_event(metadata: &Metadata<'_>) -> bool {
    metadata.name() == "log event" && metadata.target() == "log"
}

/// The answer to [`is_question`]: the inner subscriber's, except for the drivers' records.
pub(super) fn answer(metadata: &Metadata<'_>, inner: bool) -> bool {
    IS_WANTED.set(inner);
    inner || is_drivers(metadata)
}

/// What the inner subscriber answered to the question before the event. It is asked once for each event, as some keep
/// notes of their answers.
pub(super) fn is_wanted() -> bool {
    IS_WANTED.get()
}

/// Whether drivers that speak through the `log` crate are heard by its records alone, as events.
pub(super) fn is_needed() -> bool {
    #[cfg(feature = "tokio-postgres")]
    return !crate::source::tokio_postgres::is_heard_by_a_logger();
    #[cfg(not(feature = "tokio-postgres"))]
    false
}

#[cfg(not(feature = "tokio-postgres"))]
fn is_drivers(_metadata: &Metadata<'_>) -> bool {
    false
}

#[cfg(not(feature = "tokio-postgres"))]
pub(super) fn on_event(_event: &tracing_core::Event<'_>) -> bool {
    false
}

#[cfg(feature = "tokio-postgres")]
pub(super) use of_tokio_postgres::on_event;

#[cfg(feature = "tokio-postgres")]
use of_tokio_postgres::is_drivers;

#[cfg(feature = "tokio-postgres")]
mod of_tokio_postgres {
    use std::fmt;

    use tracing_core::field::{Field, Visit};
    use tracing_core::{Event, Level, Metadata};

    use crate::alloc::pause;
    use crate::source::tokio_postgres;

    pub(super) fn is_drivers(metadata: &Metadata<'_>) -> bool {
        let is_drivers = *metadata.level() == Level::DEBUG && tokio_postgres::is_drivers(metadata.target());
        if is_drivers {
            tokio_postgres::on_question(metadata.target());
        }
        is_drivers
    }

    /// Takes the drivers' records. Whether it was a canary of ours, which is for nobody else.
    pub(in super::super) fn on_event(event: &Event<'_>) -> bool {
        if *event.metadata().level() != Level::DEBUG {
            return false;
        }
        let mut target = Target::default();
        event.record(&mut target);
        if target.is_drivers {
            let _paused = pause();
            let mut message = Message::default();
            event.record(&mut message);
            tokio_postgres::on_event(target.is_canary, &message.0);
        }
        target.is_canary
    }

    #[derive(Default)]
    struct Target {
        is_drivers: bool,
        is_canary: bool,
    }

    impl Visit for Target {
        fn record_str(&mut self, field: &Field, value: &str) {
            if field.name() == "log.target" {
                self.is_drivers = tokio_postgres::is_drivers(value);
                self.is_canary = value == tokio_postgres::CANARY;
            }
        }

        fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
    }

    #[derive(Default)]
    struct Message(String);

    impl Visit for Message {
        fn record_str(&mut self, field: &Field, value: &str) {
            self.record_debug(field, &format_args!("{value}"));
        }

        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            if field.name() == "message" {
                self.0 = format!("{value:?}");
            }
        }
    }
}
