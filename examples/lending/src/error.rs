//! What can go wrong, and the response that says so.

use std::fmt;

use actix_web::error::BlockingError;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use diesel::r2d2;
use serde::Serialize;

/// Why a request was not served.
#[derive(Debug)]
pub enum Error {
    /// There is no such thing: 404.
    NotFound(&'static str),
    /// It cannot be done as things are: 409.
    Conflict(&'static str),
    /// The request asks for something that cannot be: 422.
    Invalid(&'static str),
    /// The database failed, or the way to it: 500. The client learns nothing more, the log does.
    Database(Box<dyn std::error::Error + Send + Sync>),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<r2d2::PoolError> for Error {
    fn from(error: r2d2::PoolError) -> Self {
        Self::Database(error.into())
    }
}

impl From<BlockingError> for Error {
    fn from(error: BlockingError) -> Self {
        Self::Database(error.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(why) | Self::Conflict(why) | Self::Invalid(why) => f.write_str(why),
            Self::Database(_) => f.write_str("internal error"),
        }
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Database(error) = self {
            tracing::error!(%error, "database failed");
        }
        HttpResponse::build(self.status_code()).json(Body { error: self.to_string() })
    }
}

#[derive(Serialize)]
struct Body {
    error: String,
}
