//! What can go wrong, and the response that says so.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a request was not served.
#[derive(Debug)]
pub enum Error {
    /// There is no such thing: 404.
    NotFound(&'static str),
    /// The request asks for something that cannot be: 422.
    Invalid(&'static str),
    /// The database failed: 500. The client learns nothing more, the log does.
    Database(sqlx::Error),
}

impl Error {
    /// What a failed statement means: where it refers to what is not there, `what` is said.
    pub(crate) fn missing(error: sqlx::Error, what: &'static str) -> Self {
        match error.as_database_error() {
            Some(cause) if cause.is_foreign_key_violation() => Self::Invalid(what),
            _ => Self::Database(error),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::NotFound(what) => (StatusCode::NOT_FOUND, what),
            Self::Invalid(why) => (StatusCode::UNPROCESSABLE_ENTITY, why),
            Self::Database(error) => {
                tracing::error!(%error, "database failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal error")
            }
        };
        (status, Json(Body { error })).into_response()
    }
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
}
