//! Serves the shop, with its sample data in memory, on `127.0.0.1:3000` or the address given as the first argument.

use std::error::Error;

use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let pool = storefront::schema::in_memory().await?;
    let listener = TcpListener::bind(&address).await?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, storefront::app(pool)).await?;
    Ok(())
}
