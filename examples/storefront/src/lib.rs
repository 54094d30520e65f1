//! A small tea shop: customers, what they ordered, and the invoice for it.
//!
//! [`app`] is the whole service.
//! The binary serves it on a port, the tests call it through [`tower`](https://docs.rs/tower) and put budgets on it.

use axum::Router;
use axum::routing::get;
use sqlx::SqlitePool;

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
        .route("/customers/{id}", get(customers::show))
        .route("/customers/{id}/orders", get(orders::of_customer))
        .with_state(pool)
}
