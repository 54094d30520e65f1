//! Statements of each kind, and texts of several.

use perfassert::{max_queries, no_n_plus_one};
use sqlx::Executor;

use super::engine::{self, q};
use super::{connection, pool};

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn reads_and_writes() {
    let mut connection = connection().await;
    for id in 11..14 {
        let insert = sqlx::query(q("INSERT INTO item (id, name, shop) VALUES (?, ?, ?)"));
        insert.bind(id).bind("a 'new' one").bind(1).execute(&mut connection).await.unwrap();
    }
    sqlx::query(q("UPDATE item SET name = ? WHERE shop = ?"))
        .bind("b")
        .bind(1)
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("DELETE FROM item WHERE id > 10 AND name <> 'x'").execute(&mut connection).await.unwrap();
    let names = sqlx::query("SELECT name FROM item ORDER BY id").fetch_all(&mut connection).await.unwrap();
    assert_eq!(names.len(), 5);
}

/// Q7
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn many_rows_at_once() {
    let pool = pool(1).await;
    sqlx::query("INSERT INTO item (id, name, shop) VALUES (21, 'a', 1), (22, 'b', 2), (23, 'c', 3)")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("SELECT id FROM item WHERE id IN (21, 22, 23)").fetch_all(&pool).await.unwrap();
}

/// Q13
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn writes_that_look_like_reads_and_the_reverse() {
    let mut connection = connection().await;
    for text in engine::MIXED {
        connection.fetch_all(*text).await.unwrap();
    }
}

/// Q15
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn commands() {
    let mut connection = connection().await;
    for text in engine::COMMANDS {
        connection.fetch_all(*text).await.unwrap();
    }
    connection.fetch_all("SELECT id FROM item").await.unwrap();
}

/// Q19
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn several_statements_in_one_text() {
    let mut connection = connection().await;
    let text = "INSERT INTO item (id, name, shop) VALUES (31, 'x', 1); UPDATE item SET shop = 2 WHERE id = 31; \
                SELECT name FROM item WHERE id = 31;";
    sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
    sqlx::raw_sql("SELECT name FROM item WHERE id = 31").execute(&mut connection).await.unwrap();
}

/// It goes to the database once: no N+1.
#[max_queries(100)]
#[no_n_plus_one]
#[ignore = "a fixture"]
#[tokio::test]
async fn the_same_statement_in_one_text() {
    let mut connection = connection().await;
    let text = "INSERT INTO item VALUES (31, 'x', 1); INSERT INTO item VALUES (32, 'y', 2); \
                INSERT INTO item VALUES (33, 'z', 3); INSERT INTO item VALUES (34, 'a', 4)";
    sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
}

/// Q21
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn the_same_again_and_again() {
    let mut connection = connection().await;
    for id in 1..5 {
        let select = sqlx::query(q("SELECT name FROM item WHERE id = ?")).bind(id);
        select.fetch_one(&mut connection).await.unwrap();
    }
    for id in 1..5 {
        let select = sqlx::query(q("SELECT shop FROM item WHERE id = ?")).bind(id).persistent(false);
        select.fetch_one(&mut connection).await.unwrap();
    }
    for _ in 0..3 {
        sqlx::raw_sql("SELECT shop FROM item").execute(&mut connection).await.unwrap();
    }
}

/// Short texts reach the log in another way than long ones.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn texts_of_every_length() {
    let mut connection = connection().await;
    for text in [
        "SELECT 1",
        "SELECT id FROM item",
        "SELECT id\n  FROM item\n  WHERE id = 3",
        "SELECT\tid, name, shop FROM item -- all of it\n",
        "/* a hint */ SELECT id FROM item WHERE name = 'it''s' ORDER BY name",
    ] {
        connection.fetch_all(text).await.unwrap();
    }
}
