//! The shop through its router, as a client sees it, with budgets on what that costs.

mod common;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use common::{get, post, send, shop, with_body};
use perfassert::{max_queries, no_n_plus_one};
use serde_json::{Value, json};

#[max_queries(5)]
#[max_queries(2, endpoint = "GET /orders")]
#[no_n_plus_one]
#[tokio::test]
async fn lists_orders() {
    let shop = shop().await;

    let (status, orders) = get(&shop, "/orders").await;

    assert_eq!(status, StatusCode::OK);
    let orders = orders.as_array().expect("a list of orders");
    assert_eq!(orders.len(), 14);
    assert_eq!(
        orders[0],
        json!({
            "id": 1,
            "customer": "Ada Okafor",
            "placed_at": "2026-03-02 08:14:00",
            "lines": 3,
            "total_cents": 11770,
        })
    );
    let customers: Vec<_> = orders[9..].iter().map(|order| order["customer"].as_str().unwrap()).collect();
    assert_eq!(customers, ["Jonas Petit", "Kavya Lindqvist", "Luca Brandt", "Ada Okafor", "Ada Okafor"]);
}

#[max_queries(2, endpoint = "GET /orders")]
#[tokio::test]
async fn pages_through_orders() {
    let shop = shop().await;

    let (_, first) = get(&shop, "/orders?limit=2").await;
    let (_, second) = get(&shop, "/orders?limit=2&after=2").await;

    assert_eq!(ids(&first), [1, 2]);
    assert_eq!(ids(&second), [3, 4]);
}

#[max_queries(5)]
#[no_n_plus_one]
#[tokio::test]
async fn shows_an_order() {
    let shop = shop().await;

    let (status, order) = get(&shop, "/orders/3").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        order,
        json!({
            "id": 3,
            "customer": "Chiara Lund",
            "placed_at": "2026-03-02 17:05:00",
            "lines": [
                { "sku": "teapot", "product": "Teapot, cast iron", "quantity": 1, "unit_price_cents": 6400 },
                { "sku": "strainer", "product": "Tea strainer, steel", "quantity": 1, "unit_price_cents": 675 },
            ],
        })
    );
}

#[max_queries(5)]
#[tokio::test]
async fn shows_an_invoice() {
    let shop = shop().await;

    let (status, page) = send(&shop, Request::get("/orders/1/invoice").body(Body::empty()).unwrap()).await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        String::from_utf8(page).unwrap(),
        "\
Invoice 00001
Ada Okafor, 2026-03-02 08:14:00

   1 x Kettle, 1.2 l                 49.90
   4 x Mug, stoneware                50.00
   2 x Sencha, 100 g                 17.80
------------------------------------------
Total                               117.70
"
    );
}

#[max_queries(2)]
#[tokio::test]
async fn shows_a_customer() {
    let shop = shop().await;

    let (status, customer) = get(&shop, "/customers/5").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(customer, json!({ "id": 5, "name": "Elif Novak", "email": "elif@example.com" }));
}

#[max_queries(5)]
#[max_queries(2, endpoint = "GET /customers/{id}/orders")]
#[no_n_plus_one]
#[tokio::test]
async fn lists_the_orders_of_a_customer() {
    let shop = shop().await;

    let (status, orders) = get(&shop, "/customers/1/orders").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(ids(&orders), [1, 13, 14]);
    assert_eq!(orders[2]["total_cents"], 1925);
}

