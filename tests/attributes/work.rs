//! What the tests under the attributes do.

use sqlx::{Connection, SqliteConnection, SqlitePool};

/// How many queries the tests of [`orders`](crate::orders) send; an environment variable, because a test has no arguments.
pub(crate) const VARIABLE: &str = "ATTRIBUTES_WORK";

/// The budget of the tests of [`orders`](crate::orders).
pub(crate) const BUDGET: u32 = 4;

/// The least that there is to do: nothing with a database, whose allocations are another number each time.
pub(crate) const LEAST: u32 = 3;

/// As many queries as there are to do: one in the body, one in a task, one on a thread, and the rest on a connection.
pub(crate) async fn work() {
    elsewhere().await;
    if amount() > LEAST {
        let mut connection =
            SqliteConnection::connect("sqlite::memory:").await.expect("a database in memory");
        rest(&mut connection).await;
    }
}

/// The same, on a connection of the pool.
pub(crate) async fn work_with(pool: SqlitePool) {
    elsewhere().await;
    if amount() > LEAST {
        rest(&mut pool.acquire().await.expect("a connection")).await;
    }
}

/// The same without a runtime and a database.
pub(crate) fn work_without_runtime() {
    on_a_thread();
    for _ in 1..amount() {
        perfassert::query("SELECT name FROM customers");
    }
}

/// How much there is to do; reading it is nobody's.
fn amount() -> u32 {
    let read = || std::env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
    perfassert::unmeasured(read).unwrap_or(BUDGET)
}

async fn elsewhere() {
    perfassert::query("SELECT id FROM orders");
    tokio::spawn(async { perfassert::query("SELECT total FROM orders") }).await.expect("the task ends");
    on_a_thread();
}

fn on_a_thread() {
    let query = || perfassert::query("SELECT name FROM shops");
    std::thread::spawn(query).join().expect("the thread ends");
}

async fn rest(connection: &mut SqliteConnection) {
    for _ in LEAST..amount() {
        sqlx::query("SELECT 7").execute(&mut *connection).await.expect("selecting seven");
    }
}
