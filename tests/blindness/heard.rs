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
