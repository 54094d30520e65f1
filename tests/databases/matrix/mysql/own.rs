//! What is done differently with MariaDB and MySQL.

use perfassert::{max_queries, no_n_plus_one};
use sqlx::{Connection, MySqlConnection, MySqlPool};

use super::shapes::{connection, url};

async fn claim(connection: &mut MySqlConnection) -> sqlx::Result<()> {
    let claim = sqlx::query("SELECT id FROM item WHERE id = 1 FOR UPDATE NOWAIT");
    claim.fetch_one(connection).await.map(|_| ())
}

/// Q27
#[max_queries(100)]
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn retried_after_a_conflict() {
    let mut holder = MySqlConnection::connect(&url()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    sqlx::query("UPDATE item SET shop = 7 WHERE id = 1").execute(&mut *held).await.unwrap();
    let mut connection = connection().await;
    claim(&mut connection).await.unwrap_err();
    held.commit().await.unwrap();
    claim(&mut connection).await.unwrap();
}

/// Q35: making the database and migrating it is set-up.
#[max_queries(100)]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_test_database(pool: MySqlPool) {
    sqlx::query("INSERT INTO shop (id) VALUES (1)").execute(&pool).await.unwrap();
    let _: i32 = sqlx::query_scalar("SELECT id FROM shop").fetch_one(&pool).await.unwrap();
}
