//! Joining by trace id: what is done for a request belongs to the test that sent it, on whatever thread, runtime or pool.
//!
//! Each test has a trace id, and each of its scopes a parent id, as [W3C trace context](https://www.w3.org/TR/trace-context/)
//! has them. Both are made when a header is asked for; a test that asks for none is in no table.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, Weak};
use std::time::SystemTime;

use crate::alloc::pause;
use crate::lock::lock;
use crate::scope::{Role, Scope, current};

/// The value of a W3C `traceparent` header for the test of the calling thread or task; `None` outside of a test.
///
/// A request that carries it is the test's, wherever it is handled in this process: on a server that another test started, on a
/// runtime in a `static`, on a pool's thread. What handles it is to be wrapped in a middleware of perfassert's, say
/// `perfassert::tower::EndpointLayer`. A request that is sent in a section, or in [`unmeasured`](crate::unmeasured), belongs
/// there.
///
/// The trace id is the same for the whole test. An application that goes on with the trace of a request exports it under that id,
/// and the test's record names it.
///
/// ```
/// # fn check() -> Option<()> {
/// // 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
/// let value = perfassert::traceparent()?;
/// let request = format!("GET /orders HTTP/1.1\r\nhost: localhost\r\ntraceparent: {value}\r\n\r\n");
/// # assert!(request.contains("traceparent: 00-")); Some(()) }
/// # assert_eq!(check(), None);
/// ```
#[must_use]
pub fn traceparent() -> Option<String> {
    let header = header()?;
    Some(String::from_utf8_lossy(&header).into_owned())
}

/// [`traceparent`] as its bytes.
pub(crate) fn header() -> Option<[u8; LENGTH]> {
    let _paused = pause();
    let scope = current().filter(|scope| scope.root().role() == Role::Test)?;
    Some(TraceParent::of(&scope).to_header())
}

/// [`traceparent`] for `scope` of a test. The caller has paused the counting.
pub(crate) fn traceparent_of(scope: &Arc<Scope>) -> String {
    String::from_utf8_lossy(&TraceParent::of(scope).to_header()).into_owned()
}

/// The scope that the header was handed out to, if that was in this process. It may have ended.
pub(crate) fn find(header: &[u8]) -> Option<Arc<Scope>> {
    let TraceParent { trace, parent } = TraceParent::parse(header)?;
    let handed_out = lock(&HANDED_OUT);
    let test = handed_out.get(&(trace, TEST))?;
    // A tracing library on the way may have put an id of its own in place of the scope's.
    let scope = handed_out.get(&(trace, parent)).and_then(Weak::upgrade).or_else(|| test.upgrade());
    Some(scope.unwrap_or_else(Scope::ended))
}

/// Makes `test` of this process the one that `header` names, which was handed out in another process.
pub(crate) fn adopt(test: &Arc<Scope>, header: &[u8]) {
    let Some(TraceParent { trace, .. }) = TraceParent::parse(header) else { return };
    if test.ids.trace.set(trace).is_ok() {
        hand_out(trace, TEST, test);
    }
}

/// The scopes that headers were handed out to, by trace and parent id, and each test by its trace id.
static HANDED_OUT: Mutex<BTreeMap<(u128, u64), Weak<Scope>>> = Mutex::new(BTreeMap::new());

/// In place of a parent id, which is never zero.
const TEST: u64 = 0;

/// How long a header of the version that we write is.
const LENGTH: usize = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".len();

/// A `traceparent`: neither id is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TraceParent {
    trace: u128,
    parent: u64,
}

impl TraceParent {
    /// That of `scope`. The caller has paused the counting.
    fn of(scope: &Arc<Scope>) -> Self {
        let test = scope.root();
        let trace = *test.ids.trace.get_or_init(|| {
            let trace = u128::from(random()) << 64 | u128::from(random());
            hand_out(trace, TEST, test);
            trace
        });
        let parent = *scope.ids.parent.get_or_init(|| {
            let parent = random();
            hand_out(trace, parent, scope);
            parent
        });
        TraceParent { trace, parent }
    }

    fn to_header(self) -> [u8; LENGTH] {
        let mut header = [0; LENGTH];
        write!(&mut header[..], "00-{:032x}-{:016x}-01", self.trace, self.parent)
            .expect("there is room for it");
        header
    }

