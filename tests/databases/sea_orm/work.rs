//! The work: a fixture for each shape.

use futures::{TryStreamExt, future::try_join_all};
use perfassert::{endpoint_async, max_queries};
use sea_orm::ActiveValue::Set;
use sea_orm::prelude::*;
use sea_orm::{ConnectOptions, DatabaseTransaction, QueryOrder, Statement, TransactionTrait};

pub(crate) mod item {
    use sea_orm::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "item")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i32,
        pub(crate) name: String,
        pub(crate) shop: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use item::Entity as Item;

pub(crate) fn options() -> ConnectOptions {
    perfassert_database_tests::sqlite::trace();
    let url = std::env::var("DATABASE_URL").expect("the test that starts this fixture sets DATABASE_URL");
    let mut options = ConnectOptions::new(url);
    options.max_connections(3);
    options
}

async fn connect() -> DatabaseConnection {
    sea_orm::Database::connect(options()).await.unwrap()
}

fn new_item(id: i32) -> item::ActiveModel {
    item::ActiveModel { id: Set(id), name: Set("a 'new' one".to_owned()), shop: Set(1) }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn active_models() {
    let db = connect().await;
    for id in 11..14 {
        new_item(id).insert(&db).await.unwrap();
    }
    Item::update_many().col_expr(item::Column::Shop, Expr::value(2)).exec(&db).await.unwrap();
    Item::delete_by_id(11).exec(&db).await.unwrap();
    assert_eq!(Item::find().all(&db).await.unwrap().len(), 7);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn one_by_one() {
    let db = connect().await;
    for item in Item::find().all(&db).await.unwrap() {
        Item::find_by_id(item.id).one(&db).await.unwrap().unwrap();
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn batched() {
    let db = connect().await;
    let ids: Vec<i32> = Item::find().all(&db).await.unwrap().into_iter().map(|item| item.id).collect();
    assert_eq!(Item::find().filter(item::Column::Id.is_in(ids)).all(&db).await.unwrap().len(), 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn a_page_at_a_time() {
    let db = connect().await;
    let mut pages = Item::find().order_by_asc(item::Column::Id).paginate(&db, 2);
    let mut items = 0;
    while let Some(page) = pages.fetch_and_next().await.unwrap() {
        items += page.len();
    }
    assert_eq!(items, 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn dropped_after_a_row() {
    let db = connect().await;
    let mut items = Item::find().stream(&db).await.unwrap();
    assert!(items.try_next().await.unwrap().is_some());
    drop(items);
    assert_eq!(Item::find().count(&db).await.unwrap(), 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn nested_three_deep_with_an_inner_rollback() {
    async fn insert(transaction: &DatabaseTransaction, id: i32) {
        Item::insert(new_item(id)).exec_without_returning(transaction).await.unwrap();
    }
    let db = connect().await;
    let outer = db.begin().await.unwrap();
    insert(&outer, 41).await;
    let middle = outer.begin().await.unwrap();
    insert(&middle, 42).await;
    let inner = middle.begin().await.unwrap();
    insert(&inner, 43).await;
    inner.rollback().await.unwrap();
    insert(&middle, 44).await;
    middle.commit().await.unwrap();
    outer.commit().await.unwrap();
    assert_eq!(Item::find().all(&db).await.unwrap().len(), 8);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn rolled_back_on_drop() {
    let db = connect().await;
    let transaction = db.begin().await.unwrap();
    Item::insert(new_item(41)).exec_without_returning(&transaction).await.unwrap();
    drop(transaction);
    assert_eq!(Item::find().all(&db).await.unwrap().len(), 5);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn texts_of_ones_own() {
    let db = connect().await;
    let text = "INSERT INTO item VALUES (31, 'x', 1); UPDATE item SET shop = 2 WHERE id = 31";
    db.execute_unprepared(text).await.unwrap();
    for _ in 0..2 {
        let select = Statement::from_string(db.get_database_backend(), "SELECT name FROM item WHERE id = 31");
        db.query_one_raw(select).await.unwrap().unwrap();
    }
}

/// Q25: the constraint and the unknown column are noticed by the server.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn wrong() {
    let db = connect().await;
    assert!(Item::insert(new_item(1)).exec_without_returning(&db).await.is_err());
    assert_eq!(Item::find_by_id(1).one(&db).await.unwrap().unwrap().name, "one");
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread")]
async fn spawned() {
    let db = connect().await;
    let find = |id: i32| {
        let db = db.clone();
        tokio::spawn(async move { Item::find_by_id(id).one(&db).await.unwrap() })
    };
    assert_eq!(try_join_all((1..4).map(find)).await.unwrap().len(), 3);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn joined_endpoints() {
    let db = connect().await;
    let items = endpoint_async("GET /items", async {
        for id in 1..5 {
            Item::find_by_id(id).one(&db).await.unwrap();
        }
    });
    let item = endpoint_async("GET /items/{id}", async {
        Item::find_by_id(5).one(&db).await.unwrap();
    });
    tokio::join!(items, item);
}
