//! sqlx: who loops, the application or the test, and over how many databases.

use futures::future::join_all;
use perfassert::{endpoint_async, no_n_plus_one};

use crate::shop::Shop;

/// How often somebody has come, and whether that is still few.
async fn may_come(shop: &Shop, who: &str) -> bool {
    let hit = "INSERT INTO hits VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET n = n + 1 RETURNING n";
    let hits: i64 = sqlx::query_scalar(hit).bind(who).fetch_one(&shop.pool).await.unwrap();
    hits <= 3
}

async fn sign_up(shop: &Shop, name: &str) {
    let insert = sqlx::query("INSERT INTO customers (name) VALUES (?)").bind(name);
    insert.execute(&shop.pool).await.unwrap();
}

/// An import, one row at a time.
async fn sign_all_up(shop: &Shop, names: &[&str]) {
    for name in names {
        sign_up(shop, name).await;
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn loop_of_the_test() {
    let shop = Shop::open().await;
    for n in 1..=5 {
        assert_eq!(may_come(&shop, "10.0.0.1").await, n <= 3);
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn cases_of_the_test() {
    let shop = Shop::open().await;
    for (order, status) in [(1, "open"), (2, "paid"), (3, "sent"), (4, "open")] {
        assert_eq!(shop.status(order).await, status);
    }
}

/// Q59: what the test needs it has the application make.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn customers_that_the_test_needs() {
    let shop = Shop::open().await;
    for number in 0..4 {
        sign_up(&shop, &format!("customer {number}")).await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn polling_through_a_function() {
    let shop = Shop::open().await;
    let mut polls = 0;
    while shop.status(1).await == "open" && polls < 4 {
        polls += 1;
    }
}

/// The application's loop, and nothing else is known of it.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn loop_of_the_application() {
    let shop = Shop::open().await;
    sign_all_up(&shop, &["Hal", "Ian", "Joe", "Kim"]).await;
}

/// The same for each of two cases.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn loops_of_both() {
    let shop = Shop::open().await;
    for names in [["Hal", "Ian", "Joe"], ["Kim", "Lea", "Max"]] {
        sign_all_up(&shop, &names).await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn joined_by_the_application() {
    async fn names(shop: &Shop, ids: &[i64]) -> Vec<String> {
        join_all(ids.iter().map(|id| shop.customer(*id))).await
    }
    let shop = Shop::open().await;
    assert_eq!(names(&shop, &[1, 2, 3, 4]).await.len(), 4);
}

/// In a request it is the application's, whoever sends the request.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn loop_in_a_request() {
    let shop = Shop::open().await;
    endpoint_async("POST /customers", async {
        for name in ["Hal", "Ian", "Joe"] {
            sign_up(&shop, name).await;
        }
    })
    .await;
}

/// What sea-orm sends for `find_related` of each model.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn related_of_each_model() {
    let shop = Shop::open().await;
    let all = r#"SELECT "orders"."id", "orders"."customer_id" FROM "orders""#;
    let all: Vec<(i64, i64)> = sqlx::query_as(all).fetch_all(&shop.pool).await.unwrap();
    for (_, customer) in all {
        let one = r#"SELECT "customers"."id", "customers"."name" FROM "customers" WHERE "customers"."id" = ? LIMIT ?"#;
        sqlx::query(one).bind(customer).bind(1).fetch_optional(&shop.pool).await.unwrap();
    }
}

/// What sea-orm sends for `load_one` of all models.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn loader_of_all_models() {
    let shop = Shop::open().await;
    for _ in 0..3 {
        let all = r#"SELECT "customers"."id", "customers"."name" FROM "customers" WHERE "customers"."id" IN (?, ?, ?)"#;
        sqlx::query(all).bind(1).bind(2).bind(3).fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q59: the same of each database.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn query_for_each_database() {
    let shards = [Shop::open().await, Shop::open().await, Shop::open().await];
    for shard in &shards {
        sqlx::query("SELECT count(*) FROM orders").fetch_one(&shard.pool).await.unwrap();
    }
}

/// In each of them, row by row.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn rows_of_each_database() {
    let shards = [Shop::open().await, Shop::open().await];
    for shard in &shards {
        for (_, customer) in shard.orders().await {
            shard.customer(customer).await;
        }
    }
}
