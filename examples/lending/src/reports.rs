//! What the desk reports at the end of a month.

use actix_web::web::{Data, Json};
use diesel::dsl::count;
use diesel::prelude::*;
use serde::Serialize;

use crate::Error;
use crate::db::{self, Pool};
use crate::schema::{authors, books, copies, loans};

/// How many books are in the report.
const TOP: i64 = 5;

/// A book, and how often it was lent.
#[derive(Debug, Queryable, Serialize)]
pub(crate) struct Popular {
    id: i32,
    title: String,
    author: String,
    loans: i64,
}

/// `GET /reports/popular`
pub(crate) async fn popular(pool: Data<Pool>) -> Result<Json<Vec<Popular>>, Error> {
    Ok(Json(db::run(&pool, most_lent).await?))
}

fn most_lent(connection: &mut SqliteConnection) -> Result<Vec<Popular>, Error> {
    let books = books::table
        .inner_join(authors::table)
        .inner_join(copies::table.inner_join(loans::table))
        .group_by((books::id, books::title, authors::name))
        .order((count(loans::id).desc(), books::id.asc()))
        .limit(TOP)
        .select((books::id, books::title, authors::name, count(loans::id)))
        .load(connection)?;
    Ok(books)
}
