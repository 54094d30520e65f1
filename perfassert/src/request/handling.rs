//! The handling of a request, until there is a response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::enter::{Measured, enter};
use crate::scope::{Inheritance, Scope};

pin_project! {
    /// A framework's future of a response, in the scope of its request.
    pub(crate) struct Handling<F> {
        #[pin]
        inner: Inner<F>,
    }
}

pin_project! {
    #[project = InnerProjection]
    enum Inner<F> {
        Measured {
            #[pin]
            future: Measured<F>,
            scope: Arc<Scope>,
        },
        Unmeasured {
            #[pin]
            future: F,
        },
    }
}

impl<F: Future> Handling<F> {
    /// Calls the framework's service. A request without a scope is nobody's.
    pub(crate) fn start(scope: Option<Arc<Scope>>, call: impl FnOnce() -> F) -> Self {
        let Some(scope) = scope else { return Handling { inner: Inner::Unmeasured { future: call() } } };
        let entered = enter(&scope, Inheritance::Nobody);
        let future = call();
        drop(entered);
        let future = Measured::new(future, Arc::clone(&scope), Inheritance::Nobody);
        Handling { inner: Inner::Measured { future, scope } }
    }

    /// The response, and whose its body is. `answered` is told what the request has come to.
    pub(crate) fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        answered: impl FnOnce(&Scope, &F::Output),
    ) -> Poll<(F::Output, Option<Arc<Scope>>)> {
        Poll::Ready(match self.project().inner.project() {
            InnerProjection::Measured { future, scope } => {
                let response = ready!(future.poll(cx));
                answered(scope, &response);
                (response, Some(Arc::clone(scope)))
            }
            InnerProjection::Unmeasured { future } => (ready!(future.poll(cx)), None),
        })
    }
}
