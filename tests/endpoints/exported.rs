//! The trace id of a record is that of the trace which the application exports by OpenTelemetry.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use perfassert::max_queries;
use perfassert::tower::EndpointLayer;
use perfassert_test_support::child::Child;
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use tokio::task::yield_now;
use tokio::time::timeout;
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

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

/// What an application does to go on with the trace of a request.
async fn trace(request: Request, next: Next) -> Response {
    let context = TraceContextPropagator::new().extract(&Headers(request.headers()));
    let span = {
        let _attached = context.attach();
        tracing::info_span!("request")
    };
    next.run(request).instrument(span).await
}

async fn serve() -> std::net::SocketAddr {
    let app = Router::new()
        .route("/orders", get(async |State(pool): State<SqlitePool>| select(&pool, A, 2).await))
        .with_state(pool().await)
        .layer(from_fn(trace))
        .layer(EndpointLayer::new());
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

#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test]
async fn one_request() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    call_joined(serve().await, "/orders").await;
    let exported =
        timeout(Duration::from_secs(20), request_of(&exporter)).await.expect("the request is exported");
    let (trace, parent) = (exported.span_context.trace_id(), exported.parent_span_id);
    let header = format!("00-{trace}-{parent}-01");
    assert_eq!(Some(header), perfassert::traceparent());
    print(&format!("exported: {trace}"));
}

#[test]
fn the_trace_that_the_application_exports_has_the_records_id() {
    let run = Child::one("exported::one_request").printing().run();
    assert!(run.passed, "{}", run.output);
    let record = &run.records[0];
    assert_eq!(crate::endpoints(record), ["GET /orders | 1 requests, 0 failed | 2x SELECT ? AS a"]);
    let id = record.trace_id.as_deref().expect("there is one");
    assert!(run.output.contains(&format!("exported: {id}\n")), "{id}\n{}", run.output);
}
