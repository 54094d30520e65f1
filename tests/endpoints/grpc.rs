//! gRPC with tonic: what its build script would generate is written by hand, with a message of one number.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use futures::StreamExt;
use perfassert::max_queries;
use perfassert::tower::{EndpointLayer, TraceparentLayer};
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use tonic::client::{Grpc as Client, GrpcService};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::{BoxFuture, BoxStream, Context, Poll, http};
use tonic::server::{Grpc, NamedService};
use tonic::service::Routes;
use tonic::transport::{Channel, Server, server::TcpIncoming};
use tonic::{Request, Response, Status};
use tower::{Layer, Service, service_fn};

use crate::check;
use crate::work::{A, B, frames, pool, select};

/// A message of one number.
#[derive(Clone, Copy, Default)]
struct Number;

impl Codec for Number {
    type Encode = u32;
    type Decode = u32;
    type Encoder = Number;
    type Decoder = Number;

    fn encoder(&mut self) -> Number {
        Number
    }

    fn decoder(&mut self) -> Number {
        Number
    }
}

impl Encoder for Number {
    type Item = u32;
    type Error = Status;

    fn encode(&mut self, number: u32, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put_u32(to, number);
        Ok(())
    }
}

impl Decoder for Number {
    type Item = u32;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<u32>, Status> {
        Ok(Some(bytes::Buf::get_u32(from)))
    }
}

/// The service `shop.Orders`.
#[derive(Clone)]
pub(crate) struct Orders(pub(crate) SqlitePool);

impl NamedService for Orders {
    const NAME: &'static str = "shop.Orders";
}

impl Orders {
    async fn unary(self, method: String, n: Request<u32>) -> Result<Response<u32>, Status> {
        let n = n.into_inner();
        let sql = if method == "Find" { B } else { A };
        select(&self.0, sql, n as usize).await;
        match method.as_str() {
            "Broken" => Err(Status::internal("out of order")),
            "Missing" => Err(Status::not_found("no such order")),
            "Later" => Err(Status::unimplemented("in the next release")),
            "Panics" => panic!("a handler"),
            _ => Ok(Response::new(n)),
        }
    }

    async fn streaming(self, method: String, n: Request<u32>) -> Result<Response<BoxStream<u32>>, Status> {
        let last: Option<fn() -> Status> =
            (method == "WatchBroken").then_some(|| Status::unavailable("gone"));
        let frames = frames(self.0, n.into_inner() as usize, last);
        Ok(Response::new(frames.map(|frame| frame.map(|frame| frame.len() as u32)).boxed()))
    }
}

impl<B> Service<http::Request<B>> for Orders
where
    B: tonic::codegen::Body + Send + 'static,
    B::Error: Into<tonic::codegen::StdError> + Send,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let orders = self.clone();
        let method = request.uri().path().strip_prefix("/shop.Orders/").unwrap_or_default().to_owned();
        Box::pin(async move {
            let mut grpc = Grpc::new(Number);
            Ok(match method.as_str() {
                "List" | "Find" | "Broken" | "Missing" | "Later" | "Panics" => {
                    let unary = service_fn(move |n| orders.clone().unary(method.clone(), n));
                    grpc.unary(unary, request).await
                }
                "Watch" | "WatchBroken" => {
                    let streaming = service_fn(move |n| orders.clone().streaming(method.clone(), n));
                    grpc.server_streaming(streaming, request).await
                }
                // As tonic's build script has it.
                _ => {
                    let mut response = http::Response::new(tonic::body::Body::default());
                    let headers = response.headers_mut();
                    headers.insert(Status::GRPC_STATUS, (tonic::Code::Unimplemented as i32).into());
                    headers.insert(http::header::CONTENT_TYPE, tonic::metadata::GRPC_CONTENT_TYPE);
                    response
                }
            })
        })
    }
}

