//! A small tea shop: customers, what they ordered, and the invoice for it.
//!
//! [`app`] is the whole service.
//! The binary serves it on a port, the tests call it through [`tower`](https://docs.rs/tower) and put budgets on it.

use axum::Router;
use axum::routing::{get, post, put};
use sqlx::SqlitePool;

mod back_office;
mod basket;
mod cancel;
mod catalogue;
mod customers;
mod error;
pub mod invoice;
pub mod orders;
pub mod schema;

pub use error::Error;

/// The service, on a database that [`schema::create`] has prepared.
pub fn app(pool: SqlitePool) -> Router {
    Router::new()
        .route("/orders", get(orders::list).post(orders::place))
        .route("/orders/{id}", get(orders::show))
        .route("/orders/{id}/invoice", get(invoice::show))
        .route("/orders/{id}/cancel", post(cancel::cancel))
        .route("/customers", get(customers::list))
        .route("/customers/{id}", get(customers::show))
        .route("/customers/{id}/orders", get(orders::of_customer))
        .route("/customers/{id}/basket", get(basket::show))
        .route("/customers/{id}/basket/{sku}", put(basket::put))
        .route("/customers/{id}/basket/checkout", post(basket::checkout))
        .route("/products", get(catalogue::list))
        .route("/products/{sku}", get(catalogue::show))
        .route("/products/{sku}/deliveries", post(catalogue::deliver))
        .route("/search", get(catalogue::search))
        .route("/statistics", get(back_office::statistics))
        .route("/health", get(back_office::health))
        .with_state(pool)
}
