//! `#[sqlx::test]`: creating, migrating and filling the database is set-up (Q35)

mod simple {
    use perfassert::{max_allocs, max_queries};

    use crate::work::work;

    #[max_queries(4)]
    #[sqlx::test]
    #[ignore = "run by the suite"]
    async fn alone_above() {
        work().await;
    }

    #[sqlx::test]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[sqlx::test]
    #[ignore = "run by the suite"]
    async fn above() {
        work().await;
    }

    #[sqlx::test]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath() {
        work().await;
    }

    #[max_queries(4)]
    #[sqlx::test]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split() {
        work().await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[sqlx::test]
    #[max_queries(4)]
    async fn split_the_other_way() {
        work().await;
    }
}

mod pool {
    use perfassert::{max_allocs, max_queries};
    use sqlx::SqlitePool;

    use crate::work::work_with;

    #[max_queries(4)]
    #[sqlx::test(migrations = "attributes/migrations", fixtures("../fixtures/orders.sql"))]
    #[ignore = "run by the suite"]
    async fn alone_above(pool: SqlitePool) {
        work_with(pool).await;
    }

    #[sqlx::test(migrations = "attributes/migrations", fixtures("../fixtures/orders.sql"))]
    #[ignore = "run by the suite"]
    #[max_queries(4)]
    async fn alone_beneath(pool: SqlitePool) {
        work_with(pool).await;
    }

    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[sqlx::test(migrations = "attributes/migrations", fixtures("../fixtures/orders.sql"))]
    #[ignore = "run by the suite"]
    async fn above(pool: SqlitePool) {
        work_with(pool).await;
    }

    #[sqlx::test(migrations = "attributes/migrations", fixtures("../fixtures/orders.sql"))]
    #[max_queries(4)]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn beneath(pool: SqlitePool) {
        work_with(pool).await;
    }

    #[max_queries(4)]
    #[sqlx::test(migrations = "attributes/migrations", fixtures("../fixtures/orders.sql"))]
    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    async fn split(pool: SqlitePool) {
        work_with(pool).await;
    }

    #[max_allocs(1_000_000)]
    #[ignore = "run by the suite"]
    #[sqlx::test(migrations = "attributes/migrations", fixtures("../fixtures/orders.sql"))]
    #[max_queries(4)]
    async fn split_the_other_way(pool: SqlitePool) {
        work_with(pool).await;
    }
}
