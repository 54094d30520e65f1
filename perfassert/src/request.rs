//! One request of an endpoint, whichever framework handles it: its scope, its name, and whether it failed.

use std::sync::Arc;

use crate::alloc::pause;
use crate::enter::enter;
use crate::scope::{Heirs, Role, Scope, current};
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

/// Does a part of producing the response's body. The request has failed if that panics, and if `fails` says so.
pub(crate) fn step<T>(
    request: &Arc<Scope>,
    produce: impl FnOnce() -> T,
    fails: impl FnOnce(&T) -> bool,
) -> T {
    let _entered = enter(request, Heirs::Nobody);
    let failed = request.failed();
    request.set_failed(true);
    let output = produce();
    request.set_failed(failed || fails(&output));
    output
}
