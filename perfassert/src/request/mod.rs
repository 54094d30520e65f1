//! One request of an endpoint, whichever framework handles it: its scope, its name, and whether it failed.

mod body;
mod handling;

use std::sync::Arc;

pub use self::body::EndpointBody;
pub(crate) use self::handling::Handling;

use crate::alloc::pause;
use crate::scope::{Role, Scope, current};
use crate::trace;

/// What carries the trace id.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// The scope of a request, if it is a test's. Until it is answered, it counts as failed.
///
/// It is the test's whose trace the request carries in one of its headers `traceparents`, or else the one's that handles it.
pub(crate) fn open<'a>(
    method: &str,
    route: Option<&str>,
    mut traceparents: impl Iterator<Item = &'a [u8]>,
) -> Option<Arc<Scope>> {
    let _paused = pause();
    // Several are none, as the standard has it.
    let only = traceparents.next().filter(|_| traceparents.next().is_none());
    let outer = within(only.and_then(trace::find), current())?;
    let scope = Scope::open(name(method, route), Role::Endpoint, Some(outer));
    scope.set_failed(true);
    Some(scope)
}

/// The scope that a request was sent in, or the one that it has come to, if that lies further in.
fn within(sender: Option<Arc<Scope>>, here: Option<Arc<Scope>>) -> Option<Arc<Scope>> {
    match (sender, here) {
        (Some(sender), Some(here)) if sender.encloses(&here) => Some(here),
        (sender, here) => sender.or(here),
    }
}

/// Method and route pattern. What no route matched is one endpoint, whatever its path.
fn name(method: &str, route: Option<&str>) -> String {
    format!("{method} {}", route.unwrap_or("(no route)"))
}

/// The framework has told its route with the answer.
pub(crate) fn set_route(request: &Scope, route: Option<&str>) {
    let _paused = pause();
    let method = request.name().split(' ').next().unwrap_or_default();
    let name = name(method, route);
    if name != request.name() {
        request.rename(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enter::enter;
    use crate::scope::{Inheritance, Phase};

    /// The scope of a request that is handled in `here`, and carries what was handed out to each of `senders`.
    fn open_in(here: &Arc<Scope>, senders: &[&Arc<Scope>]) -> Arc<Scope> {
        let header = |sender: &&Arc<Scope>| {
            let _entered = enter(sender, Inheritance::Threads);
            trace::header().expect("inside a test there is a header")
        };
        let headers: Vec<_> = senders.iter().map(header).collect();
        let _entered = enter(here, Inheritance::Threads);
        let opened = open("GET", Some("/orders"), headers.iter().map(|header| &header[..]));
        opened.expect("a test handles it")
    }

    #[track_caller]
    fn check(here: &Arc<Scope>, senders: &[&Arc<Scope>], expected: &Arc<Scope>) {
        let request = open_in(here, senders);
        let outer = request.lineage().nth(1).expect("a request has somebody whose it is");
        assert!(Arc::ptr_eq(outer, expected), "{} in place of {}", outer.name(), expected.name());
    }

    #[test]
    fn a_request_belongs_to_whoever_sent_it() {
        let (test, other) = (Scope::test("one"), Scope::test("other"));
        let part = |role, of: &Arc<Scope>| Scope::open("part", role, Some(Arc::clone(of)));
        let (set_up, section) = (part(Role::Unmeasured, &test), part(Role::Section, &test));
        check(&test, &[], &test);
        check(&test, &[&test], &test);
        check(&other, &[&test], &test);
        // On a thread of the test's own, and sent in a part of it.
        check(&test, &[&set_up], &set_up);
        check(&other, &[&section], &section);
        // Handled further in than it was sent from.
        check(&section, &[&test], &section);
        check(&section, &[&set_up], &set_up);
        // Two headers are none.
        check(&other, &[&test, &test], &other);
    }

    #[test]
    fn a_late_request_is_not_the_next_tests() {
        let (late, next) = (Scope::test("late"), Scope::test("next"));
        late.end();
        next.begin();
        check(&next, &[&late], &late);
        assert_eq!(open_in(&next, &[&late]).root().phase(), Phase::Ended);
        assert!(next.parts().is_empty());
    }

    #[test]
    fn outside_of_a_test_there_is_no_scope() {
        assert!(open("GET", None, std::iter::empty()).is_none());
        assert!(open("GET", None, std::iter::once(&b"00-1-2-3"[..])).is_none());
    }

    #[test]
    fn a_request_has_failed_until_it_is_answered() {
        assert!(open_in(&Scope::test("test"), &[]).failed());
    }

    #[test]
    fn a_route_is_told_at_the_latest_with_the_answer() {
        let test = Scope::test("test");
        let request = open_in(&test, &[]);
        set_route(&request, Some("/orders"));
        assert_eq!(request.name(), "GET /orders");
        set_route(&request, None);
        assert_eq!(request.name(), "GET (no route)");
    }
}
