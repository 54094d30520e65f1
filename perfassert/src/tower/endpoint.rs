//! A scope for each request that a tower service handles.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Extensions, HeaderValue, Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::grpc;
use crate::request::{self, EndpointBody, Handling, TRACEPARENT};
use crate::scope::Scope;

/// The route pattern of a request, say `/orders/{id}`; `None` for a path that nothing matched.
pub type RouteOf = fn(&Uri, &Extensions) -> Option<String>;

/// Opens a scope for each request, measured until the response body ends.
///
/// A request belongs to the test whose [`traceparent`](crate::traceparent) it carries, and otherwise to the one whose thread or
/// task handles it. Those of nobody pass through untouched.
///
/// One that is answered by a server error (5xx, or a status of gRPC that says as much), by a body that fails, or not at all,
/// is marked as failed: it is no baseline for others.
#[derive(Clone, Copy, Debug)]
#[must_use = "a layer measures nothing until it is added to a service"]
pub struct EndpointLayer {
    /// The user's own.
    route_of: Option<RouteOf>,
}

/// See [`EndpointLayer`].
#[derive(Clone, Copy, Debug)]
pub struct EndpointService<S> {
    inner: S,
    layer: EndpointLayer,
}

impl EndpointLayer {
    /// Names a call of gRPC by its path, `POST /package.Service/Method`, and any other request by axum's matched path. Without the
    /// feature `axum` (or `axum-07`) no path is known to match: see [`with_route`](Self::with_route).
    ///
    /// axum knows the matched path inside [`Router::layer`](https://docs.rs/axum/0.8/axum/struct.Router.html#method.layer), and not
    /// around the router.
    pub fn new() -> Self {
        EndpointLayer { route_of: None }
    }

    /// Names endpoints by what `route_of` says. It is to return patterns: a name for each id would be an endpoint for each.
    ///
    /// ```
    /// use perfassert::tower::EndpointLayer;
    ///
    /// /// What the application's own router has left.
    /// #[derive(Clone)]
    /// struct Pattern(&'static str);
    ///
    /// let layer = EndpointLayer::with_route(|_uri, extensions| Some(extensions.get::<Pattern>()?.0.to_owned()));
    /// # let _ = layer;
    /// ```
    pub fn with_route(route_of: RouteOf) -> Self {
        EndpointLayer { route_of: Some(route_of) }
    }

    /// Whether the request is a call of gRPC, and nobody else says what it is called.
    fn is_grpc<Q>(self, request: &Request<Q>) -> bool {
        self.route_of.is_none() && grpc::is_call(request.headers())
    }

    /// The scope of a request, if it is a test's.
    fn open<Q>(self, request: &Request<Q>) -> Option<Arc<Scope>> {
        let paused = crate::alloc::pause();
        let route = match self.route_of {
            Some(route_of) => route_of(request.uri(), request.extensions()),
            None if self.is_grpc(request) => Some(grpc::method(request.uri())),
            None => matched_path(request.extensions()),
        };
        let traceparents = request.headers().get_all(TRACEPARENT).iter().map(HeaderValue::as_bytes);
        let scope = request::open(request.method().as_str(), route.as_deref(), traceparents);
        drop((route, paused));
        scope
    }
}

impl Default for EndpointLayer {
    fn default() -> Self {
        Self::new()
    }
}

fn matched_path(extensions: &Extensions) -> Option<String> {
    let path: Option<&str> = None;
    #[cfg(feature = "axum")]
    let path = path.or_else(|| Some(extensions.get::<axum::extract::MatchedPath>()?.as_str()));
    #[cfg(feature = "axum-07")]
    let path = path.or_else(|| Some(extensions.get::<axum_07::extract::MatchedPath>()?.as_str()));
    let _ = extensions;
    path.map(str::to_owned)
}

impl<S> Layer<S> for EndpointLayer {
    type Service = EndpointService<S>;

    fn layer(&self, inner: S) -> EndpointService<S> {
        EndpointService { inner, layer: *self }
    }
}

impl<S, Q, B> Service<Request<Q>> for EndpointService<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
{
    type Response = Response<EndpointBody<B>>;
    type Error = S::Error;
    type Future = EndpointFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> EndpointFuture<S::Future> {
        let (scope, is_grpc) = (self.layer.open(&request), self.layer.is_grpc(&request));
        EndpointFuture { handling: Handling::start(scope, || self.inner.call(request)), is_grpc }
    }
}

pin_project! {
    /// The response of an [`EndpointService`], on its way.
    pub struct EndpointFuture<F> {
        #[pin]
        handling: Handling<F>,
        is_grpc: bool,
    }
}

impl<F, B, E> Future for EndpointFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<EndpointBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answered = |scope: &Scope, response: &F::Output| {
            if let Ok(response) = response {
                scope.set_failed(is_failure(response));
                if *this.is_grpc && grpc::is_no_method(response) {
                    request::set_route(scope, None);
                }
            }
        };
        let (response, scope) = ready!(this.handling.poll(cx, answered));
        Poll::Ready(response.map(|response| response.map(|body| EndpointBody::new(body, scope))))
    }
}

fn is_failure<B>(response: &Response<B>) -> bool {
    response.status().is_server_error() || grpc::is_failure(response.headers())
}

impl<F> std::fmt::Debug for EndpointFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointFuture").finish_non_exhaustive()
    }
}

impl<B: Body> Body for EndpointBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.produce(|body| body.poll_frame(cx), is_failed_frame).unwrap_or(Poll::Ready(None))
    }

    fn is_end_stream(&self) -> bool {
        self.get().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.get().map_or_else(SizeHint::default, Body::size_hint)
    }
}

/// The body has failed, or its last frame says that the request did.
fn is_failed_frame<D, E>(frame: &Poll<Option<Result<Frame<D>, E>>>) -> bool {
    match frame {
        Poll::Ready(Some(Ok(frame))) => frame.trailers_ref().is_some_and(grpc::is_failure),
        Poll::Ready(Some(Err(_))) => true,
        _ => false,
    }
}
