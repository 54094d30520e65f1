//! A test without an attribute under `#[sqlx::test]`, and its twin with one. Compiled for each engine.

use super::engine::{Pool, q};

async fn visits(pool: &Pool) {
    let ids: Vec<i32> = sqlx::query_scalar("SELECT id FROM visit ORDER BY id").fetch_all(pool).await.unwrap();
    for id in ids {
        let shop = sqlx::query_scalar::<_, i32>(q("SELECT shop FROM visit WHERE id = ?")).bind(id);
        assert_eq!(shop.fetch_one(pool).await.unwrap(), 7);
    }
}

async fn works(pool: Pool) {
    for id in 0..4 {
        let insert = sqlx::query(q("INSERT INTO visit (id, shop) VALUES (?, 7)")).bind(id);
        insert.execute(&pool).await.unwrap();
    }
    perfassert::endpoint_async("GET /visits", visits(&pool)).await;
}

#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn without(pool: Pool) {
    works(pool).await;
}

#[perfassert::max_queries(9)]
#[ignore = "a fixture"]
#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn with(pool: Pool) {
    works(pool).await;
}
