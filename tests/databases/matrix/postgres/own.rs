//! What only PostgreSQL has.

use futures::TryStreamExt;
use perfassert::{max_queries, no_n_plus_one};
use sqlx::postgres::{PgListener, PgPoolCopyExt};
use sqlx::{Connection, Executor, PgConnection, PgPool};

use super::shapes::{connection, count, pool, url};

/// Q18
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn copy_in_and_out() {
    let pool = pool(1).await;
    let mut copy = pool.copy_in_raw("COPY item FROM STDIN (FORMAT csv)").await.unwrap();
    copy.send("51,a,1\n52,b,1\n53,c,1\n".as_bytes()).await.unwrap();
    copy.finish().await.unwrap();
    let rows = pool.copy_out_raw("COPY item TO STDOUT").await.unwrap();
    rows.try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(count(&pool).await, 8);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn listen_and_notify() {
    let pool = pool(2).await;
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen("orders").await.unwrap();
    sqlx::query("SELECT pg_notify('orders', '7')").execute(&pool).await.unwrap();
    pool.execute("NOTIFY orders, '8'").await.unwrap();
    for payload in ["7", "8"] {
        assert_eq!(listener.recv().await.unwrap().payload(), payload);
    }
}

#[derive(sqlx::Type, Debug, PartialEq, Clone, Copy)]
#[sqlx(type_name = "mood", rename_all = "lowercase")]
enum Mood {
    Happy,
}

/// Q22: on a new connection the driver looks the type up, on a warm one it does not.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn an_enum_of_ones_own() {
    connection().await.execute("CREATE TYPE mood AS ENUM ('happy', 'sad')").await.unwrap();
    for _ in 0..2 {
        let mut connection = connection().await;
        for _ in 0..2 {
            let mood = sqlx::query_scalar::<_, Mood>("SELECT $1::mood").bind(Mood::Happy);
            assert_eq!(mood.fetch_one(&mut connection).await.unwrap(), Mood::Happy);
            let moods = sqlx::query_scalar::<_, Vec<Mood>>("SELECT $1::mood[]").bind(vec![Mood::Happy]);
            assert_eq!(moods.fetch_one(&mut connection).await.unwrap(), [Mood::Happy]);
        }
    }
}

/// To describe is not to execute.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn described_only() {
    let mut connection = connection().await;
    let described = connection.describe(crate::text("SELECT shop, name FROM item")).await.unwrap();
    assert_eq!(described.columns().len(), 2);
    sqlx::query("SELECT id FROM item").fetch_all(&mut connection).await.unwrap();
}

async fn raise(connection: &mut PgConnection) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").execute(&mut *transaction).await?;
    let shop: i32 =
        sqlx::query_scalar("SELECT shop FROM item WHERE id = 1").fetch_one(&mut *transaction).await?;
    // Somebody else comes in between, the first time.
    if shop == 1 {
        let mut other = PgConnection::connect(&url()).await?;
        sqlx::query("UPDATE item SET shop = 7 WHERE id = 1").execute(&mut other).await?;
    }
    sqlx::query("UPDATE item SET shop = $1 WHERE id = 1").bind(shop + 1).execute(&mut *transaction).await?;
    transaction.commit().await
}

/// Q27
#[max_queries(100)]
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn retried_after_a_serialization_failure() {
    let mut connection = connection().await;
    while let Err(error) = raise(&mut connection).await {
        assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("40001"));
    }
}

/// Q35: making the database and migrating it is set-up.
#[max_queries(100)]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_test_database(pool: PgPool) {
    sqlx::query("INSERT INTO shop (id) VALUES (1)").execute(&pool).await.unwrap();
    let _: i32 = sqlx::query_scalar("SELECT id FROM shop").fetch_one(&pool).await.unwrap();
}

/// Q16
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn an_isolation_level() {
    let mut connection = connection().await;
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    sqlx::query("SELECT id FROM item").fetch_all(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
}
