//! A websocket: the request ends with the upgrade, and what is done on the socket is the test's.

use axum::Router;
use axum::extract::{State, WebSocketUpgrade};
use axum::routing::get;
use perfassert::max_queries;
use perfassert::tower::EndpointLayer;
use perfassert_test_support::child::{list, record_of};
use sqlx::SqlitePool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::work::{A, pool, select};

const ON_THE_SOCKET: &str = "SELECT 1 AS on_the_socket";

/// Answers each message after a query.
async fn upgrade(State(pool): State<SqlitePool>, upgrade: WebSocketUpgrade) -> axum::response::Response {
    select(&pool, A, 1).await;
    upgrade.on_upgrade(async move |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            select(&pool, ON_THE_SOCKET, 1).await;
            socket.send(message).await.unwrap();
        }
    })
}

#[max_queries(3)]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_messages() {
    let app =
        Router::new().route("/socket", get(upgrade)).with_state(pool().await).layer(EndpointLayer::new());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    let request = "GET /socket HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(client.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    for _ in 0..2 {
        // A text of one letter, with a mask of zeros.
        client.write_all(&[0x81, 0x81, 0, 0, 0, 0, b'a']).await.unwrap();
        let mut echo = [0; 3];
        client.read_exact(&mut echo).await.unwrap();
        assert_eq!(echo, [0x81, 1, b'a']);
    }
}

#[test]
fn a_websocket_ends_its_request_with_the_upgrade() {
    let record = record_of("axum_08::socket::two_messages");
    assert_eq!(crate::endpoints(&record), ["GET /socket | 1 requests, 0 failed | 1x SELECT ? AS a"]);
    assert_eq!(list(&record.statements), "2x SELECT ? AS on_the_socket; 1x SELECT ? AS a");
}
