//! Endpoints of actix-web 4.
//!
//! Wrap the application under test in [`Endpoints`], last of all, so that it stands outside of everything else:
//!
//! ```
//! use actix_web::{App, web};
//!
//! async fn show(id: web::Path<u32>) -> String {
//!     format!("order {id}")
//! }
//!
//! let app = App::new()
//!     .route("/orders/{id}", web::get().to(show))
//!     .wrap(perfassert::actix::Endpoints::new());
//! # let _ = app;
//! ```
//!
//! An application that is built where no test reaches it has its routes in a function, which both call:
//!
//! ```
//! use actix_web::{App, web};
//!
//! pub fn routes(config: &mut web::ServiceConfig) {
//!     config.route("/health", web::get().to(|| async { "well" }));
//! }
//!
//! let app = App::new().configure(routes).wrap(perfassert::actix::Endpoints::new());
//! # let _ = app;
//! ```
//!
//! The endpoint is `GET /orders/{id}`. The workers of a server that a test starts are the test's. One that was started before
//! knows the test of a request by the header [`traceparent`](crate::traceparent).

use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::HeaderValue;
use actix_web::web::Bytes;
use pin_project_lite::pin_project;

use crate::alloc::pause;
pub use crate::request::EndpointBody;
use crate::request::{self, Handling, TRACEPARENT};
use crate::scope::Scope;

/// Opens a scope for each request, measured until the response body ends.
///
/// A request belongs to the test whose [`traceparent`](crate::traceparent) it carries, and otherwise to the one whose thread
/// handles it. Those of nobody pass through untouched.
///
/// One that is answered by a server error (5xx), by a body that fails, or not at all, is marked as failed: it is no baseline
/// for others.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a middleware measures nothing until an application is wrapped in it"]
pub struct Endpoints(());

/// See [`Endpoints`].
#[derive(Debug)]
pub struct EndpointsService<S> {
    inner: S,
}

impl Endpoints {
    /// Names endpoints by the pattern of the resource that matched, with the scopes around it.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S, B> Transform<S, ServiceRequest> for Endpoints
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EndpointBody<B>>;
    type Error = Error;
    type Transform = EndpointsService<S>;
    type InitError = ();
    type Future = Ready<Result<EndpointsService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(EndpointsService { inner }))
    }
}

impl<S, B> Service<ServiceRequest> for EndpointsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EndpointBody<B>>;
    type Error = Error;
    type Future = EndpointsFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        EndpointsFuture { handling: Handling::start(open(&request), || self.inner.call(request)) }
    }
}

/// The scope of a request, if it is a test's.
fn open(request: &ServiceRequest) -> Option<Arc<Scope>> {
    let paused = pause();
    let route = request.match_pattern();
    let traceparents = request.headers().get_all(TRACEPARENT).map(HeaderValue::as_bytes);
    let scope = request::open(request.method().as_str(), route.as_deref(), traceparents);
    drop((route, paused));
    scope
}

/// What the answer tells of the request.
fn answered<B>(scope: &Scope, response: &Result<ServiceResponse<B>, Error>) {
    let _paused = pause();
    let status = match response {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    scope.set_failed(status.is_server_error());
    if let Ok(response) = response {
        // Until it was routed, the pattern was told by the path alone; of two resources with one path, guards decide.
        request::set_route(scope, response.request().match_pattern().as_deref());
    }
}

pin_project! {
    /// The response of an [`EndpointsService`], on its way.
    pub struct EndpointsFuture<F> {
        #[pin]
        handling: Handling<F>,
    }
}

impl<F, B> Future for EndpointsFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EndpointBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (response, scope) = ready!(self.project().handling.poll(cx, answered));
        Poll::Ready(response.map(|response| response.map_body(|_, body| EndpointBody::new(body, scope))))
    }
}

impl<F> std::fmt::Debug for EndpointsFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointsFuture").finish_non_exhaustive()
    }
}

impl<B: MessageBody> MessageBody for EndpointBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.get().map_or(BodySize::None, MessageBody::size)
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        let fails = |chunk: &Poll<_>| matches!(chunk, Poll::Ready(Some(Err(_))));
        self.produce(|body| body.poll_next(cx), fails).unwrap_or(Poll::Ready(None))
    }
}