    /// Reads version 00, and of later ones what they have in common with it.
    fn parse(header: &[u8]) -> Option<Self> {
        let (known, further) = header.split_at_checked(LENGTH)?;
        let known = std::str::from_utf8(known).ok()?;
        let mut fields = known.split('-');
        let mut field = |length: usize| fields.next().filter(|field| field.len() == length).and_then(hex);
        let (version, trace, parent, _flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
        let is_version = match version {
            0 => further.is_empty(),
            0xff => false,
            _ => further.is_empty() || further.starts_with(b"-"),
        };
        let parent = u64::try_from(parent).ok()?;
        (is_version && trace != 0 && parent != 0).then_some(TraceParent { trace, parent })
    }
}

/// A number in lower-case digits, and nothing else.
fn hex(digits: &str) -> Option<u128> {
    let is_lower = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_lower.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

/// From now on `scope` is found by these ids. Of tests that are gone only the id is kept: a late request of theirs is not to
/// be taken for another's.
fn hand_out(trace: u128, parent: u64, scope: &Arc<Scope>) {
    let mut handed_out = lock(&HANDED_OUT);
    if parent == TEST {
        clear(&mut handed_out);
    }
    handed_out.insert((trace, parent), Arc::downgrade(scope));
}

/// Lets go of scopes that are gone.
fn clear(handed_out: &mut BTreeMap<(u128, u64), Weak<Scope>>) {
    handed_out.retain(|(_, parent), scope| {
        let is_gone = scope.strong_count() == 0;
        if is_gone {
            *scope = Weak::new();
        }
        !is_gone || *parent == TEST
    });
}

/// A number that no other call in any process is likely to get, and never zero.
pub(crate) fn random() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(CALLS.fetch_add(1, Relaxed));
    hasher.write_u32(std::process::id());
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    hasher.write_u128(since_epoch.map_or(0, |time| time.as_nanos()));
    hasher.finish().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enter::enter;
    use crate::scope::Inheritance;

    const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
    const PARENT: u64 = 0x00f0_67aa_0ba9_02b7;

    #[track_caller]
    fn check(header: &str, is_valid: bool) {
        let expected = is_valid.then_some(TraceParent { trace: TRACE, parent: PARENT });
        assert_eq!(TraceParent::parse(header.as_bytes()), expected, "{header}");
    }

    #[test]
    fn a_header_is_read_as_the_standard_has_it() {
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", true);
        // Of a later version, what is known of it.
        check("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true);
        check("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes", true);
        check("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", true);
        check("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what", false);
        check("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ", false);
        check("0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-001", false);
        check("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01", false);
        check("0A-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A", false);
        check("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01", false);
        check("00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false);
        check("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", false);
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-é", false);
        check("", false);
    }

    #[test]
    fn what_is_written_is_read() {
        for (trace, parent) in [(TRACE, PARENT), (1, 1), (u128::MAX, u64::MAX)] {
            let written = TraceParent { trace, parent };
            assert_eq!(TraceParent::parse(&written.to_header()), Some(written));
        }
    }

    fn inside(scope: &Arc<Scope>) -> [u8; LENGTH] {
        let _entered = enter(scope, Inheritance::Threads);
        header().expect("inside a test there is a header")
    }

    #[track_caller]
    fn check_found(header: [u8; LENGTH], expected: &Arc<Scope>) {
        let found = find(&header).expect("the trace is one of ours");
        assert!(Arc::ptr_eq(&found, expected), "{} in place of {}", found.name(), expected.name());
    }

    #[test]
    fn a_header_leads_to_the_scope_that_asked_for_it() {
        let (test, other) = (Scope::test("one"), Scope::test("other"));
        let set_up = Scope::open("set-up", Role::Unmeasured, Some(Arc::clone(&test)));
        assert_eq!(test.ids.trace_id(), None);
        let headers = [inside(&test), inside(&set_up), inside(&other)];
        check_found(headers[0], &test);
        check_found(headers[1], &set_up);
        check_found(headers[2], &other);
        assert_eq!(inside(&set_up), headers[1]);
        let trace = |header: &[u8; LENGTH]| String::from_utf8_lossy(&header[3..35]).into_owned();
        assert_eq!(
            (trace(&headers[0]), trace(&headers[0])),
            (trace(&headers[1]), test.ids.trace_id().unwrap())
        );
        assert_ne!(trace(&headers[0]), trace(&headers[2]));
        // Somebody on the way has put in a span of his own.
        let by_a_tracer = TraceParent { parent: 7, ..TraceParent::parse(&headers[1]).unwrap() };
        check_found(by_a_tracer.to_header(), &test);
    }

    #[test]
    fn a_test_that_is_gone_is_not_taken_for_another() {
        let test = Scope::test("gone");
        let set_up = Scope::open("set-up", Role::Unmeasured, Some(Arc::clone(&test)));
        let headers = [inside(&test), inside(&set_up)];
        drop((test, set_up));
        for _ in 0..2 {
            for header in headers {
                assert_eq!(find(&header).map(|scope| scope.phase()), Some(crate::scope::Phase::Ended));
            }
            inside(&Scope::test("next"));
        }
        assert!(find(&TraceParent { trace: TRACE, parent: PARENT }.to_header()).is_none());
    }

    #[test]
    fn outside_of_a_test_there_is_no_header() {
        assert_eq!(traceparent(), None);
        let (header, _) = crate::measure("alone", traceparent);
        assert_eq!(header, None);
    }
}
