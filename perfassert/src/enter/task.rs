//! A future that is measured wherever it is polled.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::enter;
use crate::scope::{Inheritance, Scope};

pin_project! {
    /// Enters its scope on each poll, and when it is dropped.
    ///
    /// Source of the method: the `Instrumented` future of the `tracing` crate.
    pub(crate) struct Measured<F> {
        #[pin]
        future: Option<F>,
        scope: Arc<Scope>,
        inheritance: Inheritance,
    }

    impl<F> PinnedDrop for Measured<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = enter(this.scope, *this.inheritance);
            this.future.set(None);
        }
    }
}

impl<F> Measured<F> {
    pub(crate) fn new(future: F, scope: Arc<Scope>, inheritance: Inheritance) -> Self {
        Measured { future: Some(future), scope, inheritance }
    }
}

impl<F: Future> Future for Measured<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = enter(this.scope, *this.inheritance);
        let future = this.future.as_pin_mut().expect("a measured future is emptied only when it is dropped");
        future.poll(cx)
    }
}
