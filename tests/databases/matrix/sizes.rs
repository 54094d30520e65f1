//! `#[scaling]` above `#[sqlx::test]`: each size has a database of its own on the server. Compiled for each engine.

use perfassert::{max_queries, scaling, unmeasured_async};
use sqlx::pool::PoolConnection;

use super::engine::{Connection, Pool, q};

type Driver = <Connection as sqlx::Connection>::Database;

/// What another size has made would be in the way.
async fn fill(connection: &mut Connection, n: usize) {
    for id in 0..i32::try_from(n).unwrap() {
        let insert = sqlx::query(q("INSERT INTO visit (id, shop) VALUES (?, 7)")).bind(id);
        insert.execute(&mut *connection).await.unwrap();
    }
}

async fn one_by_one(connection: &mut Connection) {
    let ids: Vec<i32> = sqlx::query_scalar("SELECT id FROM visit").fetch_all(&mut *connection).await.unwrap();
    for id in ids {
        let shop = sqlx::query_scalar::<_, i32>(q("SELECT shop FROM visit WHERE id = ?")).bind(id);
        assert_eq!(shop.fetch_one(&mut *connection).await.unwrap(), 7);
    }
}

#[scaling(queries = "constant")]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn on_a_pool(pool: Pool, n: usize) {
    let mut connection = pool.acquire().await.unwrap();
    unmeasured_async(fill(&mut connection, n)).await;
    one_by_one(&mut connection).await;
}

#[scaling(queries = "constant")]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn on_a_connection(mut connection: PoolConnection<Driver>, n: usize) -> sqlx::Result<()> {
    unmeasured_async(fill(&mut connection, n)).await;
    one_by_one(&mut connection).await;
    Ok(())
}

#[scaling(queries = "constant")]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn at_once(pool: Pool, n: usize) {
    unmeasured_async(async { fill(&mut pool.acquire().await.unwrap(), n).await }).await;
    let shops: Vec<i32> =
        sqlx::query_scalar("SELECT shop FROM visit ORDER BY id").fetch_all(&pool).await.unwrap();
    assert_eq!(shops.len(), n);
}

#[scaling(queries = "linear")]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn failing(pool: Pool, n: usize) {
    let mut connection = pool.acquire().await.unwrap();
    unmeasured_async(fill(&mut connection, n)).await;
    one_by_one(&mut connection).await;
    assert!(n < 16, "its own");
}

/// A test that is open when the others drop their databases.
#[max_queries(1)]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn without(pool: Pool) {
    let none = sqlx::query("SELECT id FROM shop").fetch_all(&pool).await.unwrap();
    assert!(none.is_empty());
}
