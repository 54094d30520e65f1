//! What the shop sells, and how much of it is there.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, SqlitePool};

use crate::Error;

/// A product as the shop shows one.
#[derive(Debug, Serialize, FromRow)]
pub(crate) struct Product {
    sku: String,
    name: String,
    price_cents: i64,
    /// Below zero where more was ordered than came in.
    in_stock: i64,
}

/// What came in of a product.
#[derive(Debug, Deserialize)]
pub(crate) struct Delivery {
    quantity: NonZeroU32,
}

/// What to look for.
#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    q: String,
}

/// A product that was found.
#[derive(Debug, Serialize, FromRow)]
pub(crate) struct Found {
    sku: String,
    name: String,
    price_cents: i64,
}

/// `GET /products`
pub(crate) async fn list(State(pool): State<SqlitePool>) -> Result<Json<Vec<Product>>, Error> {
    let products = sqlx::query_as(
        "SELECT p.sku, p.name, p.price_cents, s.quantity AS in_stock
         FROM products p
         JOIN in_stock s ON s.sku = p.sku
         ORDER BY p.name",
    )
    .fetch_all(&pool)
    .await?;
    Ok(Json(products))
}

/// `GET /products/{sku}`
pub(crate) async fn show(
    State(pool): State<SqlitePool>,
    Path(sku): Path<String>,
) -> Result<Json<Product>, Error> {
    let product = sqlx::query_as(
        "SELECT p.sku, p.name, p.price_cents, s.quantity AS in_stock
         FROM products p
         JOIN in_stock s ON s.sku = p.sku
         WHERE p.sku = ?",
    )
    .bind(sku)
    .fetch_optional(&pool)
    .await?
    .ok_or(Error::NotFound("no such product"))?;
    Ok(Json(product))
}

/// `POST /products/{sku}/deliveries`
pub(crate) async fn deliver(
    State(pool): State<SqlitePool>,
    Path(sku): Path<String>,
    Json(delivery): Json<Delivery>,
) -> Result<StatusCode, Error> {
    sqlx::query("INSERT INTO deliveries (sku, quantity) VALUES (?, ?)")
        .bind(sku)
        .bind(delivery.quantity.get())
        .execute(&pool)
        .await
        .map_err(|error| Error::missing(error, "no such product"))?;
    Ok(StatusCode::CREATED)
}

/// `GET /search`
pub(crate) async fn search(
    State(pool): State<SqlitePool>,
    Query(search): Query<Search>,
) -> Result<Json<Vec<Found>>, Error> {
    let words = search.q.trim();
    if words.is_empty() {
        return Err(Error::Invalid("nothing to look for"));
    }
    let found = sqlx::query_as(
        "SELECT sku, name, price_cents
         FROM products
         WHERE INSTR(LOWER(name), LOWER(?)) > 0
         ORDER BY name
         LIMIT 20",
    )
    .bind(words)
    .fetch_all(&pool)
    .await?;
    Ok(Json(found))
}
