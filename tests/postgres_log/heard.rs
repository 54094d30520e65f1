//! The three ways, each set up inside of the body and before it, and without us.

use std::io::Write;

use log::LevelFilter;
use perfassert::{max_queries, tokio_postgres};
use perfassert_test_support::log::{ToLog, print_log};
use tracing_subscriber::EnvFilter;

use crate::driver::serve;

/// As `env_logger` is one: it filters by target, and leaves the levels to `log`.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        !metadata.target().ends_with("::prepare")
    }

    fn log(&self, record: &log::Record<'_>) {
        writeln!(ToLog, "{} {} {}", record.level(), record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

/// Whether perfassert is there to listen: it is not where the same log is written without it.
#[derive(Clone, Copy, PartialEq)]
enum With {
    Us,
    Nobody,
}

fn install(logger: impl log::Log + 'static, level: LevelFilter, with: With) {
    match with {
        With::Us => tokio_postgres::init_with(logger, level).unwrap(),
        With::Nobody => {
            log::set_boxed_logger(Box::new(logger)).unwrap();
            log::set_max_level(level);
        }
    }
}

fn subscribe(filter: &str) {
    let filter = EnvFilter::new(filter);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .without_time()
        .with_writer(ToLog)
        .init();
}

macro_rules! ways {
    ($($name:ident: |$with:ident| $set:expr;)*) => { $(pub(crate) mod $name {
        use super::*;

        fn set_up($with: With) {
            $set
        }

        #[max_queries(6)]
        fn body() {
            serve();
        }

        #[ignore = "a fixture"]
        #[test]
        fn before() {
            set_up(With::Us);
            body();
            print_log();
        }

        #[max_queries(6)]
        #[ignore = "a fixture"]
        #[test]
        fn inside() {
            set_up(With::Us);
            serve();
            print_log();
        }

        #[max_queries(6)]
        #[ignore = "a fixture"]
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn in_tokio() {
            set_up(With::Us);
            tokio::spawn(async { serve() }).await.unwrap();
            print_log();
        }

        #[ignore = "a fixture"]
        #[test]
        fn without_us() {
            set_up(With::Nobody);
            serve();
            print_log();
        }
    })* };
}

ways! {
    no_logger: |with| if with == With::Us {
        tokio_postgres::init().unwrap();
        tokio_postgres::init().unwrap();
    };
    logger: |with| install(Logger, LevelFilter::Info, with);
    verbose_logger: |with| install(Logger, LevelFilter::Debug, with);
    log_tracer: |_with| subscribe("info");
    log_tracer_off: |_with| subscribe("debug,tokio_postgres=off");
    verbose_log_tracer: |with| {
        subscribe("debug");
        if with == With::Us {
            tokio_postgres::init().unwrap(); // there is nothing to do
        }
    };
    both: |with| {
        install(tracing_log::LogTracer::new(), LevelFilter::Trace, with);
        tracing::subscriber::set_global_default(
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::INFO)
                .with_ansi(false)
                .without_time()
                .with_writer(ToLog)
                .finish(),
        )
        .unwrap();
    };
}
