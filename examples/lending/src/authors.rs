//! Who wrote what.

use actix_web::web::{Data, Json};
use diesel::prelude::*;
use serde::Serialize;

use crate::Error;
use crate::db::{self, Pool};
use crate::schema::{authors, books};

/// An author of the catalogue.
#[derive(Debug, Identifiable, Queryable, Selectable)]
#[diesel(table_name = authors)]
struct Author {
    id: i32,
    name: String,
}

/// A book beneath its author.
#[derive(Debug, Associations, Identifiable, Queryable, Selectable, Serialize)]
#[diesel(table_name = books, belongs_to(Author))]
struct Written {
    id: i32,
    title: String,
    year: i32,
    #[serde(skip)]
    author_id: i32,
}

/// An author and everything that the library has of them.
#[derive(Debug, Serialize)]
pub(crate) struct Works {
    id: i32,
    name: String,
    books: Vec<Written>,
}

/// `GET /authors`
pub(crate) async fn list(pool: Data<Pool>) -> Result<Json<Vec<Works>>, Error> {
    Ok(Json(db::run(&pool, works).await?))
}

/// All authors in one statement, and the books of all of them in another.
fn works(connection: &mut SqliteConnection) -> Result<Vec<Works>, Error> {
    let authors = authors::table.select(Author::as_select()).order(authors::name).load(connection)?;
    let books =
        Written::belonging_to(&authors).select(Written::as_select()).order(books::year).load(connection)?;
    let books = books.grouped_by(&authors);
    let works = authors.into_iter().zip(books);
    Ok(works.map(|(author, books)| Works { id: author.id, name: author.name, books }).collect())
}
