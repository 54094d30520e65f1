//! sqlx: what repeats, or looks as if it did, and is no loop over rows.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use perfassert::{endpoint_async, no_n_plus_one, unmeasured_async};

use crate::shop::{ORDERS, Shop};

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn batch() {
    let shop = Shop::open().await;
    let ids: Vec<_> = shop.orders().await.into_iter().map(|(_, customer)| customer).collect();
    shop.customers(&ids).await;
}

/// Q40. The first chunk, and the last, may have one item.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn chunks() {
    let shop = Shop::open().await;
    for chunk in [&[1][..], &[2, 3], &[4, 5], &[6, 7], &[1]] {
        shop.customers(chunk).await;
    }
}

/// Q40: what several fields ask for in one turn is loaded at once.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn batching_loader() {
    #[derive(Default)]
    struct Loader {
        wanted: Vec<i64>,
        loaded: HashMap<i64, String>,
    }
    impl Loader {
        async fn load(&mut self, shop: &Shop) {
            let wanted = std::mem::take(&mut self.wanted);
            self.loaded.extend(shop.customers(&wanted).await);
        }
    }
    let shop = Shop::open().await;
    let mut loader = Loader::default();
    for turn in shop.orders().await.chunks(2) {
        loader.wanted.extend(turn.iter().map(|(_, customer)| customer));
        loader.load(&shop).await;
    }
    assert_eq!(loader.loaded.len(), 5);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn rows_in_one_insert() {
    let shop = Shop::open().await;
    for rows in ["('a'), ('b')", "('c'), ('d')", "('e'), ('f')"] {
        let sql = sqlx::AssertSqlSafe(format!("INSERT INTO products (name) VALUES {rows}"));
        sqlx::query(sql).execute(&shop.pool).await.unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn several_in_one_text() {
    let shop = Shop::open().await;
    let sql = "UPDATE orders SET status = 'a' WHERE id = 1; UPDATE orders SET status = 'b' WHERE id = 2;
               UPDATE orders SET status = 'c' WHERE id = 3";
    sqlx::raw_sql(sql).execute(&shop.pool).await.unwrap();
}

/// Q27, with the commands that sqlx sends on PostgreSQL and MySQL: on SQLite it does not log them.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn transaction_that_is_tried_again() {
    let shop = Shop::open().await;
    let connection = &mut *shop.pool.acquire().await.unwrap();
    for attempt in 0..3 {
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await.unwrap();
        let update = sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ?").bind(1);
        update.execute(&mut *connection).await.unwrap();
        // The database could not serialize the first two.
        let end = if attempt < 2 { "ROLLBACK" } else { "COMMIT" };
        sqlx::raw_sql(end).execute(&mut *connection).await.unwrap();
    }
}

/// There are as many products, which are asked for when all is done.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn tried_again_before_a_list() {
    let shop = Shop::open().await;
    let connection = &mut *shop.pool.acquire().await.unwrap();
    for _ in 0..3 {
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await.unwrap();
        let update = sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ?").bind(1);
        update.execute(&mut *connection).await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.unwrap();
    }
    let products = sqlx::query("SELECT name FROM products").fetch_all(&mut *connection).await.unwrap();
    assert_eq!(products.len(), 3);
}

/// Q27
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn transaction_that_is_tried_again_on_sqlite() {
    let shop = Shop::open().await;
    for attempt in 0..3 {
        let mut transaction = shop.pool.begin().await.unwrap();
        let status = sqlx::query_scalar("SELECT status FROM orders WHERE id = ?").bind(1);
        let _: String = status.fetch_one(&mut *transaction).await.unwrap();
        let update = sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ?").bind(1);
        update.execute(&mut *transaction).await.unwrap();
        if attempt < 2 {
            // The database could not serialize it.
            transaction.rollback().await.unwrap();
        } else {
            transaction.commit().await.unwrap();
        }
    }
}

