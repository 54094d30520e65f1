//! Who buys here.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use sqlx::{FromRow, SqlitePool};

use crate::Error;

/// A customer as the shop shows one.
#[derive(Debug, Serialize, FromRow)]
pub(crate) struct Customer {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// `GET /customers/{id}`
pub(crate) async fn show(
    State(pool): State<SqlitePool>,
    Path(id): Path<i64>,
) -> Result<Json<Customer>, Error> {
    Ok(Json(find(&pool, id).await?))
}

/// The customer with this number.
pub(crate) async fn find(pool: &SqlitePool, id: i64) -> Result<Customer, Error> {
    sqlx::query_as("SELECT id, name, email FROM customers WHERE id = ?")
        .bind(id)
        .fetch_optional(pool)
        .await?
        .ok_or(Error::NotFound("no such customer"))
}

/// A customer in a list.
#[derive(Debug, Serialize, FromRow)]
pub(crate) struct Regular {
    id: i64,
    name: String,
    orders: i64,
    last_order: Option<String>,
}

/// `GET /customers`
pub(crate) async fn list(State(pool): State<SqlitePool>) -> Result<Json<Vec<Regular>>, Error> {
    let customers = sqlx::query_as(
        "SELECT c.id, c.name, COUNT(o.id) AS orders, MAX(o.placed_at) AS last_order
         FROM customers c
         LEFT JOIN orders o ON o.customer_id = c.id
         GROUP BY c.id
         ORDER BY c.name",
    )
    .fetch_all(&pool)
    .await?;
    Ok(Json(customers))
}
