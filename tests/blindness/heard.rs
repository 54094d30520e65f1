//! Subscribers of the user's own, however they are set and whatever they filter: the test passes, is counted, and the user
//! reads exactly the log that there would be without perfassert.

use std::io::Write;

use perfassert::max_queries;
use perfassert_test_support::log::{ToLog, print_log};
use tracing::subscriber::set_global_default;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::shop::{block_on, serve};

fn subscriber(filter: &str) -> impl tracing::Subscriber + Send + Sync + use<> {
    fmt().with_env_filter(EnvFilter::new(filter)).with_ansi(false).without_time().with_writer(ToLog).finish()
}

fn global(filter: &str) {
    set_global_default(subscriber(filter)).expect("nobody else has set the global default");
}

/// The same, with parts that can be found.
fn wrapped(filter: &str) {
    set_global_default(perfassert::subscriber(subscriber(filter)))
        .expect("nobody else has set the global default");
}

fn layer<S>() -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    fmt::layer().with_ansi(false).without_time().with_writer(ToLog)
}

fn no_subscriber() {}

/// Each set-up inside of the body and before it, measured and not.
macro_rules! subscribers {
    ($($name:ident: $set:expr;)*) => { $(pub(crate) mod $name {
        use super::*;

        #[max_queries(2)]
        #[ignore = "a fixture"]
        #[test]
        fn inside() {
            $set;
            block_on(serve());
            print_log();
        }

        #[max_queries(2)]
        fn body() {
            block_on(serve());
        }

        #[ignore = "a fixture"]
        #[test]
        fn before() {
            $set;
            body();
            print_log();
        }

        #[max_queries(2)]
        #[ignore = "a fixture"]
        #[tokio::test]
        async fn in_tokio() {
            $set;
            serve().await;
            print_log();
        }

        #[ignore = "a fixture"]
        #[test]
        fn without_us() {
            $set;
            block_on(serve());
            print_log();
        }
    })* };
}

subscribers! {
    none: no_subscriber();
    info: global("info");
    info_without_sqlx: global("info,sqlx=off");
    off: global("off");
    everything: global("trace");
    queries_only: global("off,sqlx::query=debug");
    spans_off: global("debug,blindness=info");
    try_init: {
        let _ = subscriber("info").try_init();
        let _ = subscriber("trace").try_init();
    };
    per_layer: Registry::default()
        .with(layer().with_filter(EnvFilter::new("info,sqlx=off")))
        .with(layer().with_filter(EnvFilter::new("warn")))
        .init();
    global_filter_and_layer: Registry::default().with(EnvFilter::new("warn")).with(layer()).init();
    log_tracer: {
        tracing_log::LogTracer::init().expect("nobody else has set the global logger");
        global("info");
    };
    wrapped_info: wrapped("info");
    wrapped_off: wrapped("off");
    wrapped_everything: wrapped("trace");
    wrapped_try_init: {
        let _ = perfassert::subscriber(subscriber("info,sqlx=off")).try_init();
        let _ = perfassert::subscriber(subscriber("trace")).try_init();
    };
    scoped_before_the_runtime: std::mem::forget(tracing::subscriber::set_default(subscriber("off")));
}

/// A subscriber around a part of the test, in which a scope begins.
pub(crate) mod around_a_part {
    use tracing::subscriber::with_default;
    use tracing::{info, info_span};

    use super::*;

    #[max_queries(2)]
    #[ignore = "a fixture"]
    #[test]
    fn inside() {
        let early = info_span!("early");
        with_default(subscriber("info"), || {
            perfassert::measure("part", || block_on(serve()));
            early.in_scope(|| info!("in an early span"));
        });
        print_log();
    }

    #[ignore = "a fixture"]
    #[test]
    fn without_us() {
        with_default(subscriber("info"), || {
            block_on(serve());
            info!("in an early span");
        });
        print_log();
    }
}

