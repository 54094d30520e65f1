//! actix-web 4.

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorInternalServerError, ErrorUnauthorized};
use actix_web::test::TestRequest;
use actix_web::{App, Error, HttpResponse, HttpServer, guard, web};
use futures::future::{Either, FutureExt, join_all, ready};
use perfassert::actix::Endpoints;
use perfassert::max_queries;
use sqlx::SqlitePool;

use crate::check;
use crate::client::{AT_ONCE, REQUESTS, call, call_all};
use crate::work::{A, B, cut, frames, pool, select};

type Pool = web::Data<SqlitePool>;

pub(crate) fn app(
    pool: SqlitePool,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let users = web::scope("/api").route(
        "/users/{id}",
        web::get().to(async |pool: Pool| {
            select(&pool, "SELECT 1 AS of_a_user", 1).await;
            ""
        }),
    );
    App::new()
        .app_data(Pool::new(pool))
        .route("/a/{n}", web::get().to(async |pool: Pool, n: web::Path<usize>| select_a(&pool, *n).await))
        .route(
            "/b/{n}",
            web::get().to(async |pool: Pool, n: web::Path<usize>| {
                select(&pool, B, *n).await;
                ""
            }),
        )
        .route("/stream/{n}", web::get().to(stream))
        .route("/cut/{n}", web::get().to(cut_off))
        .route("/broken", web::get().to(broken))
        .route("/panics", web::get().to(panics))
        .route("/refused/{why}", web::get().to(async || ""))
        .service(
            web::resource("/guarded/{first}")
                .guard(guard::Header("x-first", "1"))
                .to(async |pool: Pool| select_a(&pool, 1).await),
        )
        .service(web::resource("/guarded/{second}").to(async |pool: Pool| select_a(&pool, 2).await))
        .service(users)
        .default_service(web::to(async |pool: Pool| {
            select(&pool, "SELECT 1 AS of_nothing", 1).await;
            HttpResponse::NotFound().finish()
        }))
        .wrap_fn(|request, inner| match request.path() {
            "/refused/user" => Either::Left(ready(Err(ErrorUnauthorized("who is it?")))),
            "/refused/server" => Either::Left(ready(Err(ErrorInternalServerError("out of order")))),
            _ => Either::Right(inner.call(request)),
        })
        .wrap(Endpoints::new())
}

async fn select_a(pool: &SqlitePool, n: usize) -> &'static str {
    select(pool, A, n).await;
    ""
}

async fn stream(pool: Pool, n: web::Path<usize>) -> HttpResponse {
    HttpResponse::Ok().streaming(frames_of_bytes(&pool, *n, None))
}

async fn cut_off(pool: Pool, n: web::Path<usize>) -> HttpResponse {
    HttpResponse::Ok().streaming(frames_of_bytes(&pool, *n, Some(cut)))
}

fn frames_of_bytes(
    pool: &SqlitePool,
    n: usize,
    last: Option<fn() -> std::io::Error>,
) -> impl futures::Stream<Item = Result<web::Bytes, std::io::Error>> + use<> {
    use futures::TryStreamExt;
    frames(pool.clone(), n, last).map_ok(|frame| web::Bytes::from_static(frame.as_bytes()))
}

async fn broken(pool: Pool) -> HttpResponse {
    select(&pool, A, 1).await;
    HttpResponse::InternalServerError().finish()
}

async fn panics(pool: Pool) -> HttpResponse {
    select(&pool, A, 1).await;
    panic!("a handler");
}

/// In place of a server, which reads the body to its end and survives a panic.
async fn read<S, R, B>(app: &S, request: R)
where
    S: Service<R, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let read = async {
        let Ok(answer) = app.call(request).await else { return };
        let mut body = pin!(answer.into_body());
        while let Some(Ok(_)) = std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await {}
    };
    let _ = AssertUnwindSafe(read).catch_unwind().await;
}

/// What only this framework has.
const OTHERS: [&str; 3] = ["/guarded/1", "/refused/user", "/refused/server"];

#[max_queries(100)]
#[ignore = "a fixture"]
#[actix_web::test]
async fn call_service() {
    let app = actix_web::test::init_service(app(pool().await)).await;
    let call = |method: &str, path| {
        read(&app, TestRequest::with_uri(path).method(method.parse().unwrap()).to_request())
    };
    for (method, path) in REQUESTS {
        call(method, path).await;
    }
    join_all(AT_ONCE.map(|path| call("GET", path))).await;
    for path in OTHERS {
        call("GET", path).await;
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[actix_web::test]
async fn served_by_two_workers() {
    let pool = pool().await;
    let server = HttpServer::new(move || app(pool.clone())).workers(2).bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let server = actix_web::rt::spawn(server);
    call_all(address).await;
    for path in OTHERS {
        call(address, "GET", path, "").await;
    }
    handle.stop(true).await;
    server.await.unwrap().unwrap();
}

#[test]
fn endpoints_are_method_and_pattern_and_end_with_the_body() {
    for fixture in ["actix::call_service", "actix::served_by_two_workers"] {
        check(
            fixture,
            &[
                "GET (no route) | 3 requests, 0 failed | 1x SELECT ? AS of_nothing",
                "GET /a/{n} | 3 requests, 0 failed | 4x SELECT ? AS a",
                "GET /api/users/{id} | 2 requests, 0 failed | 1x SELECT ? AS of_a_user",
                "GET /b/{n} | 1 requests, 0 failed | 6x SELECT ? AS b",
                "GET /broken | 1 requests, 1 failed | 1x SELECT ? AS a",
                "GET /cut/{n} | 1 requests, 1 failed | 3x SELECT ? AS of_a_frame",
                // By the guard, and not by the path alone.
                "GET /guarded/{second} | 1 requests, 0 failed | 2x SELECT ? AS a",
                "GET /panics | 1 requests, 1 failed | 1x SELECT ? AS a",
                "GET /refused/{why} | 2 requests, 1 failed | ",
                "GET /stream/{n} | 1 requests, 0 failed | 3x SELECT ? AS of_a_frame",
                // Its path is known; what answers is the default service.
                "HEAD /a/{n} | 1 requests, 0 failed | 1x SELECT ? AS of_nothing",
                "OPTIONS /a/{n} | 1 requests, 0 failed | 1x SELECT ? AS of_nothing",
            ],
        );
    }
}
