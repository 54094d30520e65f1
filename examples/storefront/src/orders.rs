//! What was bought: listing, looking at and placing orders.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, SqlitePool};

use crate::Error;

/// An order with everything that was bought.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Number of the order.
    pub id: i64,
    /// Name of the customer.
    pub customer: String,
    /// UTC, as `YYYY-MM-DD HH:MM:SS`.
    pub placed_at: String,
    /// In the order in which they were put in.
    pub lines: Vec<Line>,
}

impl Order {
    /// What the customer pays.
    pub fn total_cents(&self) -> i64 {
        self.lines.iter().map(Line::total_cents).sum()
    }
}

/// One product of an order.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct Line {
    /// Stock keeping unit of the product.
    pub sku: String,
    /// Name of the product.
    pub product: String,
    /// How many.
    pub quantity: i64,
    /// Price of one, at the time of the order.
    pub unit_price_cents: i64,
}

impl Line {
    /// Price of them all.
    pub fn total_cents(&self) -> i64 {
        self.quantity * self.unit_price_cents
    }
}

/// An order in a list.
#[derive(Debug, Serialize, FromRow)]
pub(crate) struct Summary {
    id: i64,
    customer: String,
    placed_at: String,
    lines: i64,
    total_cents: i64,
}

/// Which part of a list to show: the next `limit` orders after number `after`.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    after: i64,
    limit: u8,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: 0, limit: 50 }
    }
}

/// An order to place.
#[derive(Debug, Deserialize)]
pub(crate) struct NewOrder {
    customer_id: i64,
    lines: Vec<NewLine>,
}

/// One product to order.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct NewLine {
    sku: String,
    quantity: NonZeroU32,
}

/// The answer to a placed order.
#[derive(Debug, Serialize)]
pub(crate) struct Placed {
    pub(crate) id: i64,
}

/// `GET /orders`
pub(crate) async fn list(
    State(pool): State<SqlitePool>,
    Query(page): Query<Page>,
) -> Result<Json<Vec<Summary>>, Error> {
    let orders = sqlx::query_as(
        "SELECT o.id, c.name AS customer, o.placed_at,
                COUNT(*) AS lines, SUM(l.quantity * l.unit_price_cents) AS total_cents
         FROM orders o
         JOIN customers c ON c.id = o.customer_id
         JOIN order_lines l ON l.order_id = o.id
         WHERE o.id > ?
         GROUP BY o.id
         ORDER BY o.id
         LIMIT ?",
    )
    .bind(page.after)
    .bind(page.limit)
    .fetch_all(&pool)
    .await?;
    Ok(Json(orders))
}

/// `GET /customers/{id}/orders`
pub(crate) async fn of_customer(
    State(pool): State<SqlitePool>,
    Path(customer_id): Path<i64>,
) -> Result<Json<Vec<Summary>>, Error> {
    let orders = sqlx::query_as(
        "SELECT o.id, c.name AS customer, o.placed_at,
                COUNT(*) AS lines, SUM(l.quantity * l.unit_price_cents) AS total_cents
         FROM orders o
         JOIN customers c ON c.id = o.customer_id
         JOIN order_lines l ON l.order_id = o.id
         WHERE o.customer_id = ?
         GROUP BY o.id
         ORDER BY o.id",
    )
    .bind(customer_id)
    .fetch_all(&pool)
    .await?;
    Ok(Json(orders))
}

/// `GET /orders/{id}`
pub(crate) async fn show(State(pool): State<SqlitePool>, Path(id): Path<i64>) -> Result<Json<Order>, Error> {
    Ok(Json(find(&pool, id).await?))
}

/// `POST /orders`
pub(crate) async fn place(
    State(pool): State<SqlitePool>,
    Json(order): Json<NewOrder>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Placed>), Error> {
    let id = insert(&pool, &order).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/orders/{id}"))], Json(Placed { id })))
}

/// The order with this number, and its lines.
pub(crate) async fn find(pool: &SqlitePool, id: i64) -> Result<Order, Error> {
    let (customer, placed_at) = sqlx::query_as(
        "SELECT c.name, o.placed_at
         FROM orders o
         JOIN customers c ON c.id = o.customer_id
         WHERE o.id = ?",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?
    .ok_or(Error::NotFound("no such order"))?;
    let lines = lines_of(pool, id).await?;
    Ok(Order { id, customer, placed_at, lines })
}

async fn lines_of(pool: &SqlitePool, order_id: i64) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as(
        "SELECT l.sku, p.name AS product, l.quantity, l.unit_price_cents
         FROM order_lines l
         JOIN products p ON p.sku = l.sku
         WHERE l.order_id = ?
         ORDER BY l.position",
    )
    .bind(order_id)
    .fetch_all(pool)
    .await
}

/// Writes the order and all of its lines, or nothing.
async fn insert(pool: &SqlitePool, order: &NewOrder) -> Result<i64, Error> {
    if order.lines.is_empty() {
        return Err(Error::Invalid("an order needs at least one line"));
    }
    let mut transaction = pool.begin().await?;
    let id = sqlx::query("INSERT INTO orders (customer_id) VALUES (?)")
        .bind(order.customer_id)
        .execute(&mut *transaction)
        .await
        .map_err(|error| match error.as_database_error() {
            Some(cause) if cause.is_foreign_key_violation() => Error::Invalid("no such customer"),
            _ => Error::Database(error),
        })?
        .last_insert_rowid();
    // All lines in one statement: it takes them as a JSON array and looks up today's prices on the way.
    let written = sqlx::query(
        "INSERT INTO order_lines (order_id, position, sku, quantity, unit_price_cents)
         SELECT ?, line.key, p.sku, line.value ->> 'quantity', p.price_cents
         FROM json_each(?) AS line
         JOIN products p ON p.sku = line.value ->> 'sku'",
    )
    .bind(id)
    .bind(sqlx::types::Json(&order.lines))
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    if written != order.lines.len() as u64 {
        return Err(Error::Invalid("no such product"));
    }
    transaction.commit().await?;
    Ok(id)
}
