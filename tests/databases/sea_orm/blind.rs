//! What sea-orm can be told to hide.

use perfassert::max_queries;
use sea_orm::EntityTrait;

use crate::work::{Item, options};

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn not_logged() {
    let mut options = options();
    options.sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await.unwrap();
    assert_eq!(Item::find().all(&db).await.unwrap().len(), 5);
}
