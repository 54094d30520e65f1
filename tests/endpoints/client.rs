//! As little of HTTP as it takes to call a server.

use std::net::SocketAddr;

use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What each framework is asked for, one after the other.
pub(crate) const REQUESTS: [(&str, &str); 12] = [
    ("GET", "/a/2"),
    ("HEAD", "/a/2"),
    ("OPTIONS", "/a/1"),
    ("GET", "/api/users/1"),
    ("GET", "/api/users/2"),
    ("GET", "/nothing/1"),
    ("GET", "/nothing/2"),
    ("GET", "/stream/3"),
    ("GET", "/cut/3"),
    ("GET", "/broken"),
    ("GET", "/panics"),
    ("GET", "/api/nothing"),
];

/// What it is asked for at once.
pub(crate) const AT_ONCE: [&str; 3] = ["/a/4", "/b/6", "/a/3"];

/// Sends all of them.
pub(crate) async fn call_all(address: SocketAddr) {
    for (method, path) in REQUESTS {
        call(address, method, path, "").await;
    }
    join_all(AT_ONCE.map(|path| call(address, "GET", path, ""))).await;
}

/// Sends a request and reads the answer to its end: the status line, or nothing where the server has hung up.
pub(crate) async fn call(address: SocketAddr, method: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A body that is cut off may end in a reset.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// Sends a request of the calling test's, and expects an answer.
pub(crate) async fn call_joined(address: SocketAddr, path: &str) {
    let header = perfassert::traceparent().expect("inside a test there is a header");
    let status = call(address, "GET", path, &format!("traceparent: {header}\r\n")).await;
    assert_eq!(status, "HTTP/1.1 200 OK", "{path}");
}
