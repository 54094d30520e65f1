//! sqlx: what takes one part after another, and what is sent for each row beside that.

use perfassert::no_n_plus_one;

use crate::shop::{ORDERS, Shop};

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn purge_in_batches() {
    let shop = Shop::open().await;
    loop {
        let purge = "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ? ORDER BY id LIMIT ?)";
        let purged = sqlx::query(purge).bind(15).bind(4).execute(&shop.pool).await.unwrap();
        if purged.rows_affected() < 4 {
            break;
        }
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn backfill_in_batches() {
    let shop = Shop::open().await;
    let backfill = "WITH next AS (SELECT id FROM events WHERE day IS NULL LIMIT 5)
                    UPDATE events SET day = at / 7 WHERE id IN (SELECT id FROM next)";
    while sqlx::query(backfill).execute(&shop.pool).await.unwrap().rows_affected() > 0 {}
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn windows_that_are_written() {
    let shop = Shop::open().await;
    for from in (1..20).step_by(5) {
        let window = sqlx::query("UPDATE events SET day = 0 WHERE id BETWEEN ? AND ?");
        window.bind(from).bind(from + 4).execute(&shop.pool).await.unwrap();
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn windows_that_are_read() {
    let shop = Shop::open().await;
    for from in (1..20).step_by(5) {
        let window = sqlx::query("SELECT id, at FROM events WHERE id >= ? AND id < ?");
        window.bind(from).bind(from + 5).fetch_all(&shop.pool).await.unwrap();
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn pages_by_two_keys() {
    let shop = Shop::open().await;
    let (mut at, mut id) = (0, 0);
    loop {
        let page = "SELECT at, id FROM events WHERE (at, id) > (?, ?) ORDER BY at, id LIMIT 6";
        let page: Vec<(i64, i64)> =
            sqlx::query_as(page).bind(at).bind(id).fetch_all(&shop.pool).await.unwrap();
        let Some(last) = page.last() else { break };
        (at, id) = *last;
    }
}

/// Q59
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn copied_page_by_page() {
    let shop = Shop::open().await;
    for from in [0, 5, 10, 15] {
        let copy =
            "INSERT INTO rates (day, rate) SELECT id + 100, at FROM events WHERE id > ? ORDER BY id LIMIT 5";
        sqlx::query(copy).bind(from).execute(&shop.pool).await.unwrap();
    }
}

/// Q59: what is sent is marked, so the next ones come.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn outbox_that_is_emptied() {
    let shop = Shop::open().await;
    loop {
        let next = "SELECT id FROM events WHERE day IS NULL ORDER BY id LIMIT 6";
        let next: Vec<i64> = sqlx::query_scalar(next).fetch_all(&shop.pool).await.unwrap();
        let Some(last) = next.last() else { break };
        let mark = sqlx::query("UPDATE events SET day = 1 WHERE id <= ?").bind(last);
        mark.execute(&shop.pool).await.unwrap();
    }
}

/// Q59: one job at a time, each of which is marked when it is done.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn job_at_a_time() {
    let shop = Shop::open().await;
    loop {
        let claim = "UPDATE jobs SET state = 'run' WHERE id = (SELECT id FROM jobs WHERE state = 'new' LIMIT 1) RETURNING id";
        let job: Option<i64> = sqlx::query_scalar(claim).fetch_optional(&shop.pool).await.unwrap();
        let Some(job) = job else { break };
        let done = sqlx::query("UPDATE jobs SET state = 'done' WHERE id = ?").bind(job);
        done.execute(&shop.pool).await.unwrap();
    }
}

/// Q59: without anything to wait for, the next message is the oldest.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn queue_that_is_popped() {
    let shop = Shop::open().await;
    for _ in 0..5 {
        let pop = "DELETE FROM jobs WHERE id = (SELECT id FROM jobs ORDER BY id LIMIT 1) RETURNING state";
        let _: String = sqlx::query_scalar(pop).fetch_one(&shop.pool).await.unwrap();
    }
}

/// Where it has got to is kept, so that it can go on from there.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn place_kept_for_each_page() {
    let shop = Shop::open().await;
    let mut last = 0;
    loop {
        let page = "SELECT id FROM events WHERE id > ? ORDER BY id LIMIT 6";
        let page: Vec<i64> = sqlx::query_scalar(page).bind(last).fetch_all(&shop.pool).await.unwrap();
        let Some(id) = page.last() else { break };
        last = *id;
        let keep = sqlx::query("UPDATE settings SET value = ? WHERE key = 'place'").bind(last.to_string());
        keep.execute(&shop.pool).await.unwrap();
    }
}

/// What is limited by itself is trimmed for each customer.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn trimmed_per_row() {
    let shop = Shop::open().await;
    for (_, customer) in shop.orders().await {
        let trim = "DELETE FROM orders WHERE id IN
                    (SELECT id FROM orders WHERE customer_id = ? ORDER BY id DESC LIMIT 9 OFFSET 1)";
        sqlx::query(trim).bind(customer).execute(&shop.pool).await.unwrap();
    }
}

/// The same window of each customer.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn window_per_customer() {
    async fn report(shop: &Shop, customers: &[i64]) -> i64 {
        let mut sum = 0;
        for customer in customers {
            let orders = "SELECT count(*) FROM orders WHERE customer_id = ? AND id BETWEEN ? AND ?";
            let orders = sqlx::query_scalar::<_, i64>(orders).bind(*customer).bind(1).bind(ORDERS);
            sum += orders.fetch_one(&shop.pool).await.unwrap();
        }
        sum
    }
    let shop = Shop::open().await;
    assert_eq!(report(&shop, &[1, 2, 3, 4]).await, 5);
}

/// Each page is one statement, and each of its rows another.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn rows_of_pages() {
    let shop = Shop::open().await;
    for offset in (0..ORDERS).step_by(2) {
        let page = "SELECT customer_id FROM orders ORDER BY id LIMIT 2 OFFSET ?";
        let page: Vec<i64> = sqlx::query_scalar(page).bind(offset).fetch_all(&shop.pool).await.unwrap();
        for customer in page {
            shop.customer(customer).await;
        }
    }
}

/// Each job has some lines, which are loaded one by one.
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn lines_of_jobs() {
    let shop = Shop::open().await;
    for _ in 0..3 {
        let claim = "UPDATE jobs SET state = 'run' WHERE id = (SELECT id FROM jobs WHERE state = 'new' LIMIT 1) RETURNING id";
        let job: i64 = sqlx::query_scalar(claim).fetch_one(&shop.pool).await.unwrap();
        for (line, _) in shop.lines(job).await {
            let product = sqlx::query("SELECT product_id FROM lines WHERE id = ?").bind(line);
            product.fetch_one(&shop.pool).await.unwrap();
        }
    }
}
