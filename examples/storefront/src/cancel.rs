//! Taking an order back.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sqlx::SqlitePool;

use crate::Error;

/// `POST /orders/{id}/cancel`
pub(crate) async fn cancel(State(pool): State<SqlitePool>, Path(id): Path<i64>) -> Result<StatusCode, Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("DELETE FROM order_lines WHERE order_id = ?").bind(id).execute(&mut *transaction).await?;
    let cancelled =
        sqlx::query("DELETE FROM orders WHERE id = ?").bind(id).execute(&mut *transaction).await?;
    if cancelled.rows_affected() == 0 {
        return Err(Error::NotFound("no such order"));
    }
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