/// Calls a method and reads the answer to its end. All are called as streams: of one message, if they are none.
async fn call<S>(service: S, path: &'static str, n: u32) -> Result<usize, Status>
where
    S: GrpcService<tonic::body::Body>,
    S::ResponseBody: tonic::codegen::Body<Data = bytes::Bytes> + Send + 'static,
    <S::ResponseBody as tonic::codegen::Body>::Error: Into<tonic::codegen::StdError> + Send,
{
    let mut client = Client::with_origin(service, http::Uri::from_static("http://localhost"));
    let ready = client.ready().await;
    ready.map_err(|error| Status::unavailable(error.into().to_string()))?;
    let path = http::uri::PathAndQuery::from_static(path);
    let mut messages = client.server_streaming(Request::new(n), path, Number).await?.into_inner();
    let mut count = 0;
    while messages.message().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

async fn call_all<S>(service: S)
where
    S: GrpcService<tonic::body::Body> + Clone,
    S::ResponseBody: tonic::codegen::Body<Data = bytes::Bytes> + Send + 'static,
    <S::ResponseBody as tonic::codegen::Body>::Error: Into<tonic::codegen::StdError> + Send,
{
    let call = |path, n| call(service.clone(), path, n);
    assert_eq!(call("/shop.Orders/List", 2).await.unwrap(), 1);
    assert_eq!(call("/shop.Orders/Watch", 3).await.unwrap(), 3);
    let (a, b) = tokio::join!(call("/shop.Orders/List", 4), call("/shop.Orders/Find", 6));
    assert_eq!((a.unwrap(), b.unwrap()), (1, 1));
    for path in ["/shop.Orders/Broken", "/shop.Orders/Missing", "/shop.Orders/Later"] {
        call(path, 1).await.unwrap_err();
    }
    call("/shop.Orders/WatchBroken", 3).await.unwrap_err();
    // No such method, no such service.
    for path in ["/shop.Orders/Forget", "/shop.Orders/Forgive", "/shop.Customers/List"] {
        assert_eq!(call(path, 1).await.unwrap_err().code(), tonic::Code::Unimplemented);
    }
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn around_routes() {
    call_all(EndpointLayer::new().layer(Routes::new(Orders(pool().await)))).await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn in_a_router_of_axum() {
    let router = Routes::new(Orders(pool().await)).into_axum_router();
    call_all(router.layer(EndpointLayer::new())).await;
}

/// Which answers 404 where it knows no route.
#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn among_other_routes() {
    let router = Router::new().route_service("/shop.Orders/{*method}", Orders(pool().await));
    call_all(router.layer(EndpointLayer::new())).await;
}

/// Serves on a port of its own.
pub(crate) async fn serve(listener: TcpListener, pool: SqlitePool) {
    let server = Server::builder().layer(EndpointLayer::new()).add_service(Orders(pool));
    server.serve_with_incoming(TcpIncoming::from(listener)).await.unwrap();
}

async fn connect(address: SocketAddr) -> Channel {
    Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

async fn serve_and_call() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, pool().await));
    let channel = connect(address).await;
    call_all(channel.clone()).await;
    // The connection outlives it.
    call(channel, "/shop.Orders/Panics", 1).await.unwrap_err();
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test]
async fn served() {
    serve_and_call().await;
}

#[max_queries(100)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn served_on_several_threads() {
    serve_and_call().await;
}

/// Lists `n` orders on somebody's server, as the calling test.
pub(crate) async fn list_joined(address: SocketAddr, n: u32) {
    let channel = TraceparentLayer::new().layer(connect(address).await);
    assert_eq!(call(channel, "/shop.Orders/List", n).await.unwrap(), 1);
}

#[test]
fn endpoints_are_service_and_method_and_end_with_the_stream() {
    let expected = [
        "POST (no route) | 3 requests, 0 failed | ",
        "POST /shop.Orders/Broken | 1 requests, 1 failed | 1x SELECT ? AS a",
        "POST /shop.Orders/Find | 1 requests, 0 failed | 6x SELECT ? AS b",
        "POST /shop.Orders/Later | 1 requests, 0 failed | 1x SELECT ? AS a",
        "POST /shop.Orders/List | 2 requests, 0 failed | 4x SELECT ? AS a",
        "POST /shop.Orders/Missing | 1 requests, 0 failed | 1x SELECT ? AS a",
        "POST /shop.Orders/Watch | 1 requests, 0 failed | 3x SELECT ? AS of_a_frame",
        "POST /shop.Orders/WatchBroken | 1 requests, 1 failed | 3x SELECT ? AS of_a_frame",
    ];
    for fixture in ["around_routes", "in_a_router_of_axum", "among_other_routes"] {
        check(&format!("grpc::{fixture}"), &expected);
    }
    let mut expected = expected.to_vec();
    expected.insert(6, "POST /shop.Orders/Panics | 1 requests, 1 failed | 1x SELECT ? AS a");
    for fixture in ["served", "served_on_several_threads"] {
        check(&format!("grpc::{fixture}"), &expected);
    }
}
