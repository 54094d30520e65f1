//! What the tests run: `perfassert-children-tests <what to do>`.

use std::hint::black_box;
use std::io::Write;
use std::process::Command;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use perfassert::tower::EndpointLayer;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

// The runtime's threads are there before the program joins.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().expect("what to do");
    let _joined = (!what.starts_with("stay away")).then(perfassert::child::join);
    match what.as_str() {
        "query" => query(&pool().await).await,
        "query on threads" => {
            let pool = pool().await;
            let each = [query(&pool), query(&pool)].map(|_| tokio::spawn(spawned(pool.clone())));
            for task in each {
                task.await.unwrap();
            }
        }
        "count" => perfassert::counter("mail.sent").add(3),
        "allocate" => (0..1000).for_each(|_| drop(black_box(Box::new(0_u64)))),
        "part" => perfassert::endpoint("job invoices", || perfassert::query("SELECT 1 FROM invoices")),
        "exit" => {
            query(&pool().await).await;
            std::process::exit(0);
        }
        // Without an environment of its own.
        "start" => start(Command::new(std::env::current_exe().unwrap()).args(arguments).env_clear()),
        "start unmeasured" => perfassert::unmeasured(|| {
            start(Command::new(std::env::current_exe().unwrap()).args(arguments));
        }),
        "stay away until told" | "wait until told" => drop(std::io::read_to_string(std::io::stdin())),
        "serve" => serve().await,
        _ => {}
    }
}

fn start(program: &mut Command) {
    assert!(program.status().unwrap().success());
}

async fn pool() -> SqlitePool {
    SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap()
}

async fn query(pool: &SqlitePool) {
    let _: i64 = sqlx::query_scalar("SELECT 1 AS one").fetch_one(pool).await.unwrap(); // the line of it
}

async fn spawned(pool: SqlitePool) {
    query(&pool).await;
}

/// On a port that it prints.
async fn serve() {
    let pool = pool().await;
    let list = |pool: SqlitePool| async move {
        query(&pool).await;
        query(&pool).await;
    };
    let listed = pool.clone();
    let app = Router::new()
        .route("/orders/{id}", get(move || list(listed)))
        .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .layer(EndpointLayer::new());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut out = std::io::stdout();
    writeln!(out, "{}", listener.local_addr().unwrap()).unwrap();
    axum::serve(listener, app).await.unwrap();
}
