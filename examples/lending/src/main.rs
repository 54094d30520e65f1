//! Serves the desk, with its sample data in memory, on `127.0.0.1:3001` or the address given as the first argument.

use std::error::Error;

use actix_web::{App, HttpServer};
use tracing_subscriber::EnvFilter;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3001".into());
    let pool = lending::db::in_memory()?;
    let server =
        HttpServer::new(move || App::new().configure(lending::routes(pool.clone()))).bind(&address)?;
    for address in server.addrs() {
        tracing::info!("listening on http://{address}");
    }
    server.run().await?;
    Ok(())
}
