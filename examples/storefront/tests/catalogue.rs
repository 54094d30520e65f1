//! What is sold and how it goes, with budgets on what that costs.

mod common;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use common::{get, post, send, shop, with_body};
use perfassert::{max_queries, no_n_plus_one};
use serde_json::json;

#[max_queries(1, endpoint = "GET /products")]
#[no_n_plus_one]
#[tokio::test]
async fn lists_products_and_how_many_are_there() {
    let shop = shop().await;

    let (status, products) = get(&shop, "/products").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(products.as_array().map(Vec::len), Some(6));
    assert_eq!(
        products[0],
        json!({ "sku": "assam", "name": "Assam, 250 g", "price_cents": 1120, "in_stock": 1 })
    );
}

#[max_queries(1, endpoint = "GET /products/{sku}")]
#[max_queries(1, endpoint = "POST /products/{sku}/deliveries")]
#[no_n_plus_one]
#[tokio::test]
async fn takes_a_delivery() {
    let shop = shop().await;

    let (_, teapot) = get(&shop, "/products/teapot").await;
    assert_eq!(teapot["in_stock"], 2);
    let delivery = with_body(Method::POST, "/products/teapot/deliveries", json!({ "quantity": 5 }));
    let (status, _) = send(&shop, delivery).await;
    assert_eq!(status, StatusCode::CREATED);
    let (_, teapot) = get(&shop, "/products/teapot").await;
    assert_eq!(teapot["in_stock"], 7);
}

#[max_queries(1, endpoint = "GET /search")]
#[tokio::test]
async fn finds_products_by_a_part_of_their_name() {
    let shop = shop().await;

    let (status, found) = get(&shop, "/search?q=TEA").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        found,
        json!([
            { "sku": "strainer", "name": "Tea strainer, steel", "price_cents": 675 },
            { "sku": "teapot", "name": "Teapot, cast iron", "price_cents": 6400 },
        ])
    );

    // A wildcard is a character like any other.
    let (_, found) = get(&shop, "/search?q=%25").await;
    assert_eq!(found, json!([]));
}

#[max_queries(1, endpoint = "GET /products/{sku}")]
#[max_queries(1, endpoint = "POST /products/{sku}/deliveries")]
#[max_queries(0, endpoint = "GET /search")]
#[tokio::test]
async fn says_what_it_does_not_sell() {
    let shop = shop().await;

    let (status, body) = get(&shop, "/products/hat").await;
    assert_eq!((status, body), (StatusCode::NOT_FOUND, json!({ "error": "no such product" })));

    let (status, body) = post(&shop, "/products/hat/deliveries", json!({ "quantity": 1 })).await;
    assert_eq!((status, body), (StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": "no such product" })));

    let (status, body) = get(&shop, "/search?q=%20").await;
    assert_eq!((status, body), (StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": "nothing to look for" })));
}

#[max_queries(2, endpoint = "GET /statistics")]
#[no_n_plus_one]
#[tokio::test]
async fn sums_up_days_and_products() {
    let shop = shop().await;

    let (status, statistics) = get(&shop, "/statistics").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(statistics["days"][0], json!({ "day": "2026-03-02", "orders": 3, "total_cents": 19965 }));
    assert_eq!(statistics["products"][0], json!({ "sku": "mug", "sold": 14, "in_stock": 26 }));
    assert_eq!(statistics["products"].as_array().map(Vec::len), Some(6));
}

#[max_queries(1, endpoint = "GET /health")]
#[tokio::test]
async fn is_well() {
    let shop = shop().await;

    let (status, body) = send(&shop, Request::get("/health").body(Body::empty()).unwrap()).await;

    assert_eq!((status, body.len()), (StatusCode::NO_CONTENT, 0));
}
