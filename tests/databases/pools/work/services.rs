//! The same requests, to a service.

use actix_web::web;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::Request;
use axum::routing::get;
use sqlx::PgPool;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::{Ask, REQUESTS, handle};

async fn item(pool: &PgPool, id: i32) -> String {
    let n = pool.ask(id).await;
    format!("{}: {n}", handle(id))
}

pub(super) async fn axum(pool: PgPool) {
    let show = async |State(pool): State<PgPool>, Path(id): Path<i32>| item(&pool, id).await;
    let app = axum::Router::new().route("/items/{id}", get(show)).with_state(pool);
    let app = app.layer(perfassert::tower::EndpointLayer::new());
    let mut tasks = JoinSet::new();
    for id in 0..REQUESTS {
        let request = Request::get(format!("/items/{id}")).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request);
        tasks.spawn(async { to_bytes(answer.await.unwrap().into_body(), usize::MAX).await.unwrap().len() });
    }
    while let Some(length) = tasks.join_next().await {
        assert!(length.unwrap() > 0);
    }
}

pub(super) async fn actix(pool: PgPool) {
    let show = async |pool: web::Data<PgPool>, id: web::Path<i32>| item(&pool, *id).await;
    let app = actix_web::App::new().app_data(web::Data::new(pool)).route("/items/{id}", web::get().to(show));
    let app = actix_web::test::init_service(app.wrap(perfassert::actix::Endpoints::new())).await;
    let requests = (0..REQUESTS).map(|id| {
        let request = actix_web::test::TestRequest::get().uri(&format!("/items/{id}")).to_request();
        actix_web::test::call_and_read_body(&app, request)
    });
    for answer in futures::future::join_all(requests).await {
        assert!(!answer.is_empty());
    }
}
