//! Endpoints of anything that is a tower service over http: axum, tonic, hyper.
//!
//! Add [`EndpointLayer`] around the application under test. With the feature `axum`, an endpoint is named by the route
//! pattern that matched:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::Router;
//! # let app: Router = Router::new();
//! let app = app.layer(perfassert::tower::EndpointLayer::new());
//! # let _: Router = app; }
//! ```

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Extensions, Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::enter::{Measured, enter};
use crate::scope::{Heirs, Role, Scope, current};

/// The route pattern of a request, say `/orders/{id}`; `None` for a path that nothing matched.
pub type RouteOf = fn(&Uri, &Extensions) -> Option<String>;

/// Opens a scope for each request, measured until the response body ends.
///
/// Requests that no test's thread or task handles pass through untouched.
#[derive(Clone, Copy, Debug)]
#[must_use = "a layer measures nothing until it is added to a service"]
pub struct EndpointLayer {
    route_of: RouteOf,
}

/// See [`EndpointLayer`].
#[derive(Clone, Copy, Debug)]
pub struct EndpointService<S> {
    inner: S,
    route_of: RouteOf,
}

impl EndpointLayer {
    /// Names endpoints by axum's matched path. Without the feature `axum` no path is known to match: see
    /// [`with_route`](Self::with_route).
    pub fn new() -> Self {
        Self::with_route(matched_path)
    }

    /// Names endpoints by what `route_of` says. It is to return patterns: a name for each id would be an endpoint for each.
    ///
    /// ```
    /// use perfassert::tower::EndpointLayer;
    ///
    /// // tonic: the path is `/package.Service/Method`
    /// let layer = EndpointLayer::with_route(|uri, _| Some(uri.path().to_owned()));
    /// # let _ = layer;
    /// ```
    pub fn with_route(route_of: RouteOf) -> Self {
        EndpointLayer { route_of }
    }
}

impl Default for EndpointLayer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "axum")]
fn matched_path(_uri: &Uri, extensions: &Extensions) -> Option<String> {
    Some(extensions.get::<axum::extract::MatchedPath>()?.as_str().to_owned())
}

#[cfg(not(feature = "axum"))]
fn matched_path(_uri: &Uri, _extensions: &Extensions) -> Option<String> {
    None
}

impl<S> Layer<S> for EndpointLayer {
    type Service = EndpointService<S>;

    fn layer(&self, inner: S) -> EndpointService<S> {
        EndpointService { inner, route_of: self.route_of }
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
        let Some(scope) = scope_of(&request, self.route_of) else {
            return EndpointFuture { inner: Inner::Unmeasured { future: self.inner.call(request) } };
        };
        let entered = enter(&scope, Heirs::Nobody);
        let future = self.inner.call(request);
        drop(entered);
        EndpointFuture {
            inner: Inner::Measured {
                future: Measured::new(future, Arc::clone(&scope), Heirs::Nobody),
                scope,
            },
        }
    }
}

/// The scope of a request, if a test handles it. Until it is answered, it counts as failed.
fn scope_of<Q>(request: &Request<Q>, route_of: RouteOf) -> Option<Arc<Scope>> {
    let outer = current()?;
    let _paused = crate::alloc::pause();
    let route = route_of(request.uri(), request.extensions());
    let name = format!("{} {}", request.method(), route.as_deref().unwrap_or("(no route)"));
    let scope = Scope::open(name, Role::Endpoint, Some(outer));
    scope.set_failed(true);
    Some(scope)
}

pin_project! {
    /// The response of an [`EndpointService`], on its way.
    pub struct EndpointFuture<F> {
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

impl<F, B, E> Future for EndpointFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<EndpointBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (response, scope) = match self.project().inner.project() {
            InnerProjection::Measured { future, scope } => {
                (ready!(future.poll(cx))?, Some(Arc::clone(scope)))
            }
            InnerProjection::Unmeasured { future } => (ready!(future.poll(cx))?, None),
        };
        if let Some(scope) = &scope {
            scope.set_failed(response.status().is_server_error());
        }
        Poll::Ready(Ok(response.map(|body| EndpointBody { body: Some(body), scope })))
    }
}

impl<F> std::fmt::Debug for EndpointFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointFuture").finish_non_exhaustive()
    }
}

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
            let _entered = this.scope.as_ref().map(|scope| enter(scope, Heirs::Nobody));
            this.body.set(None);
        }
    }
}

impl<B: Body> Body for EndpointBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let _entered = this.scope.as_ref().map(|scope| enter(scope, Heirs::Nobody));
        match this.body.as_pin_mut() {
            Some(body) => body.poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl<B> std::fmt::Debug for EndpointBody<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointBody").finish_non_exhaustive()
    }
}
