//! Requests that carry a test's `traceparent` are the test's, on a server that another one started.

use std::net::SocketAddr;
use std::sync::OnceLock;

use perfassert::record::{Outcome, Record};
use perfassert::{max_queries, measure_async, unmeasured_async};
use perfassert_test_support::child::{Child, Ran, list, record_of};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::client::{call, call_joined};
use crate::work::pool;
use crate::{axum_08, endpoints, grpc};

/// Runs `serve` on threads of the whole process, which belong to whoever calls first.
fn start(serve: impl FnOnce(std::sync::mpsc::Sender<SocketAddr>) + Send + 'static) -> SocketAddr {
    let (send, address) = std::sync::mpsc::channel();
    std::thread::spawn(|| serve(send));
    address.recv().unwrap()
}

fn of_axum() -> SocketAddr {
    static SERVER: OnceLock<SocketAddr> = OnceLock::new();
    *SERVER.get_or_init(|| {
        start(|send| {
            Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                send.send(listener.local_addr().unwrap()).unwrap();
                axum::serve(listener, axum_08::app(pool().await)).await.unwrap();
            });
        })
    })
}

fn of_tonic() -> SocketAddr {
    static SERVER: OnceLock<SocketAddr> = OnceLock::new();
    *SERVER.get_or_init(|| {
        start(|send| {
            Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                send.send(listener.local_addr().unwrap()).unwrap();
                grpc::serve(listener, pool().await).await;
            });
        })
    })
}

fn of_actix() -> SocketAddr {
    static SERVER: OnceLock<SocketAddr> = OnceLock::new();
    *SERVER.get_or_init(|| {
        start(|send| {
            actix_web::rt::System::new().block_on(async {
                let pool = pool().await;
                let server = actix_web::HttpServer::new(move || crate::actix::app(pool.clone()));
                let server = server.workers(2).bind(("127.0.0.1", 0)).unwrap();
                send.send(server.addrs()[0]).unwrap();
                server.run().await.unwrap();
            });
        })
    })
}

/// What each test sends, and what it alone sends.
async fn send(n: u32) {
    for _ in 0..5 {
        call_joined(of_axum(), &format!("/a/{n}")).await;
        call_joined(of_actix(), &format!("/b/{n}")).await;
        grpc::list_joined(of_tonic(), n).await;
        let path = format!("/stream/{n}");
        tokio::join!(call_joined(of_axum(), &path), call_joined(of_actix(), "/a/1"));
    }
}

/// What a test that sent this is to have.
fn sent(n: u32) -> [String; 5] {
    [
        // axum and actix-web: of the dearest of them.
        format!("GET /a/{{n}} | 10 requests, 0 failed | {}x SELECT ? AS a", n.max(1)),
        format!("GET /b/{{n}} | 5 requests, 0 failed | {n}x SELECT ? AS b"),
        format!("GET /stream/{{n}} | 5 requests, 0 failed | {n}x SELECT ? AS of_a_frame"),
        format!("POST /shop.Orders/List | 5 requests, 0 failed | {n}x SELECT ? AS a"),
        format!("{}x SELECT ? AS a; {}x SELECT ? AS b; {}x SELECT ? AS of_a_frame", 10 * n + 5, 5 * n, 5 * n),
    ]
}

#[track_caller]
fn check_sent(record: &Record, n: u32) {
    let mut seen = endpoints(record);
    seen.push(list(&record.statements));
    assert_eq!(seen, sent(n), "{}", record.test);
    // A server's pool opens its connections when the first request comes, and these are nobody's.
    assert_eq!(list(&record.unattributed), "", "{}", record.test);
    assert_eq!(record.outcome, Outcome::Passed, "{}", record.test);
}

mod at_once {
    use super::*;

    macro_rules! tests {
        ($($name:ident $n:literal)*) => {
            $(
                #[max_queries(1000)]
                #[ignore = "a fixture"]
                #[tokio::test]
                async fn $name() {
                    send($n).await;
                }
            )*
        };
    }

    tests!(a 1 b 2 c 3 d 4 e 5 f 6 g 7 h 8);

