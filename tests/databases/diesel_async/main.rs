use bb8_postgres as _;
use deadpool_postgres as _;
use diesel as _;
use diesel_async as _;
use postgres as _;
use tokio_postgres as _;
fn main() {}
