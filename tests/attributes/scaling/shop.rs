//! A shop with `n` orders in SQLite, and the ways to load what belongs to them.

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

/// Orders 1 to `n`, each of an author of its own.
pub(crate) async fn shop_with(n: usize) -> SqliteConnection {
    let mut shop = SqliteConnection::connect("sqlite::memory:").await.expect("a database in memory");
    fill(&mut shop, n).await;
    shop
}

/// The same in a database that is there.
pub(crate) async fn fill(shop: &mut SqliteConnection, n: usize) {
    const TABLES: &str = "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL);";
    const ROWS: &str = "WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?)";
    sqlx::raw_sql(TABLES).execute(&mut *shop).await.expect("tables");
    for insert in
        ["INSERT INTO authors SELECT id, 'Ada' FROM ids", "INSERT INTO books SELECT id, id FROM ids"]
    {
        let sql = AssertSqlSafe(format!("{ROWS} {insert}"));
        sqlx::query(sql).bind(n as i64).execute(&mut *shop).await.expect("rows");
    }
}

/// The authors of all books.
pub(crate) async fn books(shop: &mut SqliteConnection) -> Vec<i64> {
    let rows = sqlx::query("SELECT author_id FROM books").fetch_all(shop).await.expect("books");
    rows.iter().map(|row| row.get(0)).collect()
}

/// One author: in a loop, the N+1.
pub(crate) async fn author(shop: &mut SqliteConnection, id: i64) -> String {
    let row = sqlx::query("SELECT name FROM authors WHERE id = ?").bind(id).fetch_one(shop).await;
    row.expect("an author").get(0)
}

/// Several at once.
pub(crate) async fn authors(shop: &mut SqliteConnection, ids: &[i64]) -> usize {
    let list = vec!["?"; ids.len()].join(", ");
    let sql = AssertSqlSafe(format!("SELECT name FROM authors WHERE id IN ({list})"));
    let query = ids.iter().fold(sqlx::query(sql), |query, id| query.bind(*id));
    query.fetch_all(shop).await.expect("authors").len()
}

/// Both at once.
pub(crate) async fn joined(shop: &mut SqliteConnection) -> usize {
    let sql = "SELECT b.id, a.name FROM books b JOIN authors a ON a.id = b.author_id";
    sqlx::query(sql).fetch_all(shop).await.expect("books with their authors").len()
}

/// Whether two authors know each other.
pub(crate) async fn pair(shop: &mut SqliteConnection, (a, b): (i64, i64)) {
    let sql = "SELECT count(*) FROM authors WHERE id = ? OR id = ?";
    sqlx::query(sql).bind(a).bind(b).fetch_one(shop).await.expect("a number");
}
