//! Events of a connection.

use std::cell::Cell;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::ptr;

use ::diesel::connection::{DebugQuery, InstrumentationEvent};

use super::super::Execution;
use super::super::execution::text_of;
use crate::alloc::pause;
use crate::mix::Mixer;
use crate::scope::current;

/// What stands between a statement and its values.
const BINDS: &str = " -- binds: ";

/// The longest statement whose values are asked for: a pool's ping is known by them, and it is short.
const LONGEST_PING: usize = "SELECT $1".len();

thread_local! {
    /// The query of the event that this thread is being told of.
    static HEARD: Cell<*const ()> = const { Cell::new(ptr::null()) };
    /// diesel is opening a connection on this thread.
    static CONNECTING: Cell<bool> = const { Cell::new(false) };
}

/// See `opened_by_another_driver`.
#[cfg(feature = "rusqlite")]
pub(in crate::source) fn is_connecting() -> bool {
    CONNECTING.get()
}

/// The event is being told of, until this is dropped.
pub(super) struct EventGuard {
    outer: *const (),
}

impl Drop for EventGuard {
    fn drop(&mut self) {
        HEARD.set(self.outer);
    }
}

/// Takes an event, once: somebody may have watched what was watched already.
///
/// A statement counts when it is started. Of a transaction diesel tells twice, and the other time it is a statement like
/// any other.
pub(super) fn hear(event: &InstrumentationEvent<'_>) -> Option<EventGuard> {
    let query = match event {
        InstrumentationEvent::StartQuery { query, .. } => *query,
        InstrumentationEvent::FinishQuery { query, error, .. } if error.is_some() || is_under_way_kept() => {
            *query
        }
        InstrumentationEvent::StartEstablishConnection { .. } => {
            CONNECTING.set(true);
            return None;
        }
        InstrumentationEvent::FinishEstablishConnection { .. } => {
            CONNECTING.set(false);
            return None;
        }
        _ => return None,
    };
    let query_address = ptr::from_ref(query).cast::<()>();
    let outer = HEARD.replace(query_address);
    if outer != query_address {
        match event {
            InstrumentationEvent::StartQuery { .. } => started(query),
            InstrumentationEvent::FinishQuery { error, .. } => finished(query, error.is_some()),
            _ => {}
        }
    }
    Some(EventGuard { outer })
}

/// Whether somebody asks what is under way: see `under_way`.
fn is_under_way_kept() -> bool {
    #[cfg(feature = "tokio-postgres")]
    return super::super::linked::TOKIO_POSTGRES.is_linked();
    #[cfg(not(feature = "tokio-postgres"))]
    false
}

fn started(query: &dyn DebugQuery) {
    let _paused = pause();
    let scope = current();
    if scope.is_none() && !is_under_way_kept() {
        return;
    }
    let Some(text) = text(query) else { return };
    #[cfg(feature = "tokio-postgres")]
    if is_under_way_kept() {
        super::under_way::begin(text.sent());
    }
    if let Some(scope) = scope {
        Execution::new(&text.sql).record_for_asking(&scope, None, || values(query));
    }
}

fn finished(query: &dyn DebugQuery, has_failed: bool) {
    let _paused = pause();
    let Some(text) = text(query) else { return };
    #[cfg(feature = "tokio-postgres")]
    if is_under_way_kept() {
        super::under_way::end(text.sent());
    }
    if let Some(scope) = current().filter(|_| has_failed) {
        // Of several statements diesel does not tell which of them failed.
        if let Some(statement) = text_of(&text.sql).only() {
            scope.fail(statement);
        }
    }
}

/// The text of a query, as far as it is needed; none of one that cannot be written, and so is not sent either.
fn text(query: &dyn DebugQuery) -> Option<Text> {
    let mut text = Text { sql: String::with_capacity(256), values_at: None, is_cut: false };
    let written = write!(text, "{query}");
    (written.is_ok() || text.is_cut).then_some(text)
}

/// A hash of the values of a query, which are written a second time for it.
fn values(query: &dyn DebugQuery) -> Option<u64> {
    let mut values = Values(None);
    write!(values, "{query}").ok()?;
    values.0.map(|hasher| hasher.finish())
}

