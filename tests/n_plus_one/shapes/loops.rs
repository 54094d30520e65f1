//! sqlx: a statement for each row.

use futures::future::join_all;
use futures::{StreamExt, TryStreamExt, stream};
use perfassert::{endpoint_async, no_n_plus_one};
use sqlx::AssertSqlSafe;
use tokio::task::JoinSet;

use crate::shop::{ORDERS, Shop};

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn lazy_load_in_a_loop() {
    let shop = Shop::open().await;
    for (_, customer) in shop.orders().await {
        shop.customer(customer).await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn resolver_per_field() {
    enum Field {
        Customer,
        Lines,
    }
    async fn resolve(shop: &Shop, (order, customer): (i64, i64), field: &Field) -> String {
        match field {
            Field::Customer => shop.customer(customer).await,
            Field::Lines => format!("{:?}", shop.lines(order).await),
        }
    }
    let shop = Shop::open().await;
    for order in shop.orders().await {
        for field in [Field::Customer, Field::Lines] {
            resolve(&shop, order, &field).await;
        }
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn serializer_calls_the_repository() {
    struct Order<'a>(&'a Shop, i64, i64);
    impl Order<'_> {
        async fn to_json(&self) -> serde_json::Value {
            serde_json::json!({ "id": self.1, "customer": self.0.customer(self.2).await })
        }
    }
    let shop = Shop::open().await;
    let orders: Vec<_> = shop.orders().await.into_iter().map(|(id, by)| Order(&shop, id, by)).collect();
    let json = stream::iter(&orders).then(Order::to_json).collect::<Vec<_>>().await;
    assert_eq!(json.len() as i64, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn permission_check_per_row() {
    async fn may_see(shop: &Shop, user: i64, order: i64) -> bool {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM orders WHERE id = ? AND customer_id = ?)")
            .bind(order)
            .bind(user)
            .fetch_one(&shop.pool)
            .await
            .unwrap()
    }
    let shop = Shop::open().await;
    for (order, _) in shop.orders().await {
        may_see(&shop, 1, order).await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn count_per_row() {
    let shop = Shop::open().await;
    for (order, _) in shop.orders().await {
        let count = sqlx::query_scalar("SELECT count(*) FROM lines WHERE order_id = ?").bind(order);
        let _: i64 = count.fetch_one(&shop.pool).await.unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_levels() {
    let shop = Shop::open().await;
    for (order, _) in shop.orders().await {
        for (_, product) in shop.lines(order).await {
            let name = sqlx::query_scalar("SELECT name FROM products WHERE id = ?").bind(product);
            let _: String = name.fetch_one(&shop.pool).await.unwrap();
        }
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn buffer_unordered() {
    let shop = Shop::open().await;
    let orders = stream::iter(shop.orders().await);
    let loaded =
        orders.map(async |(order, customer)| (shop.lines(order).await, shop.customer(customer).await));
    assert_eq!(loaded.buffer_unordered(3).count().await as i64, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn joined() {
    let shop = Shop::open().await;
    join_all(shop.orders().await.into_iter().map(|(_, customer)| shop.customer(customer))).await;
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn task_per_row() {
    let shop = Shop::open().await;
    let mut tasks = JoinSet::new();
    for (order, _) in shop.orders().await {
        let pool = shop.pool.clone();
        tasks.spawn(async move {
            let count = sqlx::query_scalar("SELECT count(*) FROM lines WHERE order_id = ?").bind(order);
            let _: i64 = count.fetch_one(&pool).await.unwrap();
        });
    }
    tasks.join_all().await;
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn insert_in_a_loop() {
    let shop = Shop::open().await;
    for product in ["nib", "pad", "mug", "box"] {
        let insert = sqlx::query("INSERT INTO products (name) VALUES (?)").bind(product);
        insert.execute(&shop.pool).await.unwrap();
    }
}

/// What is looked at in the end are the rows that were inserted, and not what they were inserted for.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn insert_in_a_loop_before_a_list() {
    let shop = Shop::open().await;
    for order in 1..=ORDERS {
        let insert = sqlx::query("INSERT INTO rates (day, rate) VALUES (?, 1)").bind(order + 10);
        insert.execute(&shop.pool).await.unwrap();
    }
    let rates = sqlx::query("SELECT day FROM rates WHERE day > 10").fetch_all(&shop.pool).await.unwrap();
    assert_eq!(rates.len() as i64, ORDERS);
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn update_per_row() {
    let shop = Shop::open().await;
    let mut transaction = shop.pool.begin().await.unwrap();
    for order in 1..=ORDERS {
        let update = sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ?").bind(order);
        update.execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn look_before_each_insert() {
    let shop = Shop::open().await;
    for name in ["Ann", "Hal", "Ian", "Joe"] {
        let known = sqlx::query_scalar("SELECT id FROM customers WHERE name = ?").bind(name);
        let known: Option<i64> = known.fetch_optional(&shop.pool).await.unwrap();
        if known.is_none() {
            let insert = sqlx::query("INSERT INTO customers (name) VALUES (?)").bind(name);
            insert.execute(&shop.pool).await.unwrap();
        }
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn down_a_tree() {
    async fn visit(shop: &Shop, category: i64) {
        let children = sqlx::query_scalar("SELECT id FROM categories WHERE parent_id = ?").bind(category);
        let children: Vec<i64> = children.fetch_all(&shop.pool).await.unwrap();
        for child in children {
            Box::pin(visit(shop, child)).await;
        }
    }
    visit(&Shop::open().await, 1).await;
}

/// The statement whose rows are read ends behind those that are sent meanwhile.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn while_the_rows_are_read() {
    let shop = Shop::open().await;
    let mut rows = sqlx::query_scalar("SELECT customer_id FROM orders").fetch(&shop.pool);
    while let Some(customer) = rows.try_next().await.unwrap() {
        shop.customer(customer).await;
    }
}

/// Each is rolled back when it is dropped, as if it were tried again.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn transaction_per_row() {
    let shop = Shop::open().await;
    for (_, customer) in shop.orders().await {
        let mut transaction = shop.pool.begin().await.unwrap();
        let name = sqlx::query_scalar("SELECT name FROM customers WHERE id = ?").bind(customer);
        let _: String = name.fetch_one(&mut *transaction).await.unwrap();
        transaction.rollback().await.unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn in_a_transaction_that_is_tried_again() {
    let shop = Shop::open().await;
    for attempt in 0..2 {
        let mut transaction = shop.pool.begin().await.unwrap();
        for order in 1..=ORDERS {
            let update = sqlx::query("UPDATE orders SET status = 'sent' WHERE id = ?").bind(order);
            update.execute(&mut *transaction).await.unwrap();
        }
        match attempt {
            0 => transaction.rollback().await.unwrap(),
            _ => transaction.commit().await.unwrap(),
        }
    }
}

/// It looks like a page, and is looked up for each row.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn latest_before_each_row() {
    let shop = Shop::open().await;
    for (order, _) in shop.orders().await {
        let rate =
            sqlx::query_scalar("SELECT rate FROM rates WHERE day < ? ORDER BY day DESC LIMIT 1").bind(order);
        let _: i64 = rate.fetch_one(&shop.pool).await.unwrap();
    }
}

/// A loader that is awaited before it is given the next key.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn lists_of_one() {
    let shop = Shop::open().await;
    for (_, customer) in shop.orders().await {
        shop.customers(&[customer]).await;
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn value_in_the_text() {
    let shop = Shop::open().await;
    for (order, _) in shop.orders().await {
        let sql = AssertSqlSafe(format!("SELECT status FROM orders WHERE id = {order}"));
        let _: String = sqlx::query_scalar(sql).fetch_one(&shop.pool).await.unwrap();
    }
}

/// Q38
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn from_two_lines() {
    const NAME: &str = "SELECT name FROM customers WHERE id = ?";
    let shop = Shop::open().await;
    let orders = shop.orders().await;
    for (_, customer) in &orders {
        let _: String = sqlx::query_scalar(NAME).bind(customer).fetch_one(&shop.pool).await.unwrap();
    }
    for customer in 1..=4 {
        let _: String = sqlx::query_scalar(NAME).bind(customer).fetch_one(&shop.pool).await.unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn inside_one_request() {
    let shop = Shop::open().await;
    endpoint_async("GET /orders", async {
        for (_, customer) in shop.orders().await {
            shop.customer(customer).await;
        }
    })
    .await;
}

/// Q37
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_rows() {
    let shop = Shop::open().await;
    let orders = sqlx::query_as("SELECT id, customer_id FROM orders WHERE customer_id = 1");
    let orders: Vec<(i64, i64)> = orders.fetch_all(&shop.pool).await.unwrap();
    for (order, _) in orders {
        shop.lines(order).await;
    }
}
