//! What a customer has chosen, until it is ordered.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, SqlitePool};

use crate::Error;
use crate::orders::Placed;

/// A product in a basket.
#[derive(Debug, Serialize, FromRow)]
pub(crate) struct Chosen {
    sku: String,
    product: String,
    quantity: i64,
    /// Today's.
    unit_price_cents: i64,
}

/// How many of a product to have in a basket.
#[derive(Debug, Deserialize)]
pub(crate) struct Quantity {
    quantity: u32,
}

/// `GET /customers/{id}/basket`
pub(crate) async fn show(
    State(pool): State<SqlitePool>,
    Path(customer_id): Path<i64>,
) -> Result<Json<Vec<Chosen>>, Error> {
    let lines = sqlx::query_as(
        "SELECT b.sku, p.name AS product, b.quantity, p.price_cents AS unit_price_cents
         FROM basket_lines b
         JOIN products p ON p.sku = b.sku
         WHERE b.customer_id = ?
         ORDER BY p.name",
    )
    .bind(customer_id)
    .fetch_all(&pool)
    .await?;
    Ok(Json(lines))
}

/// `PUT /customers/{id}/basket/{sku}`
pub(crate) async fn put(
    State(pool): State<SqlitePool>,
    Path((customer_id, sku)): Path<(i64, String)>,
    Json(Quantity { quantity }): Json<Quantity>,
) -> Result<StatusCode, Error> {
    let statement = if quantity == 0 {
        sqlx::query("DELETE FROM basket_lines WHERE customer_id = ? AND sku = ?").bind(customer_id).bind(sku)
    } else {
        sqlx::query(
            "INSERT INTO basket_lines (customer_id, sku, quantity) VALUES (?, ?, ?)
             ON CONFLICT (customer_id, sku) DO UPDATE SET quantity = excluded.quantity",
        )
        .bind(customer_id)
        .bind(sku)
        .bind(quantity)
    };
    statement.execute(&pool).await.map_err(|error| Error::missing(error, "no such customer or product"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /customers/{id}/basket/checkout`
pub(crate) async fn checkout(
    State(pool): State<SqlitePool>,
    Path(customer_id): Path<i64>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Placed>), Error> {
    let id = order(&pool, customer_id).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/orders/{id}"))], Json(Placed { id })))
}

/// Makes an order of the basket, at today's prices. Three statements, however full it is.
async fn order(pool: &SqlitePool, customer_id: i64) -> Result<i64, Error> {
    let mut transaction = pool.begin().await?;
    let order = sqlx::query(
        "INSERT INTO orders (customer_id)
         SELECT DISTINCT customer_id FROM basket_lines WHERE customer_id = ?",
    )
    .bind(customer_id)
    .execute(&mut *transaction)
    .await?;
    if order.rows_affected() == 0 {
        return Err(Error::Invalid("the basket is empty"));
    }
    let id = order.last_insert_rowid();
    sqlx::query(
        "INSERT INTO order_lines (order_id, position, sku, quantity, unit_price_cents)
         SELECT ?, ROW_NUMBER() OVER (ORDER BY p.name) - 1, b.sku, b.quantity, p.price_cents
         FROM basket_lines b
         JOIN products p ON p.sku = b.sku
         WHERE b.customer_id = ?",
    )
    .bind(id)
    .bind(customer_id)
    .execute(&mut *transaction)
    .await?;
    sqlx::query("DELETE FROM basket_lines WHERE customer_id = ?")
        .bind(customer_id)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(id)
}