#[max_queries(6)]
#[max_queries(2, endpoint = "POST /orders")]
#[max_queries(3, endpoint = "GET /orders/{id}")]
#[no_n_plus_one]
#[tokio::test]
async fn places_an_order() {
    let shop = shop().await;

    let (status, placed) = post(
        &shop,
        "/orders",
        json!({
            "customer_id": 4,
            "lines": [
                { "sku": "sencha", "quantity": 2 },
                { "sku": "mug", "quantity": 1 },
                { "sku": "assam", "quantity": 3 },
            ],
        }),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(placed, json!({ "id": 15 }));

    let (_, order) = get(&shop, "/orders/15").await;
    assert_eq!(order["customer"], "Dmitri Sato");
    assert_eq!(
        order["lines"],
        json!([
            { "sku": "sencha", "product": "Sencha, 100 g", "quantity": 2, "unit_price_cents": 890 },
            { "sku": "mug", "product": "Mug, stoneware", "quantity": 1, "unit_price_cents": 1250 },
            { "sku": "assam", "product": "Assam, 250 g", "quantity": 3, "unit_price_cents": 1120 },
        ])
    );
}

#[max_queries(8)]
#[tokio::test]
async fn refuses_an_order_that_cannot_be_and_keeps_nothing_of_it() {
    let shop = shop().await;
    let mug = json!([{ "sku": "mug", "quantity": 1 }]);
    let hat = json!([{ "sku": "mug", "quantity": 1 }, { "sku": "hat", "quantity": 1 }]);

    for (customer_id, lines, why) in [
        (99, mug, "no such customer"),
        (1, hat, "no such product"),
        (1, json!([]), "an order needs at least one line"),
    ] {
        let (status, body) =
            post(&shop, "/orders", json!({ "customer_id": customer_id, "lines": lines })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(body, json!({ "error": why }));
    }

    let (_, orders) = get(&shop, "/orders?after=14").await;
    assert_eq!(orders, json!([]));
}

#[max_queries(2, endpoint = "GET /orders/{id}")]
#[max_queries(2, endpoint = "GET /customers/{id}")]
#[tokio::test]
async fn says_what_is_not_there() {
    let shop = shop().await;

    let (status, body) = get(&shop, "/orders/99").await;
    assert_eq!((status, body), (StatusCode::NOT_FOUND, json!({ "error": "no such order" })));

    let (status, body) = get(&shop, "/customers/99").await;
    assert_eq!((status, body), (StatusCode::NOT_FOUND, json!({ "error": "no such customer" })));
}

/// The same statements, but two of them in each request: many requests are no N+1.
#[max_queries(3, endpoint = "GET /orders/{id}")]
#[no_n_plus_one]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn serves_many_clients_at_once() {
    let shop = shop().await;

    let clients: Vec<_> = (1..=12)
        .map(|id| {
            let shop = shop.clone();
            tokio::spawn(async move { get(&shop, &format!("/orders/{id}")).await })
        })
        .collect();

    for (client, id) in clients.into_iter().zip(1..) {
        let (status, order) = client.await.unwrap();
        assert_eq!(status, StatusCode::OK);
        assert_eq!(order["id"], id);
    }
}

#[max_queries(1, endpoint = "GET /customers")]
#[no_n_plus_one]
#[tokio::test]
async fn lists_customers() {
    let shop = shop().await;

    let (status, customers) = get(&shop, "/customers").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(customers.as_array().map(Vec::len), Some(12));
    assert_eq!(
        customers[0],
        json!({ "id": 1, "name": "Ada Okafor", "orders": 3, "last_order": "2026-03-09 08:01:00" })
    );
}

#[max_queries(2, endpoint = "POST /orders/{id}/cancel")]
#[tokio::test]
async fn cancels_an_order() {
    let shop = shop().await;

    let (status, _) = send(&shop, Request::post("/orders/8/cancel").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = get(&shop, "/orders/8").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, body) = post(&shop, "/orders/8/cancel", json!(null)).await;
    assert_eq!((status, body), (StatusCode::NOT_FOUND, json!({ "error": "no such order" })));
}

/// However much is in it, a basket is ordered by three statements.
#[max_queries(1, endpoint = "GET /customers/{id}/basket")]
#[max_queries(1, endpoint = "PUT /customers/{id}/basket/{sku}")]
#[max_queries(3, endpoint = "POST /customers/{id}/basket/checkout")]
#[no_n_plus_one]
#[tokio::test]
async fn orders_what_is_in_a_basket() {
    let shop = shop().await;

    for (sku, quantity) in [("sencha", 3), ("mug", 0)] {
        let path = format!("/customers/6/basket/{sku}");
        let (status, _) = send(&shop, with_body(Method::PUT, &path, json!({ "quantity": quantity }))).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let (_, basket) = get(&shop, "/customers/6/basket").await;
    assert_eq!(
        basket,
        json!([
            { "sku": "assam", "product": "Assam, 250 g", "quantity": 1, "unit_price_cents": 1120 },
            { "sku": "sencha", "product": "Sencha, 100 g", "quantity": 3, "unit_price_cents": 890 },
        ])
    );

    let (status, placed) = post(&shop, "/customers/6/basket/checkout", json!(null)).await;
    assert_eq!((status, placed), (StatusCode::CREATED, json!({ "id": 15 })));
    let (_, order) = get(&shop, "/orders/15").await;
    assert_eq!(order["lines"], basket);
    let (_, basket) = get(&shop, "/customers/6/basket").await;
    assert_eq!(basket, json!([]));
}

#[max_queries(1, endpoint = "PUT /customers/{id}/basket/{sku}")]
#[max_queries(1, endpoint = "POST /customers/{id}/basket/checkout")]
#[tokio::test]
async fn refuses_a_basket_that_cannot_be() {
    let shop = shop().await;

    let hat = with_body(Method::PUT, "/customers/1/basket/hat", json!({ "quantity": 1 }));
    let (status, body) = send(&shop, hat).await;
    let body: Value = serde_json::from_slice(&body).expect("a JSON body");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body, json!({ "error": "no such customer or product" }));

    let (status, body) = post(&shop, "/customers/1/basket/checkout", json!(null)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body, json!({ "error": "the basket is empty" }));
}

fn ids(orders: &Value) -> Vec<i64> {
    orders.as_array().expect("a list of orders").iter().map(|order| order["id"].as_i64().unwrap()).collect()
}
