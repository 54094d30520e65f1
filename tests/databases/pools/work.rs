//! Requests of each driver, and in services, over pools of several sizes, on runtimes with one thread and with several.

mod services;

use std::hint::black_box;

use diesel::r2d2::ConnectionManager;
use diesel::{PgConnection, QueryableByName};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use perfassert::{endpoint_async, max_allocs, max_queries, unmeasured_async};
use sea_orm::ConnectionTrait;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

/// How many of them there are.
pub(crate) const FIXTURES: usize = 25;

const REQUESTS: i32 = 12;

fn url() -> String {
    perfassert::tokio_postgres::init().unwrap();
    std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL")
}

fn mariadb_url() -> String {
    perfassert::tokio_postgres::init().unwrap();
    std::env::var("MARIADB_URL").expect("the test that starts this fixture sets MARIADB_URL")
}

/// What the application does by itself in a request.
fn handle(id: i32) -> String {
    let label = format!("item {id}");
    if std::env::var_os("ONE_MORE").is_some_and(|more| more == "1") {
        drop(black_box(label.clone()));
    }
    black_box([label.as_str(), "and more"].concat())
}

/// One of several texts: which of them a connection has prepared is chance.
fn text(id: i32) -> &'static str {
    match id % 3 {
        0 => "SELECT $1::int4 + 0 AS n",
        1 => "SELECT $1::int4 + 1 AS n",
        _ => "SELECT $1::int4 + 2 AS n",
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    n: i32,
}

/// A way to ask, over a pool.
trait Ask: Clone + Send + Sync + 'static {
    fn ask(&self, id: i32) -> impl Future<Output = i32> + Send;
}