/// Hashes what stands behind a text.
struct Values(Option<Mixer>);

impl Write for Values {
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        match &mut self.0 {
            Some(hasher) => piece.hash(hasher),
            None if piece == BINDS => self.0 = Some(Mixer::default()),
            None => {}
        }
        Ok(())
    }
}

/// Takes a text up to where the values begin, which are dear to write and of no use.
struct Text {
    sql: String,
    values_at: Option<usize>,
    is_cut: bool,
}

#[cfg(feature = "tokio-postgres")]
impl Text {
    /// As it goes to the database.
    fn sent(&self) -> &str {
        &self.sql[..self.values_at.unwrap_or(self.sql.len())]
    }
}

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        if piece == BINDS {
            self.values_at = Some(self.sql.len());
            self.is_cut = self.sql.len() > LONGEST_PING;
        }
        if self.is_cut {
            return Err(std::fmt::Error);
        }
        self.sql.push_str(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Display, Formatter, Result};

    use super::*;

    /// A query of pieces, as the display of diesel's own writes them. A piece `!` cannot be written.
    #[derive(Debug)]
    struct Query(&'static [&'static str]);

    impl Display for Query {
        fn fmt(&self, f: &mut Formatter<'_>) -> Result {
            self.0
                .iter()
                .try_for_each(|piece| if *piece == "!" { Err(std::fmt::Error) } else { f.write_str(piece) })
        }
    }

    impl DebugQuery for Query {}

    #[track_caller]
    fn check(pieces: &'static [&'static str], expected: Option<&str>) {
        assert_eq!(text(&Query(pieces)).map(|text| text.sql).as_deref(), expected, "{pieces:?}");
    }

    #[test]
    fn values_are_cut_off() {
        check(&["SELECT a FROM t WHERE b = $1", BINDS, "[", "7", "]"], Some("SELECT a FROM t WHERE b = $1"));
        check(&["SELECT a FROM t WHERE b = $1", BINDS, "!"], Some("SELECT a FROM t WHERE b = $1"));
        check(&["SELECT a FROM t WHERE b = ' -- binds: '"], Some("SELECT a FROM t WHERE b = ' -- binds: '"));
        check(&["SELECT a -- binds: [7]"], Some("SELECT a -- binds: [7]"));
    }

    #[test]
    fn a_ping_is_known_by_its_values() {
        check(&["SELECT 1", BINDS, "[]"], Some("SELECT 1 -- binds: []"));
        check(&["SELECT $1", BINDS, "[", "1", "]"], Some("SELECT $1 -- binds: [1]"));
    }

    #[cfg(feature = "tokio-postgres")]
    #[test]
    fn what_may_be_a_ping_is_sent_without_its_values() {
        let sent = |pieces| text(&Query(pieces)).map(|text| text.sent().to_owned());
        assert_eq!(sent(&["SELECT $1", BINDS, "[", "1", "]"]).as_deref(), Some("SELECT $1"));
        assert_eq!(sent(&["SELECT a FROM t", BINDS, "[]"]).as_deref(), Some("SELECT a FROM t"));
        assert_eq!(sent(&["SELECT ' -- binds: '"]).as_deref(), Some("SELECT ' -- binds: '"));
    }

    #[test]
    fn values_are_compared_by_a_hash() {
        let of = |pieces| values(&Query(pieces));
        let one = of(&["SELECT a FROM t WHERE b = $1", BINDS, "[", "7", "]"]);
        assert!(one.is_some());
        assert_eq!(one, of(&["SELECT a FROM t WHERE b = $1", BINDS, "[", "7", "]"]));
        assert_ne!(one, of(&["SELECT a FROM t WHERE b = $1", BINDS, "[", "8", "]"]));
        assert_eq!(of(&["SELECT a FROM t WHERE b = ' -- binds: 7'"]), None);
        assert_eq!(of(&["SELECT a", BINDS, "!"]), None);
    }

    #[test]
    fn what_cannot_be_written_is_not_sent() {
        check(&["!"], None);
        check(&["UPDATE t SET ", "!"], None);
    }
}
