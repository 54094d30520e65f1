//! What is done differently with SQLite.

use perfassert::{max_queries, no_n_plus_one};
use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::engine;
use super::shapes::connection;

async fn raise(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("UPDATE item SET shop = shop + 1").execute(connection).await.map(|_| ())
}

/// Q27
#[max_queries(100)]
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn retried_after_a_conflict() {
    let mut holder = connection().await;
    let mut connection = connection().await;
    sqlx::query("PRAGMA busy_timeout = 0").execute(&mut connection).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    sqlx::query("DELETE FROM item WHERE id = 5").execute(&mut *held).await.unwrap();
    raise(&mut connection).await.unwrap_err();
    held.commit().await.unwrap();
    raise(&mut connection).await.unwrap();
}

/// A trigger's statements are part of the one that fires it.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn triggers() {
    let mut connection = connection().await;
    let trigger = "CREATE TRIGGER moved AFTER UPDATE ON item BEGIN UPDATE item SET name = 'moved' WHERE id = new.id; END";
    sqlx::raw_sql(trigger).execute(&mut connection).await.unwrap();
    raise(&mut connection).await.unwrap();
}

/// Q35: making the database and migrating it is set-up.
#[max_queries(100)]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_test_database(pool: SqlitePool) {
    engine::prepare();
    // Was opened before SQLite was asked to trace.
    pool.acquire().await.unwrap().close().await.unwrap();
    sqlx::query("INSERT INTO shop (id) VALUES (1)").execute(&pool).await.unwrap();
    let _: i32 = sqlx::query_scalar("SELECT id FROM shop").fetch_one(&pool).await.unwrap();
}