impl Ask for sqlx::PgPool {
    async fn ask(&self, id: i32) -> i32 {
        let mut transaction = self.begin().await.unwrap();
        let n = sqlx::query_scalar(text(id)).bind(id).fetch_one(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        n
    }
}

impl Ask for sqlx::SqlitePool {
    async fn ask(&self, id: i32) -> i32 {
        let text = if id % 2 == 0 { "SELECT ?1 + 0" } else { "SELECT ?1 + 1" };
        sqlx::query_scalar(text).bind(id).fetch_one(self).await.unwrap()
    }
}

impl Ask for sqlx::MySqlPool {
    async fn ask(&self, id: i32) -> i32 {
        let text = if id % 2 == 0 { "SELECT CAST(? + 0 AS INT)" } else { "SELECT CAST(? + 1 AS INT)" };
        sqlx::query_scalar(text).bind(id).fetch_one(self).await.unwrap()
    }
}

impl Ask for sea_orm::DatabaseConnection {
    async fn ask(&self, id: i32) -> i32 {
        let text =
            sea_orm::Statement::from_sql_and_values(sea_orm::DbBackend::Postgres, text(id), [id.into()]);
        self.query_one_raw(text).await.unwrap().unwrap().try_get("", "n").unwrap()
    }
}

impl Ask for deadpool_postgres::Pool {
    async fn ask(&self, id: i32) -> i32 {
        let client = self.get().await.unwrap();
        let statement = client.prepare_cached(text(id)).await.unwrap();
        client.query_one(&statement, &[&id]).await.unwrap().get(0)
    }
}

impl Ask for bb8_postgres::bb8::Pool<bb8_postgres::PostgresConnectionManager<NoTls>> {
    async fn ask(&self, id: i32) -> i32 {
        self.get().await.unwrap().query_one(text(id), &[&id]).await.unwrap().get(0)
    }
}

impl Ask for diesel_async::pooled_connection::deadpool::Pool<AsyncPgConnection> {
    async fn ask(&self, id: i32) -> i32 {
        let mut connection = self.get().await.unwrap();
        let query = diesel::sql_query(text(id)).bind::<diesel::sql_types::Integer, _>(id);
        diesel_async::RunQueryDsl::get_result::<Row>(query, &mut connection).await.unwrap().n
    }
}

impl Ask for diesel_async::pooled_connection::bb8::Pool<AsyncPgConnection> {
    async fn ask(&self, id: i32) -> i32 {
        let mut connection = self.get().await.unwrap();
        let query = diesel::sql_query(text(id)).bind::<diesel::sql_types::Integer, _>(id);
        diesel_async::RunQueryDsl::get_result::<Row>(query, &mut connection).await.unwrap().n
    }
}

impl Ask for diesel::r2d2::Pool<ConnectionManager<PgConnection>> {
    async fn ask(&self, id: i32) -> i32 {
        let mut connection = self.get().unwrap();
        let query = diesel::sql_query(text(id)).bind::<diesel::sql_types::Integer, _>(id);
        diesel::RunQueryDsl::get_result::<Row>(query, &mut connection).unwrap().n
    }
}

/// All requests at once.
async fn requests(pool: impl Ask) {
    let mut tasks = JoinSet::new();
    for id in 0..REQUESTS {
        let pool = pool.clone();
        tasks.spawn(endpoint_async("request", async move {
            let n = pool.ask(id).await;
            handle(n).len()
        }));
    }
    while let Some(length) = tasks.join_next().await {
        assert!(length.unwrap() > 0);
    }
}

async fn sqlx(size: u32) {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(size);
    let pool = unmeasured_async(options.connect(&url())).await.unwrap();
    requests(pool).await;
}

async fn sqlx_on_sqlite(size: u32) {
    url(); // The program has tokio-postgres in it, which is to be heard.
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(size);
    let pool = unmeasured_async(options.connect("sqlite::memory:")).await.unwrap();
    requests(pool).await;
}

async fn sqlx_on_mariadb(size: u32) {
    let options = sqlx::mysql::MySqlPoolOptions::new().max_connections(size);
    let pool = unmeasured_async(options.connect(&mariadb_url())).await.unwrap();
    requests(pool).await;
}

async fn sea_orm(size: u32) {
    let mut options = sea_orm::ConnectOptions::new(url());
    options.max_connections(size);
    requests(unmeasured_async(sea_orm::Database::connect(options)).await.unwrap()).await;
}

async fn axum(size: u32) {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(size);
    services::axum(unmeasured_async(options.connect(&url())).await.unwrap()).await;
}

async fn deadpool(size: u32) {
    let manager = deadpool_postgres::Manager::new(url().parse().unwrap(), NoTls);
    requests(deadpool_postgres::Pool::builder(manager).max_size(size as usize).build().unwrap()).await;
}

async fn bb8(size: u32) {
    let manager = bb8_postgres::PostgresConnectionManager::new_from_stringlike(url(), NoTls).unwrap();
    requests(bb8_postgres::bb8::Pool::builder().max_size(size).build(manager).await.unwrap()).await;
}

fn manager() -> AsyncDieselConnectionManager<AsyncPgConnection> {
    AsyncDieselConnectionManager::new(url())
}

async fn diesel_async_deadpool(size: u32) {
    use diesel_async::pooled_connection::deadpool::Pool;
    requests(Pool::builder(manager()).max_size(size as usize).build().unwrap()).await;
}

async fn diesel_async_bb8(size: u32) {
    use diesel_async::pooled_connection::bb8::Pool;
    requests(Pool::builder().max_size(size).build(manager()).await.unwrap()).await;
}

async fn r2d2(size: u32) {
    let manager = ConnectionManager::new(url());
    requests(diesel::r2d2::Pool::builder().max_size(size).build(manager).unwrap()).await;
}

macro_rules! fixtures {
    ($($name:ident: $driver:ident($size:literal) $flavor:literal;)*) => {
        $(
            #[max_queries(1000)]
            #[max_allocs(10_000)]
            #[ignore = "a fixture"]
            #[tokio::test(flavor = $flavor)]
            async fn $name() {
                $driver($size).await;
            }
        )*
    };
}

fixtures! {
    sqlx_2: sqlx(2) "current_thread";
    sqlx_4: sqlx(4) "current_thread";
    sqlx_8: sqlx(8) "current_thread";
    sqlx_2_threads: sqlx(2) "multi_thread";
    sqlx_4_threads: sqlx(4) "multi_thread";
    sqlx_8_threads: sqlx(8) "multi_thread";
    sqlite_4: sqlx_on_sqlite(4) "current_thread";
    sqlite_4_threads: sqlx_on_sqlite(4) "multi_thread";
    mariadb_4: sqlx_on_mariadb(4) "current_thread";
    mariadb_4_threads: sqlx_on_mariadb(4) "multi_thread";
    sea_orm_4: sea_orm(4) "current_thread";
    sea_orm_4_threads: sea_orm(4) "multi_thread";
    axum_4: axum(4) "current_thread";
    axum_2_threads: axum(2) "multi_thread";
    axum_8_threads: axum(8) "multi_thread";
    deadpool_4: deadpool(4) "current_thread";
    deadpool_4_threads: deadpool(4) "multi_thread";
    bb8_4: bb8(4) "current_thread";
    bb8_4_threads: bb8(4) "multi_thread";
    diesel_async_deadpool_4_threads: diesel_async_deadpool(4) "multi_thread";
    diesel_async_bb8_4_threads: diesel_async_bb8(4) "multi_thread";
    r2d2_4: r2d2(4) "current_thread";
    r2d2_4_threads: r2d2(4) "multi_thread";
}

#[max_queries(1000)]
#[max_allocs(10_000)]
#[ignore = "a fixture"]
#[actix_web::test]
async fn actix_4() {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(4);
    services::actix(unmeasured_async(options.connect(&url())).await.unwrap()).await;
}

/// Fails where it is asked to, and says by which line.
#[max_allocs(5, endpoint = "request")]
#[ignore = "a fixture"]
#[tokio::test]
async fn limited() {
    if std::env::var_os("LIMITED").is_some() {
        endpoint_async("request", async {
            (0..10).for_each(|id| drop(black_box(handle(id))));
        })
        .await;
    } else {
        sqlx(2).await;
    }
}
