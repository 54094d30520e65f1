//! Statements in each of the driver's ways to send them.

use std::pin::pin;

use futures::{SinkExt, TryStreamExt};
use perfassert::max_queries;
use tokio_postgres::types::Type;

use super::{INSERT, connect, connect_unheard, count, name_of};

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn reads_and_writes() {
    let client = connect().await;
    for id in 11..14 {
        assert_eq!(client.execute(INSERT, &[&id]).await.unwrap(), 1);
    }
    client.execute("UPDATE item SET name = $1 WHERE shop = $2", &[&"b", &1]).await.unwrap();
    client.execute("DELETE FROM item WHERE id > 10", &[]).await.unwrap();
    assert_eq!(client.query("SELECT name FROM item", &[]).await.unwrap().len(), 5);
}

/// Q7
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn many_rows_at_once() {
    let client = connect().await;
    let insert = "INSERT INTO item VALUES (21, 'a', 1), (22, 'b', 2), ($1, 'c', 3)";
    assert_eq!(client.execute(insert, &[&23]).await.unwrap(), 3);
    assert_eq!(count(&client).await, 8);
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn by_text() {
    let client = connect().await;
    for id in 1..4 {
        name_of(&client, id).await;
    }
    assert!(client.query_opt("SELECT name FROM item WHERE id = 9", &[]).await.unwrap().is_none());
}

/// Q21
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn prepared() {
    let client = connect().await;
    let by_id = client.prepare("SELECT name FROM item WHERE id = $1").await.unwrap();
    let by_shop = client.prepare_typed("SELECT name FROM item WHERE shop = $1", &[Type::INT4]).await.unwrap();
    client.prepare("SELECT id FROM item").await.unwrap();
    for n in 1..3 {
        client.query_one(&by_id, &[&n]).await.unwrap();
        client.query(&by_shop, &[&n]).await.unwrap();
    }
    client.query_opt(&by_id, &[&9]).await.unwrap();
}

/// Q19
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_in_a_simple_query() {
    let client = connect().await;
    client.simple_query("INSERT INTO item VALUES (31, 'x; y', 1); SELECT name FROM item").await.unwrap();
    assert_eq!(count(&client).await, 6);
}

/// Q19
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn batch_of_two() {
    let client = connect().await;
    let text = "INSERT INTO item VALUES (31, 'x; y', 1); UPDATE item SET shop = 2 WHERE id = 31";
    client.batch_execute(text).await.unwrap();
    assert_eq!(count(&client).await, 6);
}

/// Q18
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn copy_in_and_out() {
    let client = connect().await;
    {
        let mut copy = pin!(client.copy_in("COPY item FROM STDIN (FORMAT csv)").await.unwrap());
        copy.send("51,a,1\n52,b,1\n".as_bytes()).await.unwrap();
        assert_eq!(copy.finish().await.unwrap(), 2);
    }
    let rows = client.copy_out("COPY item TO STDOUT").await.unwrap();
    rows.try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(count(&client).await, 7);
}

/// Q24
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn dropped_after_a_row() {
    let client = connect().await;
    {
        let none: [i32; 0] = [];
        let mut rows = pin!(client.query_raw("SELECT id FROM item", none).await.unwrap());
        rows.try_next().await.unwrap().unwrap();
    }
    assert_eq!(count(&client).await, 5);
}

/// Q22: on a new connection the driver looks the type up, on a warm one it does not.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn an_enum_of_ones_own() {
    connect().await.batch_execute("CREATE TYPE mood AS ENUM ('happy', 'sad')").await.unwrap();
    for _ in 0..2 {
        let client = connect().await;
        for _ in 0..2 {
            let row = client.query_one("SELECT 'sad'::mood, ARRAY['happy'::mood]", &[]).await.unwrap();
            assert_eq!(row.columns()[0].type_().name(), "mood");
        }
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn typed() {
    let client = connect().await;
    for id in 1..3 {
        let by_id = "SELECT name FROM item WHERE id = $1";
        assert_eq!(client.query_typed(by_id, &[(&id, Type::INT4)]).await.unwrap().len(), 1);
    }
    assert_eq!(count(&client).await, 5);
}

/// The other way to be heard.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn through_the_log_tracer() {
    tracing_log::LogTracer::init().unwrap();
    let client = connect_unheard().await;
    for id in 1..4 {
        name_of(&client, id).await;
    }
    assert_eq!(count(&client).await, 5);
}
