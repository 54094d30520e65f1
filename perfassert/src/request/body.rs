//! The body of a response is a part of its request.

use std::pin::Pin;
use std::sync::Arc;

use pin_project_lite::pin_project;

use crate::enter::enter;
use crate::scope::{Inheritance, Scope};

pin_project! {
    /// The body of a response: what is done to produce it, and to drop it, counts for its request.
    pub struct EndpointBody<B> {
        #[pin]
        body: Option<B>,
        scope: Option<Arc<Scope>>,
    }

    impl<B> PinnedDrop for EndpointBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.scope.as_ref().map(|scope| enter(scope, Inheritance::Nobody));
            this.body.set(None);
        }
    }
}

impl<B> EndpointBody<B> {
    /// Without a scope it is nobody's.
    pub(crate) fn new(body: B, scope: Option<Arc<Scope>>) -> Self {
        EndpointBody { body: Some(body), scope }
    }

    pub(crate) fn get(&self) -> Option<&B> {
        self.body.as_ref()
    }

    /// Does a part of producing it, see [`step`]; `None` when it is being dropped.
    pub(crate) fn produce<T>(
        self: Pin<&mut Self>,
        part: impl FnOnce(Pin<&mut B>) -> T,
        fails: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let this = self.project();
        let body = this.body.as_pin_mut()?;
        Some(match this.scope {
            Some(scope) => step(scope, || part(body), fails),
            None => part(body),
        })
    }
}

impl<B> std::fmt::Debug for EndpointBody<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointBody").finish_non_exhaustive()
    }
}

/// Does a part of producing the response's body. The request has failed if that panics, and if `fails` says so.
fn step<T>(request: &Arc<Scope>, produce: impl FnOnce() -> T, fails: impl FnOnce(&T) -> bool) -> T {
    let _entered = enter(request, Inheritance::Nobody);
    let failed = request.failed();
    request.set_failed(true);
    let output = produce();
    request.set_failed(failed || fails(&output));
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_fails_with_its_body() {
        let request = Scope::test("GET /orders");
        assert_eq!((step(&request, || 7, |_| false), request.failed()), (7, false));
        let panics = || step(&request, || panic!("a body"), |()| false);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
        assert!(request.failed());
        request.set_failed(false);
        step(&request, || (), |()| true);
        step(&request, || (), |()| false);
        assert!(request.failed());
    }
}
