//! The trace id of a record is that of the trace which the application exports by OpenTelemetry.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData, Tracer};
use perfassert::max_queries;
use perfassert::tower::EndpointLayer;
use perfassert_test_support::child::Child;
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use tokio::task::yield_now;
use tokio::time::timeout;
use tracing::subscriber::set_global_default;
use tracing::{Instrument, Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Layered, SubscriberExt};

use crate::client::call_joined;
use crate::work::{A, pool, select};

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

/// What an application does to go on with the trace of a request: OpenTelemetry's context around the making of the span.
async fn attach(request: Request, next: Next) -> Response {
    let context = TraceContextPropagator::new().extract(&Headers(request.headers()));
    let span = {
        let _attached = context.attach();
        tracing::info_span!("request")
    };
    next.run(request).instrument(span).await
}

/// The same by its layer for `tracing`, which is to be found then.
async fn set_parent(request: Request, next: Next) -> Response {
    let span = tracing::info_span!("request");
    span.set_parent(TraceContextPropagator::new().extract(&Headers(request.headers()))).unwrap();
    next.run(request).instrument(span).await
}

/// Two queries, in the trace that the handler finds.
async fn orders(State(pool): State<SqlitePool>) {
    let found = Span::current().context().span().span_context().trace_id();
    print(&format!("in the handler: {found}"));
    select(&pool, A, 2).await;
}

async fn serve(traced: fn(Router) -> Router) -> std::net::SocketAddr {
    let app = Router::new().route("/orders", get(orders)).with_state(pool().await);
    let app = traced(app).layer(EndpointLayer::new());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

/// The span ends when the worker of SQLite, too, lets go of it.
async fn request_of(exporter: &InMemorySpanExporter) -> SpanData {
    loop {
        let spans = exporter.get_finished_spans().unwrap();
        if let Some(request) = spans.into_iter().find(|span| span.name == "request") {
            return request;
        }
        yield_now().await;
    }
}

#[expect(clippy::print_stdout, reason = "it is what the test reads")]
fn print(line: &str) {
    println!("{line}");
}

/// One request of a test to an application that exports its traces.
async fn one_request<S>(
    traced: fn(Router) -> Router,
    subscriber: fn(Layered<OpenTelemetryLayer<Registry, Tracer>, Registry>) -> S,
) where
    S: Subscriber + Send + Sync,
{
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
    set_global_default(subscriber(tracing_subscriber::registry().with(layer))).unwrap();
    call_joined(serve(traced).await, "/orders").await;
    let exported =
        timeout(Duration::from_secs(20), request_of(&exporter)).await.expect("the request is exported");
    let (trace, parent) = (exported.span_context.trace_id(), exported.parent_span_id);
    let header = format!("00-{trace}-{parent}-01");
    assert_eq!(Some(header), perfassert::traceparent());
    print(&format!("exported: {trace}"));
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test]
async fn by_context() {
    one_request(|app| app.layer(from_fn(attach)), |subscriber| subscriber).await;
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test]
async fn by_context_wrapped() {
    one_request(|app| app.layer(from_fn(attach)), perfassert::subscriber).await;
}

#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test]
async fn by_set_parent() {
    one_request(|app| app.layer(from_fn(set_parent)), perfassert::subscriber).await;
}

#[track_caller]
fn check(fixture: &str, in_the_handler: bool) {
    let run = Child::one(&format!("exported::{fixture}")).printing().run();
    assert!(run.passed, "{}", run.output);
    let record = &run.records[0];
    assert_eq!(crate::endpoints(record), ["GET /orders | 1 requests, 0 failed | 2x SELECT ? AS a"]);
    let id = record.trace_id.as_deref().expect("there is one");
    for (place, expected) in [("exported", true), ("in the handler", in_the_handler)] {
        let found = run.output.contains(&format!("{place}: {id}\n"));
        assert_eq!(found, expected, "{fixture}, {place}: {id}\n{}", run.output);
    }
}

#[test]
fn the_trace_that_the_application_exports_has_the_records_id() {
    check("by_context", false);
    check("by_context_wrapped", true);
    check("by_set_parent", true);
}
