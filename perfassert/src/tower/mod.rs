//! Endpoints of anything that is a tower service over http: axum, tonic, hyper.
//!
//! Add [`EndpointLayer`] around the application under test. With the feature `axum`, an endpoint is named by the route
//! pattern that matched; `axum-07` does the same for axum 0.7:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::Router;
//! # let app: Router = Router::new();
//! let app = app.layer(perfassert::tower::EndpointLayer::new());
//! # let _: Router = app; }
//! ```
//!
//! A call of gRPC is named by its service and method. For tonic: `Server::builder().layer(EndpointLayer::new()).add_service(shop)`.
//!
//! Where the server does not run on the test's own threads, requests carry the test's [`traceparent`](crate::traceparent).
//! [`TraceparentLayer`] adds it to a client that is a tower service.

mod endpoint;
mod grpc;
mod traceparent;

pub use crate::request::EndpointBody;
pub use endpoint::{EndpointFuture, EndpointLayer, EndpointService, RouteOf};
pub use traceparent::{TraceparentLayer, TraceparentService};
