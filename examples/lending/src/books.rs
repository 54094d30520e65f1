//! The catalogue: its books, and where the copies of one are.

use actix_web::web::{Data, Json, Path, Query};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::db::{self, Pool};
use crate::schema::{authors, books, copies, loans};

/// A book of the catalogue.
#[derive(Debug, Queryable, Serialize)]
pub(crate) struct Book {
    pub(crate) id: i32,
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) year: i32,
}

/// A copy of a book.
#[derive(Debug, Queryable, Serialize)]
struct Copy {
    id: i32,
    shelf: String,
    /// Until when it is out; `null` when it is on its shelf.
    due_on: Option<String>,
}

/// A book and its copies.
#[derive(Debug, Serialize)]
pub(crate) struct Holding {
    #[serde(flatten)]
    book: Book,
    copies: Vec<Copy>,
}

/// Which part of the catalogue to show: the next `limit` books after number `after`.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    pub(crate) after: i32,
    pub(crate) limit: u8,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: 0, limit: 50 }
    }
}

/// `GET /books`
pub(crate) async fn list(pool: Data<Pool>, Query(page): Query<Page>) -> Result<Json<Vec<Book>>, Error> {
    Ok(Json(db::run(&pool, move |connection| load(connection, &page)).await?))
}

/// `GET /books/{id}`
pub(crate) async fn show(pool: Data<Pool>, id: Path<i32>) -> Result<Json<Holding>, Error> {
    Ok(Json(db::run(&pool, move |connection| find(connection, *id)).await?))
}

/// A page of the catalogue.
pub(crate) fn load(connection: &mut SqliteConnection, page: &Page) -> Result<Vec<Book>, Error> {
    let books = books::table
        .inner_join(authors::table)
        .filter(books::id.gt(page.after))
        .order(books::id)
        .limit(page.limit.into())
        .select((books::id, books::title, authors::name, books::year))
        .load(connection)?;
    Ok(books)
}

/// The book with this number, and its copies.
fn find(connection: &mut SqliteConnection, id: i32) -> Result<Holding, Error> {
    let book = books::table
        .inner_join(authors::table)
        .filter(books::id.eq(id))
        .select((books::id, books::title, authors::name, books::year))
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound("no such book"))?;
    let under_way = loans::copy_id.eq(copies::id).and(loans::returned_on.is_null());
    let copies = copies::table
        .left_join(loans::table.on(under_way))
        .filter(copies::book_id.eq(id))
        .order(copies::id)
        .select((copies::id, copies::shelf, loans::due_on.nullable()))
        .load(connection)?;
    Ok(Holding { book, copies })
}