    #[test]
    fn tests_that_share_servers_are_told_apart() {
        for threads in [8, 1] {
            let Ran { passed, output, records } = Child::matching("joined::at_once::", threads).run();
            assert!(passed, "{output}");
            assert_eq!(records.len(), 8);
            for (record, n) in records.iter().zip(1..) {
                check_sent(record, n);
            }
            let mut ids: Vec<_> =
                records.iter().map(|record| record.trace_id.clone().expect("there is one")).collect();
            assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 8);
        }
    }
}

/// Not measured: the servers' threads are nobody's.
mod of_nobody {
    use super::*;

    #[ignore = "a fixture"]
    #[test]
    fn a_starts_the_servers() {
        let _ = (of_axum(), of_actix(), of_tonic());
    }

    #[max_queries(1000)]
    #[ignore = "a fixture"]
    #[tokio::test]
    async fn b_is_joined() {
        send(3).await;
    }

    #[max_queries(0)]
    #[ignore = "a fixture"]
    #[tokio::test]
    async fn c_is_not() {
        call(of_axum(), "GET", "/a/3", "").await;
        call(of_actix(), "GET", "/a/3", "").await;
        // Of another process, or made by a tracing library.
        let foreign = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
        call(of_axum(), "GET", "/a/3", foreign).await;
        call(of_actix(), "GET", "/a/3", foreign).await;
    }

    #[test]
    fn servers_that_were_there_before_the_test_are_joined_by_the_header() {
        let Ran { passed, output, records } = Child::matching("joined::of_nobody::", 1).run();
        assert!(passed, "{output}");
        let [joined, not] = records.as_slice() else { panic!("{output}") };
        check_sent(joined, 3);
        assert!(not.endpoints.is_empty() && not.statements.is_empty() && not.trace_id.is_none(), "{not:?}");
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn in_parts() {
    let address = of_axum();
    unmeasured_async(call_joined(address, "/b/7")).await;
    let (_, section) = measure_async("section", call_joined(address, "/a/3")).await;
    assert_eq!(section.get(&perfassert::Metric::Queries), Some(3));
    // A client that exports traces puts a span of its own in.
    let header = perfassert::traceparent().unwrap();
    let header = format!("traceparent: {}-00f067aa0ba902b7-00\r\n", &header[..35]);
    call(address, "GET", "/a/2", &header).await;
}

#[test]
fn a_request_counts_where_it_was_sent() {
    let record = record_of("joined::in_parts");
    assert_eq!(endpoints(&record), ["GET /a/{n} | 2 requests, 0 failed | 3x SELECT ? AS a"]);
    assert_eq!(list(&record.statements), "5x SELECT ? AS a");
}

mod layer {
    use std::convert::Infallible;

    use perfassert::max_allocs;
    use perfassert::tower::TraceparentLayer;
    use tower::{Layer, ServiceExt, service_fn};

    use super::*;

    type Request = axum::http::Request<()>;

    /// The header with which a request arrives.
    async fn sent(request: Request) -> Option<String> {
        let echo = service_fn(async |request: Request| {
            let header = request.headers().get("traceparent");
            Ok::<_, Infallible>(header.map(|header| header.to_str().unwrap().to_owned()))
        });
        TraceparentLayer::new().layer(echo).oneshot(request).await.unwrap()
    }

    #[max_allocs(1000)]
    #[ignore = "a fixture"]
    #[tokio::test]
    async fn in_a_test() {
        assert_eq!(sent(Request::default()).await, perfassert::traceparent());
        let mut own = Request::default();
        own.headers_mut().insert("traceparent", "theirs".try_into().unwrap());
        assert_eq!(sent(own).await.as_deref(), Some("theirs"));
    }

    #[test]
    fn it_sends_the_tests_header_with_requests_that_have_none() {
        assert!(record_of("joined::layer::in_a_test").trace_id.is_some());
    }

    #[tokio::test]
    async fn outside_of_a_test_it_sends_none() {
        assert_eq!(sent(Request::default()).await, None);
    }
}