/// Q27, without a transaction: sqlx does not tell that the statement failed.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn statement_that_is_tried_again() {
    let shop = Shop::open().await;
    for attempt in 0..4 {
        let id = if attempt < 3 { 1 } else { 100 };
        let insert = sqlx::query("INSERT INTO products (id, name) VALUES (?, 'new')").bind(id);
        assert_eq!(insert.execute(&shop.pool).await.is_ok(), attempt == 3);
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn fan_out_from_lines() {
    const COUNT: &str = "SELECT count(*) FROM orders WHERE status = ?";
    let shop = Shop::open().await;
    let open: i64 = sqlx::query_scalar(COUNT).bind("open").fetch_one(&shop.pool).await.unwrap();
    let paid: i64 = sqlx::query_scalar(COUNT).bind("paid").fetch_one(&shop.pool).await.unwrap();
    let sent: i64 = sqlx::query_scalar(COUNT).bind("sent").fetch_one(&shop.pool).await.unwrap();
    assert_eq!(open + paid + sent, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn fan_out_through_a_function() {
    let shop = Shop::open().await;
    let open = shop.count_of("open").await;
    let paid = shop.count_of("paid").await;
    let sent = shop.count_of("sent").await;
    assert_eq!(open + paid + sent, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn fan_out_at_once() {
    let shop = Shop::open().await;
    let (open, paid, sent) =
        tokio::join!(shop.count_of("open"), shop.count_of("paid"), shop.count_of("sent"));
    assert_eq!(open + paid + sent, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn fan_out_over_constants() {
    let shop = Shop::open().await;
    let mut sum = 0;
    for status in ["open", "paid", "sent"] {
        sum += shop.count_of(status).await;
    }
    assert_eq!(sum, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn pages_by_offset() {
    let shop = Shop::open().await;
    let mut offset = 0;
    loop {
        let page = sqlx::query_scalar("SELECT id FROM orders ORDER BY id LIMIT 2 OFFSET ?").bind(offset);
        let page: Vec<i64> = page.fetch_all(&shop.pool).await.unwrap();
        if page.is_empty() {
            break;
        }
        offset += 2;
    }
    assert_eq!(offset, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn pages_by_key() {
    let shop = Shop::open().await;
    let mut last = Some(0);
    while let Some(after) = last {
        let page = sqlx::query_scalar("SELECT id FROM orders WHERE id > ? ORDER BY id LIMIT 2").bind(after);
        let page: Vec<i64> = page.fetch_all(&shop.pool).await.unwrap();
        last = page.last().copied();
    }
}

/// What a job's worker does, until another one is done.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn polling() {
    let shop = Shop::open().await;
    for _ in 0..4 {
        assert_eq!(shop.status(1).await, "open");
        tokio::task::yield_now().await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn requests_of_one_endpoint() {
    let shop = Shop::open().await;
    for id in 1..=4 {
        endpoint_async("GET /customers/{id}", shop.customer(id)).await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_endpoints() {
    let shop = Shop::open().await;
    for id in 1..=2 {
        endpoint_async("GET /customers/{id}", shop.customer(id)).await;
        endpoint_async("GET /profile", shop.customer(id)).await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn warm_cache() {
    let shop = Shop::open().await;
    let mut cache = HashMap::new();
    for _ in 0..5 {
        for customer in [1, 2] {
            if let Entry::Vacant(entry) = cache.entry(customer) {
                entry.insert(shop.customer(customer).await);
            }
        }
    }
}

/// A test that calls what it tests three times.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn test_of_three_cases() {
    let shop = Shop::open().await;
    assert_eq!(shop.status(1).await, "open");
    assert_eq!(shop.status(2).await, "paid");
    assert_eq!(shop.status(3).await, "sent");
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn set_up_that_is_left_out() {
    let shop = Shop::open().await;
    unmeasured_async(async {
        for name in ["a", "b", "c", "d"] {
            let insert = sqlx::query("INSERT INTO products (name) VALUES (?)").bind(name);
            insert.execute(&shop.pool).await.unwrap();
        }
    })
    .await;
    shop.orders().await;
}
