//! Under a subscriber whose parts can be found (`perfassert::subscriber`): its layers find their spans, and counts and lines are what
//! they are without.

use futures::join;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use perfassert::{endpoint_async, max_queries};
use sqlx::{Connection, SqliteConnection};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tracing::subscriber::{set_default, set_global_default};
use tracing::{Instrument, Span, Subscriber, debug_span, info_span};
use tracing_error::{ErrorLayer, SpanTrace, SpanTraceStatus};
use tracing_opentelemetry::{OpenTelemetrySpanExt, SetParentError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;

use crate::{endpoint, record_of};
use perfassert_test_support::child::list;

/// An application's: layers that are looked for, and a filter.
fn subscriber() -> impl Subscriber + Send + Sync {
    let tracer = SdkTracerProvider::builder().build().tracer("shop");
    let layers = tracing_subscriber::registry()
        .with(EnvFilter::new("info"))
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .with(ErrorLayer::default());
    perfassert::subscriber(layers)
}

async fn connect() -> SqliteConnection {
    SqliteConnection::connect("sqlite::memory:").await.unwrap()
}

async fn one(connection: &mut SqliteConnection) {
    let _: i64 = sqlx::query_scalar("SELECT 1 AS one").fetch_one(connection).await.unwrap();
}

async fn other(connection: &mut SqliteConnection) {
    let _: i64 = sqlx::query_scalar("SELECT 1 AS other").fetch_one(connection).await.unwrap();
}

/// Whether the layers find the current span.
fn is_found() -> bool {
    let is_traced = SpanTrace::capture().status() == SpanTraceStatus::CAPTURED;
    let context = Span::current().context();
    assert_eq!(context.span().span_context().is_valid(), is_traced);
    is_traced
}

/// Looks for spans wherever there is one, and where there is none.
async fn look() {
    let mut connection = connect().await;
    assert!(!is_found());
    one(&mut connection).await;
    assert!(!is_found());
    let unwanted = debug_span!("unwanted");
    assert!(matches!(unwanted.set_parent(Span::current().context()), Err(SetParentError::SpanDisabled)));
    one(&mut connection).instrument(unwanted).await;
    async {
        assert!(is_found());
        one(&mut connection).await;
        assert!(is_found());
        let task = async { assert!(is_found()) };
        tokio::spawn(task.in_current_span()).await.unwrap();
        let child = info_span!("child");
        assert!(child.in_scope(is_found));
        child.clone().in_scope(|| assert!(is_found()));
    }
    .instrument(info_span!("request"))
    .await;
    assert!(!is_found());
}

#[max_queries(3)]
#[ignore = "a fixture"]
#[tokio::test]
async fn global() {
    set_global_default(subscriber()).unwrap();
    look().await;
}

#[max_queries(3)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread")]
async fn on_workers() {
    set_global_default(subscriber()).unwrap();
    tokio::spawn(look()).await.unwrap();
}

#[ignore = "a fixture"]
#[test]
fn scoped() {
    #[max_queries(3)]
    fn body() {
        Builder::new_current_thread().build().unwrap().block_on(look());
    }

    let _guard = set_default(subscriber());
    body();
}

#[test]
fn layers_find_their_spans() {
    for fixture in ["global", "on_workers", "scoped"] {
        let record = record_of(&format!("wrapped::{fixture}"));
        assert_eq!(list(&record.statements), "3x SELECT ? AS one", "{fixture}");
    }
}

/// The commands of two connections go to their workers under the same span, in turns and at once.
#[max_queries(40)]
#[ignore = "a fixture"]
#[tokio::test]
async fn two_connections() {
    set_global_default(subscriber()).unwrap();
    let (mut first, mut second) = (connect().await, connect().await);
    let work = async {
        for _ in 0..20 {
            join!(one(&mut first), other(&mut second));
        }
    };
    work.instrument(info_span!("request")).await;
}

#[test]
fn each_query_has_its_own_line() {
    let record = record_of("wrapped::two_connections");
    assert_eq!(list(&record.statements), "20x SELECT ? AS one; 20x SELECT ? AS other");
    for statement in record.statements.iter().filter(|statement| statement.sql.starts_with("SELECT")) {
        let functions: Vec<_> = statement.sites.iter().map(|site| site.function.as_str()).collect();
        let expected = statement.sql.rsplit(' ').next().unwrap();
        assert_eq!(functions, [format!("wrapped::{expected}")], "{}", statement.sql);
    }
}

/// What a span of the endpoint carries counts for it, wherever it is done.
#[max_queries(2)]
#[ignore = "a fixture"]
#[tokio::test(flavor = "multi_thread")]
async fn spawned() {
    set_global_default(subscriber()).unwrap();
    let mut connection = connect().await;
    let request = async {
        let task = async move {
            yield_now().await;
            one(&mut connection).await;
            other(&mut connection).await;
        };
        tokio::spawn(task.in_current_span()).await.unwrap();
    };
    endpoint_async("GET /", async { request.instrument(info_span!("request")).await }).await;
}

#[test]
fn a_span_carries_its_endpoint() {
    let record = record_of("wrapped::spawned");
    assert_eq!(list(&endpoint(&record, "GET /").statements), "1x SELECT ? AS one; 1x SELECT ? AS other");
}
