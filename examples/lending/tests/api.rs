//! The desk through its routes, as a client sees it, with budgets on what that costs.

use actix_http::Request;
use actix_web::body::{self, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error};
use perfassert::actix::Endpoints;
use perfassert::{max_allocs, max_queries, no_n_plus_one};
use serde_json::{Value, json};

#[max_queries(2, endpoint = "GET /authors")]
#[no_n_plus_one]
#[actix_web::test]
async fn lists_authors_with_their_books() {
    let desk = desk().await;

    let (status, authors) = get(&desk, "/authors").await;

    assert_eq!(status, StatusCode::OK);
    let authors = authors.as_array().expect("a list of authors");
    assert_eq!(authors.len(), 6);
    assert_eq!(
        authors[0],
        json!({
            "id": 3,
            "name": "Anjali Rao",
            "books": [
                { "id": 5, "title": "Small Gods of the Monsoon", "year": 2011 },
                { "id": 6, "title": "Ink and Turmeric", "year": 2016 },
                { "id": 15, "title": "Saffron Hours", "year": 2020 },
            ],
        })
    );
}

#[max_queries(1, endpoint = "GET /books")]
#[no_n_plus_one]
#[actix_web::test]
async fn lists_books() {
    let desk = desk().await;

    let (status, books) = get(&desk, "/books").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(books.as_array().map(Vec::len), Some(20));
    assert_eq!(
        books[0],
        json!({ "id": 1, "title": "The Salt Road", "author": "Ursula Marlow", "year": 1998 })
    );
}

#[max_queries(1, endpoint = "GET /books")]
#[actix_web::test]
async fn pages_through_books() {
    let desk = desk().await;

    let (_, first) = get(&desk, "/books?limit=2").await;
    let (_, second) = get(&desk, "/books?limit=2&after=2").await;

    assert_eq!(ids(&first), [1, 2]);
    assert_eq!(ids(&second), [3, 4]);
}

#[max_queries(2, endpoint = "GET /books/{id}")]
#[no_n_plus_one]
#[actix_web::test]
async fn shows_a_book_and_where_its_copies_are() {
    let desk = desk().await;

    let (status, book) = get(&desk, "/books/4").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        book,
        json!({
            "id": 4,
            "title": "The Ninth Meridian",
            "author": "Tomas Eriksen",
            "year": 1991,
            "copies": [
                { "id": 5, "shelf": "D1", "due_on": null },
                { "id": 6, "shelf": "D1", "due_on": "2026-03-23" },
            ],
        })
    );
}

/// The pieces of the file are read while the client takes them: a statement for each, and all of them the request's.
#[max_queries(3, endpoint = "GET /catalogue.csv")]
#[actix_web::test]
async fn exports_the_catalogue() {
    let desk = desk().await;

    let (status, csv) = send(&desk, TestRequest::get().uri("/catalogue.csv")).await;

    assert_eq!(status, StatusCode::OK);
    let csv = String::from_utf8(csv).expect("a text");
    assert_eq!(csv.lines().count(), 20);
    assert_eq!(csv.lines().nth(16), Some(r#"17,"Borderlands, Revisited","Wanda Kosta",2017"#));
}

#[max_queries(2, endpoint = "GET /members/{id}/loans")]
#[no_n_plus_one]
#[actix_web::test]
async fn lists_what_a_member_has() {
    let desk = desk().await;

    let (status, loans) = get(&desk, "/members/3/loans").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        loans,
        json!([
            { "id": 4, "copy_id": 1, "title": "The Salt Road", "due_on": "2026-03-14" },
            { "id": 8, "copy_id": 15, "title": "Nine Bridges", "due_on": "2026-03-25" },
        ])
    );
}

#[max_queries(2, endpoint = "POST /loans")]
#[max_queries(1, endpoint = "POST /loans/{id}/return")]
#[no_n_plus_one]
#[actix_web::test]
async fn lends_a_copy_and_takes_it_back() {
    let desk = desk().await;

    let (status, lent) = post(&desk, "/loans", json!({ "copy_id": 20, "member_id": 5 })).await;
    assert_eq!((status, lent), (StatusCode::CREATED, json!({ "id": 12 })));
    let (_, loans) = get(&desk, "/members/5/loans").await;
    assert_eq!(loans[0]["title"], "Saffron Hours");

    let (status, _) = send(&desk, TestRequest::post().uri("/loans/12/return")).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, loans) = get(&desk, "/members/5/loans").await;
    assert_eq!(loans, json!([]));
}

