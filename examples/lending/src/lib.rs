//! The lending desk of a small library: its catalogue, who has which copy, and what is read most.
//!
//! [`routes`] is the whole service.
//! The binary serves it on a port, the tests call it through `actix_web::test` and put budgets on it.

use actix_web::web::{self, ServiceConfig};

mod authors;
mod books;
mod catalogue;
pub mod db;
mod error;
mod loans;
mod reports;
mod schema;

pub use error::Error;

/// Adds the service to an application, on a database such as [`db::in_memory`].
pub fn routes(pool: db::Pool) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config
            .app_data(web::Data::new(pool))
            .route("/authors", web::get().to(authors::list))
            .route("/books", web::get().to(books::list))
            .route("/books/{id}", web::get().to(books::show))
            .route("/catalogue.csv", web::get().to(catalogue::export))
            .route("/members/{id}/loans", web::get().to(loans::of_member))
            .route("/loans", web::post().to(loans::lend))
            .route("/loans/{id}/return", web::post().to(loans::give_back))
            .route("/reports/popular", web::get().to(reports::popular));
    }
}
