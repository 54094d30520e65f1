//! What the people of the shop look at: how it goes, and whether it goes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use sqlx::{FromRow, SqlitePool};

use crate::Error;

/// How the shop does.
#[derive(Debug, Serialize)]
pub(crate) struct Statistics {
    days: Vec<Day>,
    products: Vec<Sales>,
}

/// What was ordered on a day.
#[derive(Debug, Serialize, FromRow)]
struct Day {
    day: String,
    orders: i64,
    total_cents: i64,
}

/// What was ordered of a product.
#[derive(Debug, Serialize, FromRow)]
struct Sales {
    sku: String,
    sold: i64,
    in_stock: i64,
}

/// `GET /statistics`
pub(crate) async fn statistics(State(pool): State<SqlitePool>) -> Result<Json<Statistics>, Error> {
    let days = sqlx::query_as(
        "SELECT DATE(o.placed_at) AS day, COUNT(DISTINCT o.id) AS orders,
                SUM(l.quantity * l.unit_price_cents) AS total_cents
         FROM orders o
         JOIN order_lines l ON l.order_id = o.id
         GROUP BY day
         ORDER BY day",
    )
    .fetch_all(&pool)
    .await?;
    let products = sqlx::query_as(
        "SELECT s.sku, COALESCE(SUM(l.quantity), 0) AS sold, s.quantity AS in_stock
         FROM in_stock s
         LEFT JOIN order_lines l ON l.sku = s.sku
         GROUP BY s.sku
         ORDER BY sold DESC, s.sku",
    )
    .fetch_all(&pool)
    .await?;
    Ok(Json(Statistics { days, products }))
}

/// `GET /health`
pub(crate) async fn health(State(pool): State<SqlitePool>) -> Result<StatusCode, Error> {
    sqlx::query("SELECT 1").execute(&pool).await?;
    Ok(StatusCode::NO_CONTENT)
}
