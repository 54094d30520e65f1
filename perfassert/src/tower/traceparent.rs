//! Sending the test's trace id along, for clients that are tower services.

use std::task::{Context, Poll};

use http::{HeaderValue, Request};
use tower_layer::Layer;
use tower_service::Service;

use crate::request::TRACEPARENT;
use crate::trace;

/// Adds [`traceparent`](crate::traceparent) to each request that has none, if a test sends it.
///
/// ```
/// use perfassert::tower::TraceparentLayer;
/// use tower_layer::Layer;
/// # struct Client;
/// # let client = Client;
///
/// let client = TraceparentLayer::new().layer(client);
/// # let _ = client;
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a layer sends nothing until it is added to a service"]
pub struct TraceparentLayer(());

/// See [`TraceparentLayer`].
#[derive(Clone, Copy, Debug)]
pub struct TraceparentService<S> {
    inner: S,
}

impl TraceparentLayer {
    /// The header of whoever sends the request: of the task that calls the service.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for TraceparentLayer {
    type Service = TraceparentService<S>;

    fn layer(&self, inner: S) -> TraceparentService<S> {
        TraceparentService { inner }
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for TraceparentService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if !request.headers().contains_key(TRACEPARENT) {
            let value = trace::header().and_then(|header| HeaderValue::from_bytes(&header).ok());
            value.map(|value| request.headers_mut().insert(TRACEPARENT, value));
        }
        self.inner.call(request)
    }
}
