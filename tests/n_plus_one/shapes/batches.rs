//! sqlx: what is sent for several rows at once, and where it is sent for each row all the same.

use perfassert::no_n_plus_one;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite};

use crate::shop::Shop;

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn batch_per_row() {
    let shop = Shop::open().await;
    for (order, customer) in shop.orders().await {
        let both = sqlx::query("SELECT id FROM customers WHERE id IN (?, ?)").bind(customer).bind(order);
        both.fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q58: some rows need one, and others several.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn lists_of_any_length_per_row() {
    let shop = Shop::open().await;
    for (order, customer) in shop.orders().await {
        let ids: Vec<_> = (customer..=customer + order % 3).collect();
        shop.customers(&ids).await;
    }
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn json_list_per_row() {
    let shop = Shop::open().await;
    for (order, customer) in shop.orders().await {
        let both = "SELECT name FROM products WHERE id IN (SELECT value FROM json_each(?))";
        let both = sqlx::query(both).bind(format!("[{order}, {customer}]"));
        both.fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn rows_inserted_per_row() {
    let shop = Shop::open().await;
    for (order, customer) in shop.orders().await {
        let insert = sqlx::query("INSERT INTO lines (order_id, product_id) VALUES (?, 1), (?, 3)");
        insert.bind(order).bind(customer).execute(&shop.pool).await.unwrap();
    }
}

/// Q58
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn pairs_per_row() {
    let shop = Shop::open().await;
    for (order, customer) in shop.orders().await {
        let pairs = "SELECT id FROM lines WHERE (order_id = ? AND product_id = 1) OR (order_id = ? AND product_id = 1)";
        sqlx::query(pairs).bind(order).bind(customer).fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q58: what sea-orm sends for `load_many` of one model.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn loader_of_one_model() {
    let shop = Shop::open().await;
    for (order, _) in shop.orders().await {
        let lines =
            r#"SELECT "lines"."id", "lines"."product_id" FROM "lines" WHERE "lines"."order_id" IN (?)"#;
        sqlx::query(lines).bind(order).fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q58: of each order another table, by its status.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn one_line_for_several_tables() {
    let shop = Shop::open().await;
    let orders: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, status FROM orders WHERE id < 6").fetch_all(&shop.pool).await.unwrap();
    for (order, status) in orders {
        let table = match &*status {
            "open" => "products",
            "paid" => "categories",
            _ => "customers",
        };
        let sql = AssertSqlSafe(format!("SELECT id FROM {table} WHERE id = ?"));
        sqlx::query(sql).bind(order).fetch_optional(&shop.pool).await.unwrap();
    }
}

/// Q58: each kind has a function of its own.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn function_for_each_kind() {
    async fn subject(shop: &Shop, order: i64, customer: i64) -> usize {
        match order % 3 {
            0 => shop.customer(customer).await.len(),
            1 => shop.lines(order).await.len(),
            _ => shop.status(order).await.len(),
        }
    }
    let shop = Shop::open().await;
    for (order, customer) in shop.orders().await {
        subject(&shop, order, customer).await;
    }
}

/// Q59: keys of two columns, four at a time.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn pairs_in_chunks() {
    let shop = Shop::open().await;
    let pairs: Vec<_> = (1..=12).map(|order| (order, 1)).collect();
    for chunk in pairs.chunks(4) {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT id FROM lines WHERE ");
        for (index, (order, product)) in chunk.iter().enumerate() {
            sql.push(if index > 0 { " OR " } else { "" });
            sql.push("(order_id = ")
                .push_bind(*order)
                .push(" AND product_id = ")
                .push_bind(*product)
                .push(")");
        }
        sql.build().fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn union_in_chunks() {
    let shop = Shop::open().await;
    for chunk in [[1, 2], [3, 4], [5, 6]] {
        let one = "SELECT max(id) FROM lines WHERE order_id = ?";
        let sql = AssertSqlSafe(format!("{one} UNION ALL {one}"));
        sqlx::query(sql).bind(chunk[0]).bind(chunk[1]).fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn selects_inserted_in_chunks() {
    let shop = Shop::open().await;
    for chunk in [["a", "b"], ["c", "d"], ["e", "f"]] {
        let insert = sqlx::query("INSERT INTO products (name) SELECT ? UNION ALL SELECT ?");
        insert.bind(chunk[0]).bind(chunk[1]).execute(&shop.pool).await.unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn rows_updated_in_chunks() {
    let shop = Shop::open().await;
    for chunk in shop.orders().await.chunks(2) {
        let update = "UPDATE orders SET status = v.column2 FROM (VALUES (?, 'sent'), (?, 'paid')) AS v
                      WHERE orders.id = v.column1";
        sqlx::query(update).bind(chunk[0].0).bind(chunk[1].0).execute(&shop.pool).await.unwrap();
    }
}

#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn json_lists_in_chunks() {
    let shop = Shop::open().await;
    for chunk in shop.orders().await.chunks(2) {
        let names = sqlx::query("SELECT name FROM customers WHERE id IN (SELECT value FROM json_each(?))");
        let ids = format!("[{}, {}]", chunk[0].1, chunk[1].1);
        names.bind(ids).fetch_all(&shop.pool).await.unwrap();
    }
}

/// One line, and another statement each time.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn each_table_once() {
    let shop = Shop::open().await;
    sqlx::query("SELECT id FROM products").fetch_all(&shop.pool).await.unwrap();
    for table in ["lines", "orders", "products"] {
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&shop.pool).await.unwrap();
    }
}

/// As many statements as there are products, and none of them is about a product.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn several_statements_of_one_function() {
    async fn totals(shop: &Shop) {
        shop.count_of("open").await;
        sqlx::query("SELECT count(*) FROM customers").fetch_one(&shop.pool).await.unwrap();
        sqlx::query("SELECT count(*) FROM lines").fetch_one(&shop.pool).await.unwrap();
    }
    let shop = Shop::open().await;
    sqlx::query("SELECT id FROM products").fetch_all(&shop.pool).await.unwrap();
    totals(&shop).await;
}
