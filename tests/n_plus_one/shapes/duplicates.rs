//! sqlx: the same statement with the same values.

use perfassert::{endpoint_async, no_n_plus_one};

use crate::shop::Shop;

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn setting_per_row() {
    let shop = Shop::open().await;
    for _ in shop.orders().await {
        let currency = sqlx::query_scalar("SELECT value FROM settings WHERE key = 'currency'");
        let _: String = currency.fetch_one(&shop.pool).await.unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn everything_again() {
    async fn total(shop: &Shop) -> usize {
        shop.orders().await.len()
    }
    let shop = Shop::open().await;
    endpoint_async("GET /totals", async {
        let (a, b) = (total(&shop).await, total(&shop).await);
        let c = total(&shop).await;
        assert_eq!((a, b), (b, c));
    })
    .await;
}

/// sqlx does not tell the values.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn same_user_per_row() {
    let shop = Shop::open().await;
    for _ in shop.orders().await {
        shop.customer(7).await;
    }
}
