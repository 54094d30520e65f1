//! The shop under test, and a client of it.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use perfassert::tower::EndpointLayer;
use serde_json::Value;
use storefront::schema;
use tower::ServiceExt;

/// The shop with its sample data, set up outside the measurement.
pub(crate) async fn shop() -> Router {
    let pool = perfassert::unmeasured_async(schema::in_memory()).await.expect("sample data");
    storefront::app(pool).layer(EndpointLayer::new())
}

pub(crate) async fn get(shop: &Router, path: &str) -> (StatusCode, Value) {
    let (status, body) = send(shop, Request::get(path).body(Body::empty()).unwrap()).await;
    (status, serde_json::from_slice(&body).expect("a JSON body"))
}

pub(crate) async fn post(shop: &Router, path: &str, body: Value) -> (StatusCode, Value) {
    let (status, body) = send(shop, with_body(Method::POST, path, body)).await;
    (status, serde_json::from_slice(&body).expect("a JSON body"))
}

pub(crate) fn with_body(method: Method, path: &str, body: Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

pub(crate) async fn send(shop: &Router, request: Request<Body>) -> (StatusCode, Vec<u8>) {
    let response = shop.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, body.to_vec())
}
