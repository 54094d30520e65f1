//! The catalogue as a file, for other libraries.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{Bytes, Data};
use futures::{Stream, stream};

use crate::Error;
use crate::books::{self, Book, Page};
use crate::db::{self, Pool};

/// How many books are in memory at once.
const CHUNK: u8 = 8;

/// `GET /catalogue.csv`
pub(crate) async fn export(pool: Data<Pool>) -> HttpResponse {
    let csv = ContentType(actix_web::mime::TEXT_CSV_UTF_8);
    HttpResponse::Ok().content_type(csv).streaming(chunks(pool))
}

/// The file in pieces: the next one is read when the client has taken the one before.
fn chunks(pool: Data<Pool>) -> impl Stream<Item = Result<Bytes, Error>> {
    stream::try_unfold(Some(0), move |after| {
        let pool = pool.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = Page { after, limit: CHUNK };
            let books = db::run(&pool, move |connection| books::load(connection, &page)).await?;
            let is_last = books.len() < usize::from(CHUNK);
            let after = books.last().map(|book| book.id).filter(|_| !is_last);
            Ok(Some((Bytes::from(rows(&books)), after)))
        }
    })
}

fn rows(books: &[Book]) -> String {
    let mut rows = String::new();
    for Book { id, title, author, year } in books {
        writeln!(rows, "{id},{},{},{year}", quoted(title), quoted(author))
            .expect("a string takes all that is written");
    }
    rows
}

fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('"', "\"\""))
}