/// What a thread logs when its locals are destroyed.
pub(crate) mod at_the_end_of_a_thread {
    use std::cell::RefCell;
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering::Relaxed;
    use std::thread;

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Span, info, info_span};

    use super::*;

    /// Needs no local of the thread, as those of `tracing_subscriber` do.
    struct Plain(AtomicU64);

    impl tracing::Subscriber for Plain {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            // How often the spans of a future are entered depends on the workers.
            metadata.target().starts_with("blindness::heard")
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(self.0.fetch_add(1, Relaxed))
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            writeln!(ToLog, "line {}", event.metadata().line().unwrap_or_default()).unwrap();
        }

        fn enter(&self, id: &Id) {
            writeln!(ToLog, "enter {}", id.into_u64()).unwrap();
        }

        fn exit(&self, id: &Id) {
            writeln!(ToLog, "exit {}", id.into_u64()).unwrap();
        }
    }

    #[derive(Default)]
    struct Last(Option<Span>);

    impl Drop for Last {
        fn drop(&mut self) {
            info!("a local goes");
            self.0.take().unwrap().in_scope(|| info!("in a span"));
            perfassert::counter("gone").add(1);
        }
    }

    thread_local! {
        static LAST: RefCell<Last> = RefCell::default();
    }

    fn log() {
        set_global_default(Plain(AtomicU64::new(1))).unwrap();
        let log = || {
            // Before everything else, and so destroyed after it.
            LAST.with_borrow_mut(|last| last.0 = Some(info_span!("last")));
            info_span!("first").in_scope(|| block_on(serve()));
        };
        thread::spawn(log).join().unwrap();
        print_log();
    }

    #[max_queries(2)]
    #[ignore = "a fixture"]
    #[test]
    fn inside() {
        log();
    }

    #[ignore = "a fixture"]
    #[test]
    fn without_us() {
        log();
    }
}

/// A query whose rows nobody reads is told some time after it was dropped.
mod late {
    use futures::StreamExt;
    use perfassert::{Counts, Metric, measure, measure_async};
    use sqlx::SqliteConnection;

    use super::*;
    use crate::shop::connect;

    async fn first_row(connection: &mut SqliteConnection) {
        let mut rows = sqlx::query("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3").fetch(connection);
        rows.next().await.unwrap().unwrap();
    }

    #[track_caller]
    fn check(section: &Counts) {
        assert_eq!(section.get(&Metric::Queries), Some(1));
    }

    #[max_queries(100)]
    #[ignore = "a fixture"]
    #[tokio::test]
    async fn in_sections() {
        let mut connection = connect().await;
        for _ in 0..100 {
            check(&measure_async("one", first_row(&mut connection)).await.1);
        }
    }

    #[ignore = "a fixture"]
    #[test]
    fn in_no_test() {
        let mut connection = block_on(connect());
        for _ in 0..100 {
            check(&measure("one", || block_on(first_row(&mut connection))).1);
        }
    }

    #[max_queries(0)]
    #[ignore = "a fixture"]
    #[test]
    fn in_set_up() {
        let mut connection = block_on(connect());
        for _ in 0..100 {
            perfassert::unmeasured(|| block_on(first_row(&mut connection)));
        }
    }

    #[max_queries(0)]
    #[ignore = "a fixture"]
    #[tokio::test]
    async fn in_async_set_up() {
        let mut connection = connect().await;
        for _ in 0..100 {
            perfassert::unmeasured_async(first_row(&mut connection)).await;
        }
    }
}

/// One process, one test after the other.
mod in_each_test {
    use super::*;

    #[max_queries(2)]
    #[ignore = "a fixture"]
    #[test]
    fn first() {
        let _ = subscriber("info").try_init();
        block_on(serve());
    }

    #[max_queries(2)]
    #[ignore = "a fixture"]
    #[tokio::test]
    async fn second() {
        let _ = subscriber("info").try_init();
        serve().await;
    }

    #[max_queries(0)]
    #[ignore = "a fixture"]
    #[test]
    fn third() {
        let _ = subscriber("info").try_init();
    }
}

/// A logger of the `log` crate, as `env_logger` is one.
mod logger {
    use super::*;

    struct Logger;

    impl log::Log for Logger {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            writeln!(ToLog, "{} {}", record.level(), record.args()).unwrap();
        }

        fn flush(&self) {}
    }

    #[max_queries(2)]
    #[ignore = "a fixture"]
    #[test]
    fn of_the_users() {
        log::set_logger(&Logger).expect("nobody else has set the global logger");
        log::set_max_level(log::LevelFilter::Debug);
        block_on(serve());
        print_log();
    }
}
