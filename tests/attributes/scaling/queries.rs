//! How queries grow.

use std::sync::OnceLock;

use perfassert::{max_queries, no_n_plus_one, scaling, unmeasured_async};

use super::shop::{author, authors, books, joined, pair, shop_with};

#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn lazily(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}

#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn lazily_and_linear(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}

/// The line is the test's own.
#[scaling(queries = "constant")]
#[test]
#[ignore = "run by the suite"]
fn in_the_body(n: usize) {
    for id in 0..n {
        perfassert::query(&format!("SELECT name FROM authors WHERE id = {id}"));
    }
}

#[scaling(queries = "constant")]
#[sqlx::test]
#[ignore = "run by the suite"]
async fn in_the_body_of_a_future(pool: sqlx::SqlitePool, n: usize) {
    for id in 0..n {
        sqlx::query("SELECT ?").bind(id as i64).execute(&pool).await.unwrap();
    }
}

/// What `#[no_n_plus_one]` would not say: two are no loop (Q37).
#[scaling(n = [1, 2], queries = "constant")]
#[no_n_plus_one]
#[tokio::test]
#[ignore = "run by the suite"]
async fn lazily_with_two_rows(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}

#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn lazily_in_a_request(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    let request = async {
        for id in books(&mut shop).await {
            author(&mut shop, id).await;
        }
    };
    perfassert::endpoint_async("GET /books", request).await;
}

/// Each has its due: it is the test that calls more of them.
#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn a_request_each(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in 1..=n as i64 {
        perfassert::endpoint_async("GET /authors/{id}", author(&mut shop, id)).await;
    }
}

#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn with_a_join(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    assert_eq!(joined(&mut shop).await, n);
}

#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn in_one_batch(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    let ids = books(&mut shop).await;
    assert_eq!(authors(&mut shop, &ids).await, n);
}

#[scaling(n = [1, 20, 45], queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn in_chunks(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for ids in books(&mut shop).await.chunks(10) {
        authors(&mut shop, ids).await;
    }
}

#[scaling(n = [1, 20, 45], queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn in_chunks_and_linear(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for ids in books(&mut shop).await.chunks(10) {
        authors(&mut shop, ids).await;
    }
}

#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn each_with_each(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    let ids = books(&mut shop).await;
    for a in &ids {
        for b in &ids {
            pair(&mut shop, (*a, *b)).await;
        }
    }
}

#[scaling(queries = "quadratic")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn each_with_each_and_quadratic(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    let ids = books(&mut shop).await;
    for a in &ids {
        for b in &ids {
            pair(&mut shop, (*a, *b)).await;
        }
    }
}

/// The first has it loaded for all (Q41).
#[scaling(queries = "constant")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn with_a_cache_that_outlives_a_size(n: usize) {
    static CACHE: OnceLock<Vec<i64>> = OnceLock::new();
    let mut shop = unmeasured_async(shop_with(n)).await;
    if CACHE.get().is_none() {
        let _ = CACHE.set(books(&mut shop).await);
    }
    joined(&mut shop).await;
}

/// What is cached is in the way of a larger size only.
#[scaling(queries = "linear")]
#[tokio::test]
#[ignore = "run by the suite"]
async fn with_fewer_for_many(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    let ids = books(&mut shop).await;
    if n < 10 {
        for id in ids {
            author(&mut shop, id).await;
        }
    } else {
        authors(&mut shop, &ids).await;
    }
}

#[scaling(queries = "constant")]
#[test]
#[ignore = "run by the suite"]
fn without_any(_: usize) {}

/// The other gates are about the largest size.
#[max_queries(17)]
#[scaling(queries = "linear")]
#[no_n_plus_one(threshold = 17)]
#[tokio::test]
#[ignore = "run by the suite"]
async fn at_the_budget_of_the_largest(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}

#[max_queries(16)]
#[scaling(queries = "constant")]
#[no_n_plus_one]
#[tokio::test]
#[ignore = "run by the suite"]
async fn over_all_of_them(n: usize) {
    let mut shop = unmeasured_async(shop_with(n)).await;
    for id in books(&mut shop).await {
        author(&mut shop, id).await;
    }
}