#[max_queries(2, endpoint = "POST /loans")]
#[actix_web::test]
async fn lends_no_copy_that_it_cannot() {
    let desk = desk().await;

    for (copy_id, member_id, status, why) in [
        (1, 5, StatusCode::CONFLICT, "the copy is out"),
        (20, 4, StatusCode::CONFLICT, "the member has three books already"),
        (99, 5, StatusCode::UNPROCESSABLE_ENTITY, "no such copy or member"),
        (20, 99, StatusCode::UNPROCESSABLE_ENTITY, "no such copy or member"),
    ] {
        let answer = post(&desk, "/loans", json!({ "copy_id": copy_id, "member_id": member_id })).await;
        assert_eq!(answer, (status, json!({ "error": why })));
    }

    let (_, loans) = get(&desk, "/members/5/loans").await;
    assert_eq!(loans, json!([]));
}

#[max_queries(1, endpoint = "GET /reports/popular")]
#[no_n_plus_one]
#[actix_web::test]
async fn reports_what_is_lent_most() {
    let desk = desk().await;

    let (status, books) = get(&desk, "/reports/popular").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(ids(&books), [1, 13, 3, 4, 6]);
    assert_eq!(books[0], json!({ "id": 1, "title": "The Salt Road", "author": "Ursula Marlow", "loans": 3 }));
}

#[max_queries(1, endpoint = "GET /books/{id}")]
#[max_queries(1, endpoint = "GET /members/{id}/loans")]
#[max_queries(1, endpoint = "POST /loans/{id}/return")]
#[actix_web::test]
async fn says_what_is_not_there() {
    let desk = desk().await;

    for (request, why) in [
        (TestRequest::get().uri("/books/99"), "no such book"),
        (TestRequest::get().uri("/members/99/loans"), "no such member"),
        (TestRequest::post().uri("/loans/99/return"), "no such loan"),
        (TestRequest::post().uri("/loans/1/return"), "no such loan"),
    ] {
        let (status, body) = send(&desk, request).await;
        let body: Value = serde_json::from_slice(&body).expect("a JSON body");
        assert_eq!((status, body), (StatusCode::NOT_FOUND, json!({ "error": why })));
    }
}

/// Twelve clients share the one connection, and each request has its two statements.
#[max_queries(2, endpoint = "GET /books/{id}")]
#[max_allocs(4000)]
#[no_n_plus_one]
#[actix_web::test]
async fn serves_many_clients_at_once() {
    let desk = desk().await;

    let clients = (1..=12).map(|id| {
        let desk = &desk;
        async move { get(desk, &format!("/books/{id}")).await }
    });

    for ((status, book), id) in futures::future::join_all(clients).await.into_iter().zip(1..) {
        assert_eq!(status, StatusCode::OK);
        assert_eq!(book["id"], id);
    }
}

/// The desk with its sample data, set up outside the measurement.
async fn desk() -> impl Service<Request, Response = ServiceResponse<impl MessageBody>, Error = Error> {
    let pool = perfassert::unmeasured(lending::db::in_memory).expect("sample data");
    init_service(App::new().configure(lending::routes(pool)).wrap(Endpoints::new())).await
}

async fn get<S, B>(desk: &S, path: &str) -> (StatusCode, Value)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (status, body) = send(desk, TestRequest::get().uri(path)).await;
    (status, serde_json::from_slice(&body).expect("a JSON body"))
}

async fn post<S, B>(desk: &S, path: &str, body: Value) -> (StatusCode, Value)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (status, body) = send(desk, TestRequest::post().uri(path).set_json(body)).await;
    (status, serde_json::from_slice(&body).expect("a JSON body"))
}

async fn send<S, B>(desk: &S, request: TestRequest) -> (StatusCode, Vec<u8>)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let response = desk.call(request.to_request()).await.expect("an answer");
    let status = response.status();
    let body = body::to_bytes(response.into_body()).await.map_err(Into::into).expect("a body");
    (status, body.to_vec())
}

fn ids(books: &Value) -> Vec<i64> {
    books.as_array().expect("a list of books").iter().map(|book| book["id"].as_i64().unwrap()).collect()
}
